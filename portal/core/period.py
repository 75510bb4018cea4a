"""Days, months and billing periods in a person's zone, as half-open pairs of UTC instants."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, order=True, slots=True)
class Period:
    """From start (inside) to end (outside), both aware UTC instants."""

    start: datetime
    end: datetime

    def __contains__(self, instant: datetime) -> bool:
        return self.start <= instant < self.end

    @property
    def length(self) -> timedelta:
        return self.end - self.start


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """The calendar day that an aware instant falls on in a zone."""
    assert instant.tzinfo is not None
    return instant.astimezone(zone).date()


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which a local day begins, in UTC.

    Where midnight happens twice the first one counts; where it is skipped, the clock change.
    """
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def days(first: date, last: date, *, zone: ZoneInfo) -> Period:
    """The period from the start of `first` to the end of `last`, both days included."""
    assert first <= last
    return Period(day_start(first, zone), day_start(last + timedelta(days=1), zone))


def month(year: int, number: int, *, zone: ZoneInfo) -> Period:
    """A calendar month in a zone: March 2026 in Toronto has 743 hours."""
    return days(date(year, number, 1), date(year, number, monthrange(year, number)[1]), zone=zone)


def anchored(year: int, number: int, *, anchor: int) -> date:
    """The billing day of one month: the anchor day, or the month's last day when it is shorter."""
    assert 1 <= anchor <= 31
    return date(year, number, min(anchor, monthrange(year, number)[1]))


def next_after(day: date, anchor: int) -> date:
    """The first billing day later than `day`. An anchor of 31 gives 28 Feb, 31 Mar, 30 Apr.

    It always counts from the anchor, never from the last billing day, so short months leave no
    drift behind.
    """
    here = anchored(day.year, day.month, anchor=anchor)
    if here > day:
        return here
    year, month_before = divmod(day.year * 12 + day.month, 12)
    return anchored(year, month_before + 1, anchor=anchor)


def last_on_or_before(day: date, anchor: int) -> date:
    """The latest billing day that is not later than `day`."""
    here = anchored(day.year, day.month, anchor=anchor)
    if here <= day:
        return here
    year, month_before = divmod(day.year * 12 + day.month - 2, 12)
    return anchored(year, month_before + 1, anchor=anchor)


def billing_period(instant: datetime, *, anchor: int, zone: ZoneInfo) -> Period:
    """The billing period that an instant belongs to: from a billing day's local midnight to the next.

    Free minutes are counted in it: a call that starts at 23:59:59 before the billing day belongs
    to the old period, one at 00:00:00 to the new.
    """
    first = last_on_or_before(local_day(instant, zone), anchor)
    return Period(day_start(first, zone), day_start(next_after(first, anchor), zone))
