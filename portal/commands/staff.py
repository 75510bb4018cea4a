"""``portal staff``: who runs a reseller's back-office."""

from __future__ import annotations

import click

from portal import identity
from portal.commands import _accounts as accounts
from portal.identity import Role


@click.group("staff")
def command() -> None:
    """Staff of a reseller: add, list."""


@command.command()
@click.argument("uid")
@click.option("--name", prompt=True)
@click.option("--email", prompt=True)
@click.option("--role", type=click.Choice([role.value for role in Role]), default="support")
@accounts.password_option()
def add(uid: str, name: str, email: str, role: str, password: str) -> None:
    """Add a member of staff to the reseller UID."""
    with accounts.the_application():
        chosen = accounts.chosen(password, name, email)
        with accounts.as_reseller(uid) as reseller:
            person = identity.add_staff(name=name, email=email, role=Role(role), password=chosen)
        click.echo(f"{person.email} works for {reseller.name} as {role.replace('_', ' ')}.")


@command.command("list")
@click.argument("uid")
def list_(uid: str) -> None:
    """The staff of the reseller UID."""
    with accounts.the_application(), accounts.as_reseller(uid):
        for person in identity.staff_members():
            state = "disabled" if person.disabled_at else person.role
            click.echo(f"{person.email}  {person.name}  {state}")
