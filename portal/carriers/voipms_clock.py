"""VoIP.ms wall clocks to true moments and back: pure functions.

The carrier writes Eastern time plus (timezone + 5) hours, as if Eastern were always UTC−5; so the
same call reads differently in summer than the asked-for timezone suggests.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

EASTERN = ZoneInfo("America/Toronto")
PLAIN = Decimal(-5)
"""The timezone at which the carrier's clock is plain Eastern time."""
FOLD = timedelta(hours=1)

_WALL = re.compile(r"(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})(?:\.\d+)?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def moment(wall: str, *, timezone: Decimal = PLAIN) -> tuple[datetime, bool]:
    """The moment in UTC that a returned wall clock means, and whether its hour happens twice.

    The repeated hour of the autumn change cannot be told apart: its first pass is taken.
    Raises ValueError for what is not a date and time.
    """
    found = _WALL.fullmatch(wall.strip())
    if found is None:
        raise ValueError("not a date and time")
    naive = datetime.fromisoformat(f"{found[1]} {found[2]}")
    if not 1990 <= naive.year <= 2200:
        raise ValueError("not a date of any call")
    naive -= _shift(timezone)
    first = naive.replace(tzinfo=EASTERN, fold=0)
    second = naive.replace(tzinfo=EASTERN, fold=1)
    first_offset, second_offset = first.utcoffset(), second.utcoffset()
    assert first_offset is not None
    assert second_offset is not None
    return first.astimezone(UTC), first_offset > second_offset


def wall_day(at: datetime, *, timezone: Decimal = PLAIN) -> date:
    """The calendar day that the carrier's clock shows at a moment."""
    return (at.astimezone(EASTERN).replace(tzinfo=None) + _shift(timezone)).date()


def within(at: datetime, ambiguous: bool, window_from: datetime, window_to: datetime) -> bool:
    """Whether a moment, or its second pass when it has one, lies in [from, to)."""
    if window_from <= at < window_to:
        return True
    return ambiguous and window_from <= at + FOLD < window_to


def day(text: str) -> date | None:
    """A plain day or the day of a timestamp; None for empty, 0000-00-00 and nonsense."""
    found = _DAY.match(text.strip())
    try:
        return date.fromisoformat(found[0]) if found else None
    except ValueError:
        return None


def spans(first: date, last: date, *, days: int) -> list[tuple[date, date]]:
    """Cut the days from first to last, both included, into runs of at most so many."""
    runs = []
    while first <= last:
        end = min(first + timedelta(days=days - 1), last)
        runs.append((first, end))
        first = end + timedelta(days=1)
    return runs


def _shift(timezone: Decimal) -> timedelta:
    return timedelta(minutes=int((timezone + 5) * 60))
