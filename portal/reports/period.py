"""The period of a report: days as people choose them, moments as calls are stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from portal.core import clock

LONGEST_DAYS = 92
USUAL_DAYS = 30


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day to the last, both included, in the reseller's zone."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def since(self) -> datetime:
        return _midnight(self.first, self.zone)

    @property
    def until(self) -> datetime:
        """The first moment after the period."""
        return _midnight(self.last + timedelta(days=1), self.zone)

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=at) for at in range((self.last - self.first).days + 1)]

    def as_filters(self) -> dict[str, str]:
        return {"since": self.first.isoformat(), "until": self.last.isoformat()}


def period_from(
    given: Mapping[str, str], zone: ZoneInfo, *, usual_days: int = USUAL_DAYS
) -> Period:
    """The days of an address's ``since`` and ``until``; at most 92, and never after today.

    What is no day counts as not given. Without a first day it is the last ``usual_days`` days.
    """
    today = clock.now().astimezone(zone).date()
    last = min(_day(given.get("until")) or today, today)
    first = _day(given.get("since"))
    if first is None:
        first = last - timedelta(days=usual_days - 1)
    first = min(max(first, last - timedelta(days=LONGEST_DAYS - 1)), last)
    return Period(first, last, zone)


def _day(text: str | None) -> date | None:
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if 2000 <= day.year <= 9000 else None


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
