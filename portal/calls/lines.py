"""What went over sub-accounts and numbers on some days, from the roll-ups: no call is counted here."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, func, select, union_all

from portal.calls.models import CallLineDay, CallLineMonth
from portal.calls.queries import Totals
from portal.core.db import session
from portal.core.money import Money

_DAY = timedelta(days=1)


def by_sub_account(
    first: date, last: date, ids: Collection[int] | None = None
) -> dict[int, Totals]:
    """What went over each sub-account on these days: over these, or over all of them."""
    return _by("sub_account", first, last, ids)


def by_did(first: date, last: date, ids: Collection[int] | None = None) -> dict[int, Totals]:
    """What came in over each number on these days: over these, or over all of them."""
    return _by("did", first, last, ids)


def whole_months(first: date, last: date) -> tuple[date, date] | None:
    """Where the whole months of a period begin, and where they have ended; None when there is none."""
    begin = first if first.day == 1 else _next_month(first)
    end = last + _DAY if (last + _DAY).day == 1 else last.replace(day=1)
    return (begin, end) if begin < end else None


def _by(word: str, first: date, last: date, ids: Collection[int] | None) -> dict[int, Totals]:
    found: dict[int, Totals] = {}
    rows = session().execute(union_all(*_parts(word, first, last, ids)))
    for key, calls, answered, seconds, billed, price, cost in rows:
        sums = Totals(
            int(calls),
            int(answered),
            int(seconds),
            int(billed),
            price or Money(0),
            cost or Money(0),
        )
        found[key] = found[key].plus(sums) if key in found else sums
    return found


def _parts(
    word: str, first: date, last: date, ids: Collection[int] | None
) -> Iterator[Select[Any]]:
    """Whole months by month, what lies around them by day."""
    months = whole_months(first, last)
    if months is None:
        yield _sums(CallLineDay, word, CallLineDay.day, first, last, ids)
        return
    begin, end = months
    yield _sums(CallLineMonth, word, CallLineMonth.month, begin, end - _DAY, ids)
    for since, until in ((first, begin - _DAY), (end, last)):
        if since <= until:
            yield _sums(CallLineDay, word, CallLineDay.day, since, until, ids)


def _sums(
    line: Any, word: str, when: Any, first: date, last: date, ids: Collection[int] | None
) -> Select[Any]:
    key = getattr(line, word)
    which = key != 0 if ids is None else key.in_(ids)
    return (
        select(
            key,
            func.sum(line.calls),
            func.sum(line.answered),
            func.sum(line.seconds),
            func.sum(line.billed_seconds),
            func.sum(line.price),
            func.sum(line.cost),
        )
        .where(when >= first, when <= last, which)
        .group_by(key)
    )


def _next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
