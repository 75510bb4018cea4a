"""``portal carrier``: the login at the telephone carrier that a reseller's calls come from."""

from __future__ import annotations

from decimal import Decimal

import click

from portal import numbers, upstream
from portal.carriers import VOIPMS_URL
from portal.commands import _accounts as accounts


@click.group("carrier")
def command() -> None:
    """The carrier of a reseller: connect, callback."""


@command.command()
@click.argument("uid")
@click.option("--username", prompt="API username")
@click.option(
    "--password",
    envvar="PORTAL_CARRIER_PASSWORD",
    prompt="API password",
    hide_input=True,
    help="Asked for when PORTAL_CARRIER_PASSWORD is not set.",
)
@click.option("--base-url", default=VOIPMS_URL, show_default=True)
def connect(uid: str, username: str, password: str, base_url: str) -> None:
    """Try a login of the reseller UID, then keep it; calls come in from the next minute on."""
    with accounts.the_application():
        # Before the transaction: the database does not wait for a carrier.
        balance = upstream.try_login(username, password, base_url=base_url)
        with accounts.as_reseller(uid):
            upstream.connect_login(username, password, base_url=base_url)
            left = Decimal(balance.current_e8).scaleb(-8)
            click.echo(f"The carrier answers; {left:.2f} are left there.")
            click.echo(f"SMS callback of each number: {_callback()}")


@command.command()
@click.argument("uid")
@click.option("--renew", is_flag=True, help="Make a new secret; the old address stops at once.")
def callback(uid: str, *, renew: bool) -> None:
    """The address that the carrier calls for each text; it contains a secret."""
    with accounts.the_application(), accounts.as_reseller(uid):
        told = 0
        if renew:
            upstream.new_hook_secret()
            told = numbers.push_all_later()
        click.echo(_callback())
        if told:
            click.echo(
                f"Numbers that the carrier is told it for: {told}; texts are polled meanwhile."
            )
        elif renew:
            click.echo("The carrier is not told: enter the address there for each number.")


def _callback() -> str:
    address = upstream.callback_address()
    if address is None:
        raise click.ClickException("No carrier is connected yet: portal carrier connect UID")
    return address
