"""``portal client``: the clients of a reseller."""

from __future__ import annotations

import click

from portal import identity
from portal.commands import _accounts as accounts
from portal.identity import ClientDetails


@click.group("client")
def command() -> None:
    """Clients of a reseller: add."""


@command.command()
@click.argument("uid")
@click.option("--first-name", prompt=True)
@click.option("--last-name", prompt=True)
@click.option("--email", prompt=True)
@click.option("--company", default="")
@click.option("--language", type=click.Choice(["en", "fr", "es"]))
@click.option("--time-zone")
@accounts.password_option()
def add(
    uid: str,
    first_name: str,
    last_name: str,
    email: str,
    company: str,
    language: str | None,
    time_zone: str | None,
    password: str,
) -> None:
    """Add a client to the reseller UID; language and zone are the reseller's unless given."""
    with accounts.the_application():
        chosen = accounts.chosen(password, f"{first_name} {last_name}", email)
        with accounts.as_reseller(uid) as reseller:
            client = identity.add_client(
                ClientDetails(
                    first_name=first_name,
                    last_name=last_name,
                    email=email,
                    company=company,
                    country=reseller.country,
                    language=language or reseller.language,
                    time_zone=time_zone or reseller.time_zone,
                ),
                password=chosen,
            )
        click.echo(f"{client.title} has the number {client.number}.")
        click.echo(f"They log in at {identity.portal_address(reseller)}/login.")
