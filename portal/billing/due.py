"""The calendar of fees, by itself: which periods have fallen due, and which of them are charged.

A day here is a day of the reseller's zone. Each billing day is counted from the anchor, never from
the one before it: 31 January, 28 February, 31 March (rating case E10).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from portal.core.period import local_day, next_after

_INSTANT = timedelta(microseconds=1)


class DuePeriod(NamedTuple):
    """From a billing day (inside) to the next one (outside): what one fee pays for."""

    first_day: date
    next_day: date


def fallen_due(
    next_day: date, anchor: int, today: date, *, last_day: date | None = None
) -> list[DuePeriod]:
    """The periods that began by today and were not looked at yet, oldest first.

    ``next_day`` is where looking begins; after ``last_day`` nothing falls due any more. A clock that
    was set back finds nothing: what was looked at is behind ``next_day``.
    """
    until = today if last_day is None else min(today, last_day)
    return list(_periods(next_day, anchor, until))


def coming(
    next_day: date, anchor: int, until: date, *, last_day: date | None = None
) -> list[DuePeriod]:
    """The periods that will begin by a day, for those who want to know ahead."""
    return fallen_due(next_day, anchor, until, last_day=last_day)


def split(periods: list[DuePeriod], most: int) -> tuple[list[DuePeriod], list[DuePeriod]]:
    """What is too old to be charged, and the newest ``most`` that are; both oldest first."""
    return periods[: len(periods) - most] if len(periods) > most else [], periods[-most:]


def last_day_of(valid_to: datetime | None, zone: ZoneInfo) -> date | None:
    """The last day on which something that ends at an instant can fall due.

    It falls due at its day's local midnight, so whatever ends later on that day still does.
    """
    return None if valid_to is None else local_day(valid_to - _INSTANT, zone)


def _periods(day: date, anchor: int, until: date) -> Iterator[DuePeriod]:
    while day <= until:
        following = next_after(day, anchor)
        yield DuePeriod(day, following)
        day = following
