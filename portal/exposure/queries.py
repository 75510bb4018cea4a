"""Alarms, worst cases, and who spends how much today: for the pages."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, false, func, literal, or_, select

from portal import calls, pbx, pricing
from portal.calls.models import CallDay
from portal.core.db import MoneyType, session
from portal.core.money import Money
from portal.exposure.limits import default_limits, every_own_limits
from portal.exposure.models import ExposureAlarm, ExposureLimits
from portal.exposure.reckoning import worst_case
from portal.exposure.values import AlarmRow, Kind, Limits, Lines, WorstCase
from portal.identity import SuspendedFor
from portal.identity.models import Client, Person

_MOST = 50


def open_alarms(rows: int = _MOST) -> Sequence[AlarmRow]:
    """Alarms that nobody has worked on, the newest first."""
    return _alarms(ExposureAlarm.worked_at.is_(None), rows=rows)


def alarms_of(client_id: int, rows: int = _MOST) -> Sequence[AlarmRow]:
    """A client's alarms, the open ones first, then the newest."""
    return _alarms(ExposureAlarm.client_id == client_id, rows=rows)


def open_counts(client_ids: Collection[int] | None = None) -> dict[int, int]:
    """How many open alarms clients have: those that have any."""
    statement = (
        select(ExposureAlarm.client_id, func.count(ExposureAlarm.id))
        .where(ExposureAlarm.worked_at.is_(None))
        .group_by(ExposureAlarm.client_id)
    )
    if client_ids is not None:
        statement = statement.where(ExposureAlarm.client_id.in_(client_ids))
    return {client_id or 0: count for client_id, count in session().execute(statement)}


def with_alarms() -> Select[int]:
    """Who has an open alarm: a select for lists."""
    found: Select[Any] = select(ExposureAlarm.client_id).where(ExposureAlarm.worked_at.is_(None))
    return found


def stopped_clients() -> Select[int]:
    """Who is suspended for unusual calls."""
    found: Select[Any] = select(Client.id).where(Client.suspended_for == SuspendedFor.EXPOSURE)
    return found


def over_the_cap(day: date) -> Select[int]:
    """Who has spent the daily cap on a day, or more."""
    default = default_limits().daily_cap
    own = select(ExposureLimits.for_client)
    spent = func.sum(CallDay.price)
    everybody = (
        select(CallDay.owner)
        .where(CallDay.day == day, CallDay.direction == "out", CallDay.owner.not_in(own))
        .group_by(CallDay.owner)
        .having(spent > Money(0), spent >= default if default is not None else false())
    )
    theirs = (
        select(CallDay.owner)
        .join(ExposureLimits, ExposureLimits.for_client == CallDay.owner)
        .where(CallDay.day == day, CallDay.direction == "out", CallDay.owner != 0)
        .group_by(CallDay.owner, ExposureLimits.daily_cap)
        .having(spent > Money(0), spent >= ExposureLimits.daily_cap)
    )
    found: Select[Any] = select(Client.id).where(
        or_(Client.id.in_(everybody), Client.id.in_(theirs))
    )
    return found


def count_of(clients: Select[int]) -> int:
    """How many clients that are not closed one of these selects finds."""
    statement = select(func.count(Client.id)).where(
        Client.id.in_(clients), Client.status.in_(("active", "suspended"))
    )
    return session().scalar(statement) or 0


class SpendRank:
    """What each client has spent on a day: an order for the list of clients."""

    def __init__(self, day: date) -> None:
        self._day = day

    def __call__(self, client_id: Any) -> Any:
        spent = (
            select(CallDay.price)
            .where(CallDay.owner == client_id, CallDay.day == self._day, CallDay.direction == "out")
            .scalar_subquery()
        )
        return func.coalesce(spent, literal(Money(0), MoneyType()), type_=MoneyType())


def limits_by_client(client_ids: Collection[int]) -> dict[int, Limits]:
    """What holds for each of these clients."""
    own, default = every_own_limits(client_ids), default_limits()
    return {client_id: own.get(client_id, default) for client_id in client_ids}


def worst_cases(client_ids: Collection[int] | None = None) -> dict[int, tuple[Lines, WorstCase]]:
    """What each of these clients (everybody with a sub-account) could lose us, and with which lines."""
    locks = pbx.line_locks(client_ids)
    dearest = pricing.dearest_minutes({one.package_id for one in locks})
    lines: dict[int, Lines] = {one: Lines(0, 0, 0, 0) for one in client_ids or ()}
    for one in locks:
        so_far, minute = lines.get(one.client_id, Lines(0, 0, 0, 0)), dearest[one.package_id]
        lines[one.client_id] = Lines(
            so_far.all + 1,
            so_far.open + (not one.locked),
            max(so_far.home_e8, minute.home_e8),
            max(so_far.abroad_e8, 0 if one.locked else minute.anywhere_e8),
        )
    own, default = every_own_limits(client_ids), default_limits()
    return {
        client_id: (of, worst_case(own.get(client_id, default), of))
        for client_id, of in lines.items()
    }


def spent_today(client_ids: Collection[int], today: date) -> dict[int, Money]:
    """What clients were charged today for calls out, from the roll-ups."""
    return calls.spent_on(today, client_ids)


def spent_on(today: date) -> Money:
    """The same for all clients together."""
    return sum(calls.spent_on(today).values(), Money(0))


def _alarms(condition: Any, *, rows: int) -> Sequence[AlarmRow]:
    statement = (
        select(ExposureAlarm, Person.name)
        .outerjoin(Person, Person.id == ExposureAlarm.worked_by_id)
        .where(condition)
        .order_by(ExposureAlarm.worked_at.is_not(None), ExposureAlarm.id.desc())
        .limit(rows)
    )
    return [_row(alarm, name) for alarm, name in session().execute(statement)]


def _row(alarm: ExposureAlarm, worked_by: str | None) -> AlarmRow:
    return AlarmRow(
        id=alarm.id,
        public_id=alarm.public_id,
        client_id=alarm.client_id or 0,
        kind=Kind(alarm.kind),
        day=alarm.day,
        seen_at=alarm.seen_at,
        spent=alarm.spent,
        seconds=alarm.seconds,
        calls=alarm.calls,
        allowed=alarm.allowed,
        places=tuple(alarm.places),
        call_ids=tuple(uuid.UUID(one) for one in alarm.call_ids),
        stopped=alarm.stopped,
        worked_at=alarm.worked_at,
        worked=alarm.worked,
        worked_by=worked_by or "",
    )
