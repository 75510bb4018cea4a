"""The period of a report: days as people choose them, moments as calls are stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from portal.core import clock

LONGEST_DAYS = 92
YEAR_DAYS = 366
USUAL_DAYS = 30
# Choices that are counted from today, under the words of an address.
QUICK = ("today", "yesterday", "week", "7", "30", "month", "last-month", "year")
MONTHS_QUICK = ("12-months", "month", "last-month", "year", "last-year")


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day to the last, both included, in the reseller's zone.

    ``quick`` names the choice it came from; a saved filter keeps that, a file the days themselves.
    """

    first: date
    last: date
    zone: ZoneInfo
    quick: str = ""

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
        """The days themselves."""
        return {"since": self.first.isoformat(), "until": self.last.isoformat()}

    def as_words(self) -> dict[str, str]:
        """As an address keeps it: the choice, where it was one."""
        return {"period": self.quick} if self.quick else self.as_filters()


def period_from(
    given: Mapping[str, str],
    zone: ZoneInfo,
    *,
    usual_days: int = USUAL_DAYS,
    longest_days: int = LONGEST_DAYS,
) -> Period:
    """The days of an address's ``since`` and ``until``, or its quick ``period``; never after today.

    What is no day counts as not given. Without any it is the last ``usual_days`` days. A period that
    is too long loses its beginning.
    """
    today = clock.now().astimezone(zone).date()
    quick = given.get("period", "")
    first, last = _day(given.get("since")), _day(given.get("until"))
    if first is None and last is None and quick in (*QUICK, *MONTHS_QUICK):
        begin, end = _quick(quick, today)
        shortest = max(begin, end - timedelta(days=longest_days - 1))
        return Period(shortest, end, zone, quick)
    last = min(last or today, today)
    if first is None:
        first = last - timedelta(days=usual_days - 1)
    first = min(max(first, last - timedelta(days=longest_days - 1)), last)
    return Period(first, last, zone)


def months_from(given: Mapping[str, str], zone: ZoneInfo, *, most: int) -> Period:
    """The same in whole months, the last one until today; without any the last twelve."""
    asked = (
        given
        if any(given.get(word) for word in ("since", "until", "period"))
        else {"period": "12-months"}
    )
    found = period_from(asked, zone, longest_days=31 * most)
    end = (found.last.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    today = clock.now().astimezone(zone).date()
    return replace(found, first=found.first.replace(day=1), last=min(end, today))


def _quick(word: str, today: date) -> tuple[date, date]:
    month, day = today.replace(day=1), timedelta(days=1)
    periods = {
        "today": (today, today),
        "yesterday": (today - day, today - day),
        "week": (today - timedelta(days=today.weekday()), today),
        "month": (month, today),
        "last-month": ((month - day).replace(day=1), month - day),
        "year": (today.replace(month=1, day=1), today),
        "last-year": (date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)),
        "12-months": ((month.replace(year=today.year - 1) + 32 * day).replace(day=1), today),
    }
    return periods[word] if word in periods else (today - (int(word) - 1) * day, today)


def _day(text: str | None) -> date | None:
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if 2000 <= day.year <= 9000 else None


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
