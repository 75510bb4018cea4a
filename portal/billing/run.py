"""The billing run: some clients, one transaction, every item and period once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select, union

from portal import identity, ledger, numbers, pricing
from portal.billing import add_ons
from portal.billing.balances import settle_state
from portal.billing.collecting import Bill, charge_bills, collect, covered, known_fees
from portal.billing.items import Due, find_due
from portal.billing.models import Fee
from portal.billing.rules import rules
from portal.billing.values import FeeState, Ran
from portal.core import clock, garbage, scope
from portal.core.db import insert_all, new_public_id, session
from portal.core.failpoints import failpoint
from portal.core.money import Money
from portal.core.period import day_start
from portal.identity.facts import reseller_zone

AT_ONCE = 100  # how many clients share a transaction


def bill_client(client_id: int, *, today: date | None = None) -> Ran:
    """Charge one client for everything that has fallen due by today. In a transaction."""
    return bill_clients([client_id], today=today).get(client_id, Ran())


@garbage.put_off()
def bill_clients(client_ids: Sequence[int], *, today: date | None = None) -> dict[int, Ran]:
    """The same for many, all of them or none; those for whom there was something.

    Of two runs the second waits for the first and then finds nothing: the clients' rows are the locks,
    and what was looked at lies behind the next billing day. Should both be wrong, the source of each
    fee is still there only once. SOFT is charged whatever the balance; what HARD cannot pay stands
    unpaid and suspends, and is tried daily and at each payment (rulings 7).
    """
    clients = identity.hold_clients(client_ids)
    failpoint("billing.locked")
    day = today or ledger.posting_day()
    found = find_due(list(clients), day, zone=reseller_zone(), most=rules().most_periods)
    failpoint("billing.listed")
    owing = {client.id for client in clients.values() if client.owes_fees}
    ran, balances = _take(found.dues, owing)
    found.close()
    for client_id, one in ran.items():
        client, owes = clients[client_id], one.unpaid > 0
        if client.owes_fees != owes:
            client = replace(client, owes_fees=owes)
        settle_state(client, balances[client_id])
    if ran:
        ledger.review_crossed(list(ran))
    return ran


def bring_fees_in(client_id: int, day: date, *, posted_at: datetime) -> Ran:
    """The same for a day long ago, posted as of then: how a demo gets its past. Nobody is told."""
    found = find_due([client_id], day, zone=reseller_zone(), most=12)
    ran, _ = _take(found.dues, set(), posted_at=posted_at)
    found.close()
    return ran.get(client_id, Ran())


def clients_to_bill(
    today: date, *, after: int = 0, until: int | None = None, most: int = AT_ONCE
) -> list[int]:
    """Clients (ids) with something due by today, or unpaid and not tried since the day began."""
    tried_before = day_start(today, reseller_zone())
    everybody = union(
        pricing.clients_with_package_fees_due(today),
        numbers.clients_with_number_fees_due(today),
        add_ons.clients_with_add_ons_due(today),
        select(Fee.client_id).where(
            Fee.state == FeeState.UNPAID,
            or_(Fee.tried_at.is_(None), Fee.tried_at < tried_before),
        ),
    ).subquery("everybody")
    ids = session().scalars(
        select(everybody.c.client_id)
        .where(
            everybody.c.client_id > after,
            *([] if until is None else [everybody.c.client_id <= until]),
        )
        .order_by(everybody.c.client_id)
        .limit(most)
    )
    return list(ids)


def preview(client_id: int, today: date) -> list[Due]:
    """What a run would find for a client now; nothing is written."""
    zone, most = reseller_zone(), rules().most_periods
    return find_due([client_id], today, zone=zone, most=most).dues.get(client_id, [])


def _take(
    found: Mapping[int, list[Due]], owing: set[int], *, posted_at: datetime | None = None
) -> tuple[dict[int, Ran], dict[int, Money]]:
    """Write down what fell due and charge it, after what was left unpaid before; the balances then."""
    known = known_fees([due.source for dues in found.values() for due in dues])
    standings = ledger.hold_standings({*found, *owing})
    at = clock.now()
    rows: list[dict[str, Any]] = []
    charged: list[Bill] = []
    ran: dict[int, Ran] = {}
    for client_id in sorted({*found, *owing}):
        dues = [due for due in found.get(client_id, ()) if due.source not in known]
        bills = [_bill(client_id, due) for due in dues if not due.cause]
        number = 0 if client_id in owing else covered(bills, standings[client_id]) if bills else 0
        paid = {bill.source for bill in bills[:number]}
        rows += [_row(client_id, due, due.source in paid, at) for due in dues]
        charged += bills[:number]
        amount = sum((bill.amount for bill in bills[:number]), Money(0))
        ran[client_id] = Ran(number, len(bills) - number, len(dues) - len(bills), amount)
    insert_all(Fee, rows)
    taken = charge_bills(charged, posted_at=posted_at)
    failpoint("billing.charged")
    balances = {
        client_id: standing.balance - taken.get(client_id, Money(0))
        for client_id, standing in standings.items()
    }
    for client_id, one in ran.items():
        if client_id in owing:
            ran[client_id] = collect(client_id).plus(skipped=one.skipped)
        elif one.unpaid:
            identity.note_owes_fees(client_id, True)
    if owing:
        balances |= ledger.balances_of(owing)
    return {client_id: one for client_id, one in ran.items() if one}, balances


def _bill(client_id: int, due: Due) -> Bill:
    return Bill(client_id, due.source, due.amount, due.description)


def _row(client_id: int, due: Due, is_paid: bool, at: datetime) -> dict[str, Any]:
    state = FeeState.SKIPPED if due.cause else FeeState.PAID if is_paid else FeeState.UNPAID
    return {
        "reseller_id": scope.reseller_id(),
        "client_id": client_id,
        "public_id": new_public_id(),
        "kind": due.source.kind,
        "item": due.source.item,
        "first_day": due.source.first_day,
        "next_day": due.period.next_day,
        "amount": due.amount,
        "description": due.description[:200],
        "state": state,
        "cause": due.cause,
        "words": "",
        "noted_at": at,
        "tried_at": at if state == FeeState.UNPAID else None,
        "settled_at": at if state != FeeState.UNPAID else None,
    }
