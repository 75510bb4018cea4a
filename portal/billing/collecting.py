"""Charging what has fallen due: in order, each once, and as far as the balance reaches (rulings 7)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from portal import identity, ledger
from portal.billing.models import Fee
from portal.billing.values import FeeState, Ran, SkipCause
from portal.core import clock, live, scope
from portal.core.db import only_one, session
from portal.core.errors import InvalidInput, NotFound, Refused
from portal.core.failpoints import failpoint
from portal.core.money import Money
from portal.identity import Visitor
from portal.ledger import FEE, REASON_OF_FEE, Charge, FeeKind, FeeSource, Standing

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Bill:
    """A fee that is to be charged; ``row_id`` is None for one that has only just fallen due."""

    client_id: int
    source: FeeSource
    amount: Money
    description: str
    row_id: int | None = None


def waiting_bills(client_id: int) -> list[Bill]:
    """What a client has not paid yet, oldest first."""
    rows = session().execute(
        select(Fee.kind, Fee.item, Fee.first_day, Fee.amount, Fee.description, Fee.id)
        .where(Fee.client_id == client_id, Fee.state == FeeState.UNPAID)
        .order_by(Fee.first_day, Fee.id)
    )
    return [
        Bill(
            client_id,
            FeeSource(FeeKind(row.kind), row.item, row.first_day),
            row.amount,
            row.description,
            row.id,
        )
        for row in rows
    ]


def covered(bills: Sequence[Bill], standing: Standing) -> int:
    """How many of a client's bills, from the first on, its balance pays for.

    SOFT pays for all. HARD stops at the first that is not covered: a younger one does not overtake
    an older one, else small fees would keep a large one unpaid for ever.
    """
    if standing.floor is None:
        return len(bills)
    left = standing.available - standing.floor
    for number, bill in enumerate(bills):
        left -= bill.amount
        if left < Money(0):
            return number
    return len(bills)


def charge_bills(bills: Sequence[Bill], *, posted_at: datetime | None = None) -> dict[int, Money]:
    """Post these; what left each client's wallet. Whatever stands in the books is not posted again."""
    posted = ledger.charge_many(
        [
            Charge(
                bill.client_id,
                bill.amount,
                REASON_OF_FEE[bill.source.kind],
                FEE,
                str(bill.source),
                FEE,
                description=bill.description,
            )
            for bill in bills
        ],
        posted_at=posted_at,
    )
    taken: dict[int, Money] = {}
    for bill, one in zip(bills, posted, strict=True):
        new = one.amount if one.new else Money(0)
        taken[bill.client_id] = taken.get(bill.client_id, Money(0)) + new
    for client_id in taken:
        live.tell("balance-changed", client_id=client_id)
    return taken


def collect(client_id: int) -> Ran:
    """Try again what a client has not paid, under the same references. The client must be locked."""
    bills = waiting_bills(client_id)
    paid = bills[: covered(bills, ledger.standing(client_id, lock=True))] if bills else []
    charge_bills(paid)
    failpoint("billing.charged")
    _mark(paid, state=FeeState.PAID, settled_at=clock.now())
    _mark(bills[len(paid) :], tried_at=clock.now())
    identity.note_owes_fees(client_id, len(paid) < len(bills))
    return Ran(len(paid), len(bills) - len(paid), 0, _sum(paid))


def known_fees(sources: Sequence[FeeSource]) -> set[FeeSource]:
    """Which of these were written down before: somebody set a billing day back. The clients are locked."""
    stood: set[FeeSource] = set()
    for first in range(0, len(sources), _AT_ONCE):
        part = sources[first : first + _AT_ONCE]
        rows = session().execute(
            select(Fee.kind, Fee.item, Fee.first_day).where(
                Fee.kind.in_({one.kind for one in part}),
                Fee.item.in_({one.item for one in part}),
                Fee.first_day >= min(one.first_day for one in part),
            )
        )
        stood.update(FeeSource(FeeKind(row.kind), row.item, row.first_day) for row in rows)
    return stood.intersection(sources)


def pay_again(fee: uuid.UUID, *, by: Visitor | None = None) -> bool:
    """Try now what a client owes for fees, this one with it; False when the balance is not enough.

    What was skipped because it came late is charged after all, as soon as it is covered.
    """
    row = _row(fee)
    identity.client_facts(row.client_id, lock=True)
    revived = only_one(
        update(Fee)
        .where(
            Fee.id == row.id,
            Fee.state == FeeState.SKIPPED,
            Fee.cause.in_((SkipCause.LATE, SkipCause.GONE)),
            Fee.amount > Money(0),
        )
        .values(state=FeeState.UNPAID, cause="")
    )
    if row.state != FeeState.UNPAID and not revived:
        raise Refused("This fee is settled already.", code="settled")
    collect(row.client_id)
    identity.record("fee.tried", by=by, client_id=row.client_id, fee=row.description)
    ledger.review_crossed([row.client_id])
    return bool(_row(fee).state == FeeState.PAID)


def waive(fee: uuid.UUID, words: str, *, by: Visitor | None = None) -> None:
    """Let the client off an unpaid fee, for a reason that is kept: a recorded skip."""
    if not 0 < len(words.strip()) <= 200:
        raise InvalidInput("A reason has 1 to 200 characters.", field="words")
    row = _row(fee)
    identity.client_facts(row.client_id, lock=True)
    mine = only_one(
        update(Fee)
        .where(Fee.id == row.id, Fee.state == FeeState.UNPAID)
        .values(
            state=FeeState.SKIPPED,
            cause=SkipCause.WAIVED,
            words=words.strip(),
            settled_at=clock.now(),
        )
    )
    if not mine:
        raise Refused("This fee is settled already.", code="settled")
    identity.record(
        "fee.waived", by=by, client_id=row.client_id, fee=row.description, amount=str(row.amount)
    )
    collect(row.client_id)
    ledger.review_crossed([row.client_id])


def _row(fee: uuid.UUID) -> Any:
    row = session().execute(
        select(Fee.id, Fee.client_id, Fee.state, Fee.description, Fee.amount).where(
            Fee.public_id == fee
        )
    ).first()  # fmt: skip
    if row is None:
        raise NotFound("There is no such fee.")
    return row


def _mark(bills: Sequence[Bill], **values: Any) -> None:
    ids = [bill.row_id for bill in bills]
    for first in range(0, len(ids), _AT_ONCE):
        session().execute(
            update(Fee)
            .where(
                Fee.reseller_id == scope.reseller_id(), Fee.id.in_(ids[first : first + _AT_ONCE])
            )
            .values(**values),
            execution_options={"synchronize_session": False},
        )


def _sum(bills: Sequence[Bill]) -> Money:
    return sum((bill.amount for bill in bills), Money(0))
