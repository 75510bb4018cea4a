"""The carrier's clock: how an instant becomes the wall clock that its lists show, and back.

Lists show US/Canada Eastern, with daylight saving per row, plus (timezone + 5) hours, as if Eastern
were UTC-5 all year. Asked with 0, a call of July therefore reads UTC+1 and one of January UTC.
"""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from zoneinfo import ZoneInfo

EASTERN = ZoneInfo("America/Toronto")
HOUR = 3600
DEFAULT_TIMEZONE_HOURS = -5.0


def now_seconds() -> int:
    """Whole seconds since 1970 in UTC."""
    return int(time.time())


@lru_cache(maxsize=100_000)
def _eastern_offset_of_hour(hour: int) -> int:
    # Eastern changes its offset on whole UTC hours, so one answer serves the whole hour.
    offset = datetime.fromtimestamp(hour * HOUR, EASTERN).utcoffset()
    return int((offset or timedelta()).total_seconds())


def eastern_offset_seconds(at: int) -> int:
    """Eastern's offset from UTC at an instant: -18000 in winter, -14400 in summer."""
    return _eastern_offset_of_hour(at // HOUR)


def wall_clock(at: int, timezone_hours: float = DEFAULT_TIMEZONE_HOURS) -> str:
    """The text a list shows for an instant: `YYYY-MM-DD HH:MM:SS` without a zone."""
    shown = at + eastern_offset_seconds(at) + round((timezone_hours + 5) * HOUR)
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(shown))


def wall_day(at: int, timezone_hours: float = DEFAULT_TIMEZONE_HOURS) -> str:
    """The day under which a list files an instant."""
    return wall_clock(at, timezone_hours)[:10]


def day_range(first: date, last: date, timezone_hours: float) -> tuple[int, int]:
    """Instants that may show a day from first to last: a net one hour wider on both sides."""
    base = round((timezone_hours + 5) * HOUR)
    start = int(datetime(first.year, first.month, first.day, tzinfo=UTC).timestamp())
    end = int(datetime(last.year, last.month, last.day, tzinfo=UTC).timestamp()) + 24 * HOUR
    return start - base + 3 * HOUR, end - base + 6 * HOUR


def eastern_day(at: int) -> date:
    """Today as the carrier's own office sees it."""
    return date.fromisoformat(wall_day(at))


def timezone_hours(text: str) -> float | None:
    """The `timezone` parameter as hours from -12 to 13, None when it is not one."""
    try:
        hours = Decimal(text.strip())
    except InvalidOperation:
        return None
    return float(hours) if hours.is_finite() and -12 <= hours <= 13 else None


def utc_text(at: int) -> str:
    """An instant for the control API: `2026-11-23T12:00:00Z`."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


def instant(value: str | int | float | None) -> int | None:
    """An instant from the control API: seconds since 1970 or ISO 8601 (UTC unless it says otherwise)."""
    if value is None or value == "":
        return None
    if isinstance(value, int | float):
        return int(value)
    moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
