"""``portal invoice``: issue months by hand, beside the run that the schedule starts every hour."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import click

from portal import identity, invoices
from portal.commands import _accounts as accounts
from portal.core.db import finish_reading, transaction
from portal.core.scope import Scope, bind
from portal.identity import ClientFacts


@click.command("invoice")
@click.option("--month", "month", default="", help="Up to this month, like 2026-10; else the last.")
@click.option("--client", "number", default="", help="Only the client with this user ID.")
@click.option("--reseller", "uid", default="", help="Only the clients of the reseller UID.")
@click.option("--dry-run", is_flag=True, help="Say what would be issued, and write nothing.")
def command(month: str, number: str, uid: str, dry_run: bool) -> None:
    """Issue every month that is over and has no invoice yet, in order, each once.

    A second run, or one beside it, finds nothing left and does no harm.
    """
    until = _month(month)
    with accounts.the_application():
        for reseller_id in _resellers(uid):
            with bind(Scope(reseller_id)):
                wanted = identity.ids_with_number(number) if number else None
                due = invoices.due_months(wanted, until=until)
                known = identity.clients_by_id(set(due))
                finish_reading()
                say = _show if dry_run else _issue
                for client_id, months in due.items():
                    for one in months:
                        for line in say(known[client_id], one):
                            click.echo(line)


def _issue(client: ClientFacts, month: date) -> Iterator[str]:
    with transaction():
        done = invoices.issue_month(client.id, month)
    if done is None:
        return
    made = [*([done.invoice] if done.invoice else []), *done.credits]
    for paper in made:
        yield f"{client.number} {client.title}: {month:%Y-%m} {paper.number} {paper.total}"
    if not made:
        yield f"{client.number} {client.title}: {month:%Y-%m} {done.month}"


def _show(client: ClientFacts, month: date) -> Iterator[str]:
    found = invoices.draft(client.id, month)
    finish_reading()
    total = f" {found.content.total}" if found.content else ""
    yield f"{client.number} {client.title}: {month:%Y-%m} would be {found.outcome}{total}"


def _month(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise click.BadParameter("Write a month like 2026-10.", param_hint="--month") from error


def _resellers(uid: str) -> list[int]:
    if not uid:
        return identity.reseller_ids()
    found = identity.reseller_by_uid(uid)
    if found is None:
        raise click.ClickException(f"There is no reseller {uid}.")
    return [found.id]
