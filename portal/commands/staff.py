"""``portal staff``: who runs a reseller's back-office."""

from __future__ import annotations

import click

from portal import identity, mail
from portal.commands import _accounts as accounts
from portal.identity import Role


@click.group("staff")
def command() -> None:
    """Staff of a reseller: add, list, help in again."""


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


@command.command("reset-second-step")
@click.argument("uid")
@click.argument("email")
def reset_second_step(uid: str, email: str) -> None:
    """Turn off 2-step login of EMAIL at the reseller UID, who lost telephone and recovery codes."""
    with accounts.the_application():
        with accounts.as_reseller(uid):
            mail.tell_second_step_changed(identity.reset_staff_second_step(email), is_on=False)
        click.echo(f"{email} logs in with the password alone now.")


@command.command("list")
@click.argument("uid")
def list_(uid: str) -> None:
    """The staff of the reseller UID."""
    with accounts.the_application(), accounts.as_reseller(uid):
        for person in identity.staff_members():
            state = "disabled" if person.disabled_at else person.role
            click.echo(f"{person.email}  {person.name}  {state}")
