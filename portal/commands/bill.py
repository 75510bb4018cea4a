"""``portal bill``: the billing run by hand, beside the one that the schedule starts every hour."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import click

from portal import billing, identity, ledger
from portal.commands import _accounts as accounts
from portal.core.db import finish_reading, transaction
from portal.core.scope import Scope, bind
from portal.identity import ClientFacts


@click.command("bill")
@click.option("--client", "number", default="", help="Only the client with this user ID.")
@click.option("--reseller", "uid", default="", help="Only the clients of the reseller UID.")
@click.option("--dry-run", is_flag=True, help="Say what would be charged, and charge nothing.")
def command(number: str, uid: str, dry_run: bool) -> None:
    """Charge clients for everything that has fallen due by today, each item and period once.

    A second run, or one beside it, finds nothing left and does no harm.
    """
    with accounts.the_application():
        for reseller_id in _resellers(uid):
            with bind(Scope(reseller_id)):
                today = ledger.posting_day()
                for client in _clients(number, today):
                    _show(client, today) if dry_run else _bill(client)


def _resellers(uid: str) -> list[int]:
    if not uid:
        return identity.reseller_ids()
    found = identity.reseller_by_uid(uid)
    if found is None:
        raise click.ClickException(f"There is no reseller {uid}.")
    return [found.id]


def _clients(number: str, today: date) -> Iterator[ClientFacts]:
    """One client, or everybody with something due; read in pieces, so that nothing stays open."""
    if number:
        wanted = identity.ids_with_number(number)
        finish_reading()
        yield from identity.clients_by_id(wanted).values()
        return
    last: int | None = 0
    while last is not None:
        ids = billing.clients_to_bill(today, after=last)
        known = identity.clients_by_id(set(ids))
        finish_reading()
        for client_id in ids:
            yield known[client_id]
        last = ids[-1] if ids else None


def _bill(client: ClientFacts) -> None:
    with transaction():
        ran = billing.bill_client(client.id)
    if ran:
        click.echo(
            f"{client.number} {client.title}: {ran.paid} charged ({ran.amount}),"
            f" {ran.unpaid} unpaid, {ran.skipped} skipped."
        )


def _show(client: ClientFacts, today: date) -> None:
    dues = billing.preview(client.id, today)
    finish_reading()
    for due in dues:
        what = f"skipped: {due.cause}" if due.cause else str(due.amount)
        click.echo(
            f"{client.number} {client.title}: {due.period.first_day} {due.source.kind}"
            f" {due.description}: {what}"
        )
