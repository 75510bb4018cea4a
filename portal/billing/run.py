"""The billing run: one client, one transaction, every item and period once."""

from __future__ import annotations

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
from portal.core import clock, scope
from portal.core.db import insert_all, new_public_id, session
from portal.core.errors import NotFound
from portal.core.failpoints import failpoint
from portal.core.money import Money
from portal.core.period import day_start
from portal.identity.facts import reseller_zone


def bill_client(client_id: int, *, today: date | None = None) -> Ran:
    """Charge a client for everything that has fallen due by today. In a transaction.

    Of two runs the second waits for the first and then finds nothing: the client's row is the lock,
    and what was looked at lies behind the next billing day. Should both be wrong, the source of each
    fee is still there only once. SOFT is charged whatever the balance; what HARD cannot pay stands
    unpaid and suspends, and is tried daily and at each payment (rulings 7).
    """
    try:
        client = identity.client_facts(client_id, lock=True)
    except NotFound:
        return Ran()
    failpoint("billing.locked")
    day = today or ledger.posting_day()
    found = find_due(client_id, day, zone=reseller_zone(), most=rules().most_periods)
    failpoint("billing.listed")
    ran = _take(client_id, found.dues, owes=client.owes_fees)
    found.close()
    if ran:
        settle_state(replace(client, owes_fees=ran.unpaid > 0))
    return ran


def bring_fees_in(client_id: int, day: date, *, posted_at: datetime) -> Ran:
    """The same for a day long ago, posted as of then: how a demo gets its past. Nobody is told."""
    found = find_due(client_id, day, zone=reseller_zone(), most=12)
    ran = _take(client_id, found.dues, owes=False, posted_at=posted_at)
    found.close()
    return ran


def clients_to_bill(today: date, *, after: int = 0, most: int = 200) -> list[int]:
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
        .where(everybody.c.client_id > after)
        .order_by(everybody.c.client_id)
        .limit(most)
    )
    return list(ids)


def preview(client_id: int, today: date) -> list[Due]:
    """What a run would find for a client now; nothing is written."""
    zone, most = reseller_zone(), rules().most_periods
    return find_due(client_id, today, zone=zone, most=most).dues


def _take(client_id: int, dues: list[Due], *, owes: bool, posted_at: datetime | None = None) -> Ran:
    """Write down what fell due and charge it, after what was left unpaid before."""
    known = known_fees(client_id, [due.source for due in dues])
    dues = [due for due in dues if due.source not in known]
    fresh = [Bill(due.source, due.amount, due.description) for due in dues if not due.cause]
    number = 0 if owes else covered(fresh, client_id) if fresh else 0
    now, paid = fresh[:number], {bill.source for bill in fresh[:number]}
    insert_all(Fee, [_row(client_id, due, due.source in paid) for due in dues])
    charge_bills(client_id, now, posted_at=posted_at)
    failpoint("billing.charged")
    skipped = sum(1 for due in dues if due.cause)
    if owes:
        return collect(client_id).plus(skipped=skipped)
    if len(now) < len(fresh):
        identity.note_owes_fees(client_id, True)
    return Ran(len(now), len(fresh) - len(now), skipped, sum((b.amount for b in now), Money(0)))


def _row(client_id: int, due: Due, is_paid: bool) -> dict[str, Any]:
    at = clock.now()
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
