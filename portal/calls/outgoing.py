"""What clients called lately, for whoever watches over what that costs."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import and_, func, or_, select

from portal.calls.models import Call, CallDay
from portal.calls.pricer import one_spelling
from portal.carriers import CarrierCall, Direction, Disposition
from portal.core import clock
from portal.core.db import session
from portal.core.money import Money
from portal.core.queue import enqueue
from portal.tasks import REVIEW_EXPOSURE

# What came later than this is no attack that goes on.
_LATELY = timedelta(hours=48)
_AT_ONCE = 5_000


class Outgoing(NamedTuple):
    """An answered outgoing call; without a ``price`` it is not charged yet."""

    public_id: uuid.UUID
    destination: str
    started_at: datetime
    local_day: date
    seconds: int
    price: Money | None
    cost: Money
    rate_e8: int | None
    imported_at: datetime


def outgoing(client_id: int, first_day: date, *, at_once: int = _AT_ONCE) -> list[Outgoing]:
    """A client's answered outgoing calls from a day of the reseller's on, the newest first: all of them."""
    statement = (
        select(
            Call.public_id, Call.destination, Call.started_at, Call.local_day, Call.seconds,
            Call.price, Call.cost, Call.rate_e8, Call.imported_at, Call.id,
        )
        .where(
            Call.client_id == client_id,
            Call.direction == "out",
            Call.disposition == "answered",
            # The index knows when calls began; the day decides.
            Call.started_at >= datetime.combine(first_day, datetime.min.time(), clock.now().tzinfo)
            - timedelta(days=1),
            Call.local_day >= first_day,
        )
        .order_by(Call.started_at.desc(), Call.id.desc())
        .limit(at_once)
    )  # fmt: skip
    found: list[Outgoing] = []
    rows = session().execute(statement).all()
    while rows:
        found += (Outgoing(row[0], one_spelling(row[1]), *row[2:9]) for row in rows)
        if len(rows) < at_once:
            break
        at, last = rows[-1].started_at, rows[-1].id
        earlier = or_(Call.started_at < at, and_(Call.started_at == at, Call.id < last))
        rows = session().execute(statement.where(earlier)).all()
    return found


def called(client_id: int, since: datetime, until: datetime) -> set[str]:
    """Every number that a client reached between two moments."""
    rows = session().scalars(
        select(Call.destination)
        .where(
            Call.client_id == client_id,
            Call.direction == "out",
            Call.disposition == "answered",
            Call.started_at >= since,
            Call.started_at < until,
        )
        .distinct()
    )
    return {one_spelling(row) for row in rows}


def numbers_of(public_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """What was dialled in these calls."""
    rows = session().execute(
        select(Call.public_id, Call.destination).where(Call.public_id.in_(public_ids))
    )
    return {row.public_id: one_spelling(row.destination) for row in rows}


def spent_on(day: date, client_ids: Collection[int] | None = None) -> dict[int, Money]:
    """What clients were charged for outgoing calls of a day, from the roll-ups."""
    statement = (
        select(CallDay.owner, func.sum(CallDay.price))
        .where(CallDay.day == day, CallDay.direction == "out", CallDay.owner != 0)
        .group_by(CallDay.owner)
    )
    if client_ids is not None:
        statement = statement.where(CallDay.owner.in_(client_ids))
    return {row[0]: row[1] for row in session().execute(statement)}


def have_reviewed(calls: Iterable[tuple[int | None, CarrierCall]]) -> None:
    """Let what these calls of clients mean for them be looked at, once each. In their transaction."""
    since = clock.now() - _LATELY
    for client_id in sorted({
        client_id
        for client_id, call in calls
        if client_id is not None
        and call.direction is Direction.OUT
        and call.disposition is Disposition.ANSWERED
        and call.started_at >= since
    }):  # fmt: skip
        enqueue(REVIEW_EXPOSURE, client_id=client_id)
