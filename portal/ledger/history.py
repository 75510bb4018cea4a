"""A client's history: lines with the running balance, a page at a time, and a period's totals."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    Date,
    Select,
    Subquery,
    case,
    func,
    literal,
    select,
    true,
    tuple_,
)

from portal.core.db import MoneyType, session
from portal.core.money import Money
from portal.core.paging import Page
from portal.ledger.accounts import wallet_of
from portal.ledger.lines import SINGLE_RANK, USAGE_POSITION, USAGE_RANK, lines
from portal.ledger.models import Balance, Transfer
from portal.ledger.values import (
    DEPOSITS,
    FEES,
    USAGE,
    HistoryFilter,
    HistoryKind,
    Line,
    Reason,
    Totals,
    UsageItem,
)

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class History:
    """One page of lines, newest first, and the totals of the whole period whatever the kind."""

    page: Page[Line]
    totals: Totals


def history(
    client_id: int,
    chosen: HistoryFilter | None = None,
    *,
    cursor: str | None = None,
    page_size: int = PAGE_SIZE,
) -> History:
    """The lines of a period, newest first, each with the balance after it (rulings 9).

    ``cursor`` is one of the page's own; an unknown one shows the newest lines. The balance of a line
    counts every line before it, also those that the chosen kind leaves out. Numbers of one answer
    are of one moment: they come from one statement.
    """
    chosen = chosen or HistoryFilter()
    wallet = wallet_of(client_id)
    at = _parse(cursor)
    every = lines(client_id, wallet, since=chosen.first, fold_reversed=chosen.fold_reversed)
    sums = _sums(every, chosen.last)
    page = _shown(every, chosen, at).limit(page_size + 1).subquery("page")
    rows = (
        session()
        .execute(
            select(Balance.balance.label("now"), sums, page)
            .select_from(Balance)
            .join(sums, true())
            .outerjoin(page, true())
            .where(Balance.account_id == wallet)
            .order_by(page.c.day, page.c.rank, page.c.position)
        )
        .all()
    )
    totals = _totals(rows[0])
    found = [_line(row, totals.opening) for row in rows if row.day is not None]
    return History(_page(found, at, page_size), totals)


def totals(client_id: int, first: date | None = None, last: date | None = None) -> Totals:
    """What a client paid and was charged from one posting day to another, both included."""
    wallet = wallet_of(client_id)
    sums = _sums(lines(client_id, wallet, since=first), last)
    row = (
        session()
        .execute(
            select(Balance.balance.label("now"), sums)
            .select_from(Balance)
            .join(sums, true())
            .where(Balance.account_id == wallet)
        )
        .one()
    )
    return _totals(row)


def spent(client_id: int, since: date, today: date) -> tuple[Money, Money]:
    """What a client was charged from a posting day on, and what of it today; payments left out."""
    every = lines(client_id, wallet_of(client_id), since=since)
    amount, day = every.c.amount, every.c.day
    zero = literal(Money(0), MoneyType())
    row = (
        session()
        .execute(
            select(
                _sum(amount).label("all"),
                _sum(case((day == today, amount), else_=zero)).label("today"),
            ).where(every.c.about.not_in(DEPOSITS))
        )
        .one()
    )
    return -row.all, -row.today


def daily_balances(client_id: int, first: date, last: date) -> list[tuple[date, Money]]:
    """The balance at the end of each posting day, for a chart."""
    wallet = wallet_of(client_id)
    every = lines(client_id, wallet, since=first)
    moved = (
        select(every.c.day, func.sum(every.c.amount, type_=MoneyType()).label("amount"))
        .group_by(every.c.day)
        .subquery("moved")
    )
    rows = session().execute(
        select(Balance.balance, moved.c.day, moved.c.amount)
        .select_from(Balance)
        .outerjoin(moved, true())
        .where(Balance.account_id == wallet)
    )
    balance, changes = Money(0), {}
    for row in rows:
        balance = row.balance
        changes[row.day] = row.amount
    for day in [day for day in changes if day is not None and day > last]:
        balance -= changes[day]
    closing = []
    for back in range((last - first).days + 1):
        day = last - timedelta(days=back)
        closing.append((day, balance))
        balance -= changes.get(day, Money(0))
    return closing[::-1]


def usage_items(
    client_id: int, day: date, reason: Reason, *, cursor: str | None = None
) -> Page[UsageItem]:
    """What is in one line of usage, what happened last first; late items carry their own moment."""
    moment = func.coalesce(Transfer.occurred_at, Transfer.posted_at)
    statement = (
        select(
            Transfer.public_id,
            Transfer.source_type,
            Transfer.source_id,
            Transfer.description,
            Transfer.amount,
            Transfer.posted_at,
            Transfer.occurred_at,
        )
        .where(
            Transfer.client_id == client_id,
            Transfer.reason == reason,
            Transfer.posting_day == day,
            Transfer.reason.in_(USAGE),
        )
        .order_by(moment.desc(), Transfer.id.desc())
        .limit(PAGE_SIZE + 1)
    )
    before = _transfer_id(cursor)
    if before is not None:
        last = select(moment, Transfer.id).where(Transfer.id == before)
        statement = statement.where(tuple_(moment, Transfer.id) < last.scalar_subquery())
    found = [UsageItem(*row) for row in session().execute(statement)]
    more = len(found) > PAGE_SIZE
    found = found[:PAGE_SIZE]
    return Page(found, older=str(found[-1].public_id) if more else None)


def _shown(every: Subquery, chosen: HistoryFilter, at: _Place | None) -> Select[Any]:
    """The period's lines of the chosen kind from a place on, with the sum of all lines up to each."""
    running = select(
        every,
        func.sum(every.c.amount, type_=MoneyType())
        .over(order_by=(every.c.day, every.c.rank, every.c.position))
        .label("running"),
    )
    if chosen.last is not None:
        running = running.where(every.c.day <= chosen.last)
    # Summed before any line is left out: the window must see them all.
    line = running.subquery("line").c
    order = (line.day, line.rank, line.position)
    statement = _of_kind(select(*line), line.about, chosen.kind)
    if wanted := chosen.text.strip().lower():
        statement = statement.where(func.lower(line.description).contains(wanted, autoescape=True))
    if at is not None:
        there = tuple_(literal(at.day, Date()), literal(at.rank), literal(at.position))
        statement = statement.where(tuple_(*order) > there if at.newer else tuple_(*order) < there)
        if at.newer:
            return statement.order_by(*order)
    return statement.order_by(*(column.desc() for column in order))


def _of_kind(statement: Select[Any], about: Any, kind: HistoryKind) -> Select[Any]:
    if kind == HistoryKind.PAYMENTS:
        return statement.where(about.in_(DEPOSITS))
    if kind == HistoryKind.CHARGES:
        return statement.where(about.not_in(DEPOSITS))
    if kind == HistoryKind.USAGE:
        return statement.where(about.in_([*USAGE, Reason.CORRECTION]))
    if kind == HistoryKind.FEES:
        return statement.where(about.in_(FEES))
    return statement


def _sums(every: Subquery, last: date | None) -> Subquery:
    amount, about = every.c.amount, every.c.about
    zero = literal(Money(0), MoneyType())
    inside = true() if last is None else every.c.day <= last
    return select(
        _sum(case((inside, zero), else_=amount)).label("later"),
        _sum(case((inside & (about.in_(DEPOSITS)), amount), else_=zero)).label("paid"),
        _sum(case((inside & (about.not_in(DEPOSITS)), amount), else_=zero)).label("charged"),
    ).subquery("sums")


def _sum(expression: Any) -> Any:
    return func.coalesce(func.sum(expression), 0, type_=MoneyType())


def _totals(row: Any) -> Totals:
    closing = row.now - row.later
    return Totals(
        opening=closing - row.paid - row.charged,
        payments=row.paid,
        charges=-row.charged,
        closing=closing,
    )


def _line(row: Any, opening: Money) -> Line:
    return Line(
        day=row.day,
        reason=Reason(row.reason),
        amount=row.amount,
        balance=opening + row.running,
        description=row.description,
        items=row.items,
        seconds=row.seconds,
        public_id=row.public_id,
        posted_at=row.posted_at,
        occurred_at=row.occurred_at,
        reversal_of=row.reversal_of,
        reversed_by=row.reversed_by,
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a page begins, in the order of lines."""

    day: date
    rank: int
    position: int
    newer: bool


def _page(found: list[Line], at: _Place | None, page_size: int) -> Page[Line]:
    """Cut the line that was only asked for to see whether there is more; newest first."""
    newest_first = found[::-1]
    more = len(newest_first) > page_size
    if at is not None and at.newer:
        shown = newest_first[1:] if more else newest_first
        return Page(shown, older=_cursor(shown, -1, "o"), newer=_cursor(shown, 0, "n", more))
    shown = newest_first[:page_size]
    return Page(
        shown,
        older=_cursor(shown, -1, "o", more),
        newer=_cursor(shown, 0, "n", at is not None),
    )


def _cursor(shown: list[Line], index: int, way: str, there_is_more: bool = True) -> str | None:
    """A line's place in words that may leave the server: its day, and its name or its reason."""
    if not shown or not there_is_more:
        return None
    line = shown[index]
    return f"{way}.{line.day}.{line.public_id or line.reason}"


def _parse(cursor: str | None) -> _Place | None:
    way, _, rest = (cursor or "").partition(".")
    day, _, name = rest.partition(".")
    try:
        at = date.fromisoformat(day)
    except ValueError:
        return None
    if way not in ("o", "n"):
        return None
    if name in USAGE:
        return _Place(at, USAGE_RANK, USAGE_POSITION[Reason(name)], newer=way == "n")
    position = _transfer_id(name)
    return None if position is None else _Place(at, SINGLE_RANK, position, newer=way == "n")


def _transfer_id(public_id: str | None) -> int | None:
    try:
        name = uuid.UUID(public_id or "")
    except ValueError:
        return None
    return session().scalar(select(Transfer.id).where(Transfer.public_id == name))
