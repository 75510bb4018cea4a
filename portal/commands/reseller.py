"""``portal reseller``: the companies that resell on this installation."""

from __future__ import annotations

import click

from portal import identity
from portal.commands import _accounts as accounts
from portal.core.db import transaction
from portal.core.scope import Scope, bind, unscoped
from portal.identity import Role


@click.group("reseller")
def command() -> None:
    """Resellers: add, list, hostname, charges, websites."""


@command.command()
@click.argument("name")
@click.option("--owner-name", prompt=True)
@click.option("--owner-email", prompt=True)
@click.option("--uid", help="Six digits; random when not given.")
@click.option("--currency", default="USD", show_default=True)
@click.option("--country", default="CA", show_default=True)
@click.option("--time-zone", default="America/Toronto", show_default=True)
@click.option("--language", default="en", show_default=True, type=click.Choice(["en", "fr", "es"]))
@accounts.password_option()
def add(
    name: str,
    owner_name: str,
    owner_email: str,
    uid: str | None,
    currency: str,
    country: str,
    time_zone: str,
    language: str,
    password: str,
) -> None:
    """Add a reseller and the owner who logs in."""
    with accounts.the_application():
        chosen = accounts.chosen(password, owner_name, owner_email)
        with unscoped("the operator adds a reseller"), transaction():
            reseller = identity.add_reseller(
                name=name,
                uid=uid,
                currency=currency,
                country=country,
                time_zone=time_zone,
                language=language,
            )
            with bind(Scope(reseller.id)):
                identity.add_staff(
                    name=owner_name, email=owner_email, role=Role.OWNER, password=chosen
                )
        click.echo(f"{reseller.name} has the number {reseller.uid}.")
        click.echo(f"Staff log in at {identity.staff_address()}/login,")
        click.echo(f"clients at {identity.portal_address(reseller)}/login.")


@command.command("list")
def list_() -> None:
    """Every reseller: number, name, address of the client portal."""
    with accounts.the_application():
        for reseller_id in identity.reseller_ids():
            reseller = identity.reseller_facts(reseller_id)
            click.echo(f"{reseller.uid}  {reseller.name}  {identity.portal_address(reseller)}")


@command.command()
@click.argument("uid")
@click.argument("host", required=False)
@click.option("--none", "taken_back", is_flag=True, help="Take the name back.")
def hostname(uid: str, host: str | None, *, taken_back: bool) -> None:
    """Give the portal of the reseller UID its own HOST name, or take it back.

    The name must lead to this installation already: it counts as verified from now on.
    """
    if (host is None) is not taken_back:
        raise click.UsageError("Name a HOST, or say --none.")
    with accounts.the_application():
        with accounts.as_reseller(uid) as reseller:
            identity.set_hostname(host)
        facts = identity.reseller_facts(reseller.id)
        click.echo(f"Clients log in at {identity.portal_address(facts)}/login.")


@command.command()
def charges() -> None:
    """What resellers owe the operator: the fee of each host name, the newest first."""
    with accounts.the_application(), unscoped("the operator lists fees of every reseller"):
        rows = identity.operator_fees()
        for row in rows:
            click.echo(
                f"{row.at:%Y-%m-%d}  {row.uid}  {row.reseller}  {row.reason} {row.subject}"
                f"  {row.amount} {row.currency}"
            )
        if not rows:
            click.echo("No reseller was charged anything.")


@command.command()
@click.argument("uid")
@click.argument("origin", nargs=-1)
def websites(uid: str, origin: tuple[str, ...]) -> None:
    """The websites (https://…) whose login form may log clients of the reseller UID straight in.

    All of them at once: what is not named here is asked "Continue as …?" from now on.
    """
    with accounts.the_application(), accounts.as_reseller(uid):
        kept = identity.set_login_origins("\n".join(origin))
        click.echo("\n".join(kept) or "No website logs clients straight in.")
