"""Finding calls again: lists by keyset, totals of a period, one call with its worksheet."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select, tuple_

from portal.calls.models import Call, CallDay, CallMonth, ImportMark
from portal.calls.values import NEED_ATTENTION, CallFilter, CallSort
from portal.core import scope as scopes
from portal.core.db import MoneyType, session
from portal.core.errors import NotFound
from portal.core.money import Money
from portal.core.paging import Page
from portal.identity.models import Client
from portal.pbx.models import SubAccount
from portal.rating import Worksheet

PAGE_ROWS = 50
# Beyond this another order than time would read too much (rulings 30).
SORTABLE_ROWS = 10_000

_LISTED = (
    Call.id,
    Call.public_id,
    Call.client_id,
    Call.direction,
    Call.account,
    Call.started_at,
    Call.ambiguous_hour,
    Call.caller_name,
    Call.caller_number,
    Call.destination,
    Call.description,
    Call.disposition,
    Call.seconds,
    Call.billed_seconds,
    Call.free_minutes,
    Call.state,
    Call.rate_e8,
    Call.price,
    Call.cost,
)


class CallRow(NamedTuple):
    """One line of a list, in the order of the columns above, then the line's name and the client."""

    id: int
    public_id: uuid.UUID
    client_id: int | None
    direction: str
    account: str
    started_at: datetime
    ambiguous_hour: bool
    caller_name: str
    caller_number: str
    destination: str
    description: str
    disposition: str
    seconds: int
    billed_seconds: int
    free_minutes: int
    state: str
    rate_e8: int | None
    price: Money | None
    cost: Money
    line: str | None
    client_name: str | None

    @property
    def other_side(self) -> str:
        """The number at the other end, seen from the client."""
        return self.caller_number if self.direction == "in" else self.destination

    @property
    def profit(self) -> Money | None:
        """Price less cost; None while there is no price."""
        return None if self.price is None else self.price - self.cost


class Totals(NamedTuple):
    """Sums of what a filter finds. ``price`` is what clients were charged, ``cost`` the carrier's."""

    calls: int = 0
    answered: int = 0
    seconds: int = 0
    billed_seconds: int = 0
    price: Money = Money(0)
    cost: Money = Money(0)

    @property
    def profit(self) -> Money:
        return self.price - self.cost

    def plus(self, other: Totals) -> Totals:
        """Both together."""
        return Totals(
            self.calls + other.calls,
            self.answered + other.answered,
            self.seconds + other.seconds,
            self.billed_seconds + other.billed_seconds,
            self.price + other.price,
            self.cost + other.cost,
        )

    @property
    def average_seconds(self) -> int:
        """Of the answered ones."""
        return round(self.seconds / self.answered) if self.answered else 0


class Day(NamedTuple):
    """One bar of a chart."""

    day: date
    calls: int
    answered: int
    price: Money
    cost: Money


def search(
    wanted: CallFilter,
    *,
    after: str | None = None,
    before: str | None = None,
    rows: int = PAGE_ROWS,
) -> Page[CallRow]:
    """One page, newest first. ``after`` and ``before`` are cursors of a Page; nonsense is no cursor."""
    if wanted.sort is not CallSort.WHEN and count_up_to(wanted, SORTABLE_ROWS) <= SORTABLE_ROWS:
        return _sorted_page(wanted, after, rows)
    position = (Call.started_at, Call.id)
    statement = _listed(wanted)
    older, newer = _cursor(after), _cursor(before)
    if newer is not None:
        statement = statement.where(_beyond(position, newer, newer_than=True)).order_by(
            Call.started_at.asc(), Call.id.asc()
        )
    else:
        if older is not None:
            statement = statement.where(_beyond(position, older, newer_than=False))
        statement = statement.order_by(Call.started_at.desc(), Call.id.desc())
    found = [CallRow(*row) for row in session().execute(statement.limit(rows + 1))]
    more = len(found) > rows
    found = found[:rows]
    if newer is not None:
        found.reverse()
    has_newer = more if newer is not None else older is not None
    has_older = newer is not None or more
    return Page(
        found,
        older=_cursor_of(found[-1]) if found and has_older else None,
        newer=_cursor_of(found[0]) if found and has_newer else None,
    )


def every(
    wanted: CallFilter, *, after_id: int = 0, up_to_id: int | None = None, rows: int = 5_000
) -> list[CallRow]:
    """The next rows of a long reading, oldest id first: give the last id back to go on.

    ``up_to_id`` is ``last_id`` of the beginning, so that a reading ends while calls still arrive.
    """
    statement = _listed(wanted).where(Call.id > after_id).order_by(Call.id).limit(rows)
    if up_to_id is not None:
        statement = statement.where(Call.id <= up_to_id)
    return [CallRow(*row) for row in session().execute(statement)]


def complete_until() -> datetime | None:
    """Every call that began before this moment has been asked for; None before the first import."""
    return session().scalar(select(ImportMark.complete_until).where(ImportMark.kind == "calls"))


def last_import() -> tuple[datetime, int] | None:
    """When the last whole look at the carrier's calls began, and how many were new in it."""
    row = (
        session()
        .execute(
            select(ImportMark.last_run_at, ImportMark.last_new).where(ImportMark.kind == "calls")
        )
        .one_or_none()
    )
    return None if row is None or row.last_run_at is None else (row.last_run_at, row.last_new)


def last_id() -> int:
    """The newest call's id, where a long reading ends."""
    return session().scalar(select(func.max(Call.id))) or 0


def starts(wanted: CallFilter, *, most: int = 5_000) -> list[tuple[datetime, bool]] | None:
    """When each call of a filter began and whether it was answered; None when there are too many."""
    rows = session().execute(
        select(Call.started_at, Call.disposition).where(*conditions(wanted)).limit(most + 1)
    )
    found = [(started_at, disposition == "answered") for started_at, disposition in rows]
    return None if len(found) > most else found


def count_up_to(wanted: CallFilter, most: int) -> int:
    """How many calls, but counted no further than one beyond ``most``."""
    inner = select(Call.id).where(*conditions(wanted)).limit(most + 1).subquery()
    return session().scalar(select(func.count()).select_from(inner)) or 0


def totals(wanted: CallFilter) -> Totals:
    """Sums over the chosen period (up to 92 days of raw rows)."""
    answered = Call.disposition == "answered"
    row = (
        session()
        .execute(
            select(
                func.count(Call.id),
                func.sum(case((answered, 1), else_=0)),
                func.sum(Call.seconds),
                func.sum(Call.billed_seconds),
                func.sum(Call.price),
                func.sum(Call.cost),
            ).where(*conditions(wanted))
        )
        .one()
    )
    count, answers, seconds, billed, price, cost = row
    return Totals(
        count, int(answers or 0), int(seconds or 0), int(billed or 0),
        price or Money(0), cost or Money(0),
    )  # fmt: skip


def days(first: date, last: date, *, client_id: int | None = None) -> list[Day]:
    """Sums by day from the roll-up, days without calls left out.

    The roll-up knows no sub-accounts: for somebody limited to some the calls themselves are summed.
    """
    if scopes.only() is not None:
        return _days_of_calls(first, last, client_id)
    statement = (
        select(
            CallDay.day,
            func.sum(CallDay.calls),
            func.sum(CallDay.answered),
            func.sum(CallDay.price),
            func.sum(CallDay.cost),
        )
        .where(CallDay.day >= first, CallDay.day <= last)
        .group_by(CallDay.day)
        .order_by(CallDay.day)
    )
    if client_id is not None:
        statement = statement.where(CallDay.client_id == client_id)
    return [
        Day(day, int(count), int(answers), price or Money(0), cost or Money(0))
        for day, count, answers, price, cost in session().execute(statement)
    ]


def by_month(first: date, last: date, *, client_id: int) -> dict[date, Totals]:
    """A client's sums by month (its first day) from the roll-up, by the day each call began."""
    rows = session().execute(
        select(
            CallMonth.month,
            func.sum(CallMonth.calls),
            func.sum(CallMonth.answered),
            func.sum(CallMonth.seconds),
            func.sum(CallMonth.billed_seconds),
            func.sum(CallMonth.price),
            func.sum(CallMonth.cost),
        )
        .where(
            CallMonth.client_id == client_id,
            CallMonth.month >= first.replace(day=1),
            CallMonth.month <= last,
        )
        .group_by(CallMonth.month)
    )
    return {
        row[0]: Totals(int(row[1]), int(row[2]), int(row[3]), int(row[4]), row[5], row[6])
        for row in rows
    }


def _days_of_calls(first: date, last: date, client_id: int | None) -> list[Day]:
    statement = (
        select(
            Call.local_day,
            func.count(Call.id),
            func.sum(case((Call.disposition == "answered", 1), else_=0)),
            func.sum(Call.price),
            func.sum(Call.cost),
        )
        .where(Call.local_day >= first, Call.local_day <= last)
        .where(Call.started_at >= _a_day_before(first))
        .group_by(Call.local_day)
        .order_by(Call.local_day)
    )
    if client_id is not None:
        statement = statement.where(Call.client_id == client_id)
    return [
        Day(day, int(count), int(answers or 0), price or Money(0), cost or Money(0))
        for day, count, answers, price, cost in session().execute(statement)
    ]


def _a_day_before(day: date) -> datetime:
    """Early enough in every zone, so that the index over moments bounds the reading."""
    return datetime.combine(day, time(), UTC) - timedelta(days=1)


def by_client(
    first: date, last: date, *, owners: Sequence[int] | None = None
) -> list[tuple[int, Totals]]:
    """Sums by client (id, 0 for unknown owners) over whole days, from the roll-up; or of these only."""
    of_these = [] if owners is None else [CallDay.owner.in_(owners)]
    rows = session().execute(
        select(
            CallDay.owner,
            func.sum(CallDay.calls),
            func.sum(CallDay.answered),
            func.sum(CallDay.seconds),
            func.sum(CallDay.billed_seconds),
            func.sum(CallDay.price),
            func.sum(CallDay.cost),
        )
        .where(CallDay.day >= first, CallDay.day <= last, *of_these)
        .group_by(CallDay.owner)
        .order_by(CallDay.owner)
    )
    return [
        (
            owner,
            Totals(
                int(calls), int(answered), int(seconds), int(billed),
                price or Money(0), cost or Money(0),
            ),
        )
        for owner, calls, answered, seconds, billed, price, cost in rows
    ]  # fmt: skip


def sums_by_client(wanted: CallFilter) -> list[tuple[int, Totals]]:
    """Sums by client (id, 0 for unknown owners) of what a filter finds, from the calls themselves."""
    rows = session().execute(
        select(
            func.coalesce(Call.client_id, 0),
            func.count(),
            func.sum(case((Call.disposition == "answered", 1), else_=0)),
            func.sum(Call.seconds),
            func.sum(Call.billed_seconds),
            func.sum(Call.price),
            func.sum(Call.cost),
        )
        .where(*conditions(wanted))
        .group_by(Call.client_id)
    )
    return [
        (
            owner,
            Totals(
                count, int(answers), int(seconds), int(billed), price or Money(0), cost or Money(0)
            ),
        )
        for owner, count, answers, seconds, billed, price, cost in rows
    ]


def profit_by_day(first: date, last: date, owners: Sequence[int]) -> dict[int, dict[date, Money]]:
    """What each of these clients earned the reseller by day, from the roll-up: one query."""
    rows = session().execute(
        select(CallDay.owner, CallDay.day, func.sum(CallDay.price), func.sum(CallDay.cost))
        .where(CallDay.day >= first, CallDay.day <= last, CallDay.owner.in_(owners))
        .group_by(CallDay.owner, CallDay.day)
    )
    found: dict[int, dict[date, Money]] = {}
    for owner, day, price, cost in rows:
        found.setdefault(owner, {})[day] = (price or Money(0)) - (cost or Money(0))
    return found


def find(public_id: uuid.UUID) -> tuple[CallRow, Worksheet | None]:
    """One call and the facts of its price; NotFound when it is not in scope."""
    row = session().execute(_columns(Call.worksheet).where(Call.public_id == public_id)).first()
    if row is None:
        raise NotFound("There is no such call.")
    *listed, worksheet = row
    return CallRow(*listed), json.loads(worksheet) if worksheet else None


def key_of(call: uuid.UUID) -> str | None:
    """The name under which a call stands in the books."""
    return session().scalar(select(Call.carrier_key).where(Call.public_id == call))


def worksheet_of(client_id: int, key: str) -> tuple[CallRow, Worksheet | None] | None:
    """A client's call by the name under which it stands in the books; None when it is not theirs now."""
    public_id = session().scalar(
        select(Call.public_id).where(Call.carrier_key == key, Call.client_id == client_id)
    )
    return None if public_id is None else find(public_id)


def seconds_of(keys: Sequence[str]) -> dict[str, int]:
    """How long calls were, by the names under which they stand in the books."""
    found: dict[str, int] = {}
    for start in range(0, len(keys), 500):
        rows = session().execute(
            select(Call.carrier_key, Call.seconds).where(
                Call.carrier_key.in_(keys[start : start + 500])
            )
        )
        found.update((row.carrier_key, row.seconds) for row in rows)
    return found


def attention(rows: int = 100) -> Sequence[CallRow]:
    """The newest calls that wait for a rate or an owner."""
    statement = (
        _columns()
        .where(Call.state.in_(NEED_ATTENTION))
        .order_by(Call.started_at.desc(), Call.id.desc())
        .limit(rows)
    )
    return [CallRow(*row) for row in session().execute(statement)]


def attention_counts() -> dict[str, int]:
    """How many wait, by state."""
    rows = session().execute(
        select(Call.state, func.count(Call.id))
        .where(Call.state.in_(NEED_ATTENTION))
        .group_by(Call.state)
    )
    return {row[0]: row[1] for row in rows}


def _listed(wanted: CallFilter) -> Select[Any]:
    return _columns().where(*conditions(wanted))


def _columns(*more: Any) -> Select[Any]:
    columns: list[Any] = [*_LISTED, SubAccount.description, client_name(), *more]
    return (
        select(*columns)
        .select_from(Call)
        .outerjoin(SubAccount, SubAccount.id == Call.sub_account_id)
        .outerjoin(Client, Client.id == Call.client_id)
    )


def client_name() -> ColumnElement[str]:
    """What lists call a client."""
    return case(
        (Client.company != "", Client.company), else_=Client.first_name + " " + Client.last_name
    )


def conditions(wanted: CallFilter) -> list[ColumnElement[bool]]:
    """What a filter asks of each call."""
    found: list[ColumnElement[bool]] = [
        Call.started_at >= wanted.since,
        Call.started_at < wanted.until,
    ]
    if wanted.client_id is not None:
        found.append(Call.client_id == wanted.client_id)
    if wanted.sub_account_id is not None:
        found.append(Call.sub_account_id == wanted.sub_account_id)
    if wanted.direction:
        found.append(Call.direction == wanted.direction)
    if wanted.dispositions:
        found.append(Call.disposition.in_(wanted.dispositions))
    if wanted.states:
        found.append(Call.state.in_(wanted.states))
    if wanted.text:
        found.append(_mentions(wanted.text))
    return found


def _mentions(text: str) -> ColumnElement[bool]:
    """A piece of a number, however it is spelled, or of a name."""
    digits = "".join(character for character in text if character.isdigit())
    name = func.lower(Call.caller_name).contains(text.lower(), autoescape=True)
    described = func.lower(Call.description).contains(text.lower(), autoescape=True)
    if not digits:
        return or_(name, described)
    return or_(
        name,
        Call.caller_number.contains(digits, autoescape=True),
        Call.destination.contains(digits, autoescape=True),
    )


def _sorted_page(wanted: CallFilter, after: str | None, rows: int) -> Page[CallRow]:
    """By length or price, largest first; pages are counted, since the period is small."""
    column = (
        Call.seconds
        if wanted.sort is CallSort.LENGTH
        else func.coalesce(Call.price, literal(Money(-1), MoneyType()))
    )
    offset = int(after) if after and after.isascii() and after.isdigit() and len(after) < 6 else 0
    statement = _listed(wanted).order_by(column.desc(), Call.id.desc())
    found = [CallRow(*row) for row in session().execute(statement.offset(offset).limit(rows + 1))]
    older = str(offset + rows) if len(found) > rows else None
    newer = str(max(offset - rows, 0)) if offset else None
    return Page(found[:rows], older=older, newer=newer)


def before_place(at: datetime, last_id: int) -> Any:
    """Older than a place in the list, newest first."""
    return _beyond((Call.started_at, Call.id), (at, last_id), newer_than=False)


def _beyond(position: tuple[Any, Any], cursor: tuple[datetime, int], *, newer_than: bool) -> Any:
    started_at, row_id = position
    at, last_id = cursor
    if session().get_bind().dialect.name == "postgresql":
        pair, mark = tuple_(started_at, row_id), (at, last_id)
        return pair > mark if newer_than else pair < mark
    if newer_than:
        return or_(started_at > at, and_(started_at == at, row_id > last_id))
    return and_(started_at <= at, or_(started_at < at, row_id < last_id))


def _cursor_of(row: CallRow) -> str:
    """A call's place in words that may leave the server."""
    return row.public_id.hex


def _cursor(text: str | None) -> tuple[datetime, int] | None:
    try:
        public_id = uuid.UUID(hex=text or "")
    except ValueError:
        return None
    row = (
        session()
        .execute(select(Call.started_at, Call.id).where(Call.public_id == public_id))
        .first()
    )
    return None if row is None else (row.started_at, row.id)
