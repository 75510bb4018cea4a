"""The calendar of fees by itself: anchors 28 to 31 over 36 months, in six zones, on both days of DST."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal.billing.due import fallen_due, last_day_of, split
from portal.core.period import day_start, local_day

ZONES = ("UTC", "America/Toronto", "America/St_Johns", "America/Vancouver", "Pacific/Auckland", "Asia/Kolkata")  # fmt: skip


@pytest.mark.parametrize("anchor", [28, 29, 30, 31])
@pytest.mark.parametrize("year", [2027, 2099])  # three years each: over 2028, leap, and 2100, not
def test_an_anchor_keeps_its_day_for_36_months(anchor: int, year: int) -> None:
    months = [(year + number // 12, number % 12 + 1) for number in range(36)]
    wanted = [date(y, m, min(anchor, monthrange(y, m)[1])) for y, m in months]

    found = fallen_due(date(year, 1, anchor), anchor, date(year + 2, 12, 31))

    assert [period.first_day for period in found] == wanted
    assert [period.next_day for period in found[:-1]] == wanted[1:]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(("hour", "minute"), [(0, 0), (2, 30)])
def test_a_runner_every_day_finds_each_day_once_in_every_zone(
    zone: str, hour: int, minute: int
) -> None:
    own = ZoneInfo(zone)
    next_day, found = date(2028, 1, 31), []
    for number in range(400):  # with both days on which the clocks change
        wall = datetime(2028, 1, 1, hour, minute, tzinfo=own) + timedelta(days=number)
        today = local_day(wall.astimezone(UTC), own)
        for period in fallen_due(next_day, 31, today):
            found.append((period.first_day, today))
            next_day = period.next_day

    assert len(found) == 13
    assert all(first_day == today for first_day, today in found)


def test_a_clock_that_was_set_back_finds_nothing_and_one_set_forward_finds_each_once() -> None:
    assert fallen_due(date(2026, 3, 1), 1, date(2026, 2, 27)) == []

    forward = fallen_due(date(2026, 3, 1), 1, date(2026, 3, 2) + timedelta(days=40))

    assert [str(one.first_day) for one in forward] == ["2026-03-01", "2026-04-01"]


def test_of_missed_periods_the_newest_are_charged_and_the_older_named() -> None:
    missed = fallen_due(date(2026, 1, 31), 31, date(2026, 6, 1))

    late, charged = split(missed, 2)

    assert [str(one.first_day) for one in late] == ["2026-01-31", "2026-02-28", "2026-03-31"]
    assert [str(one.first_day) for one in charged] == ["2026-04-30", "2026-05-31"]
    assert split(missed[:1], 2) == ([], missed[:1])


def test_what_ends_on_its_billing_day_still_falls_due_and_what_ended_at_midnight_does_not() -> None:
    own = ZoneInfo("America/Toronto")
    midnight = day_start(date(2026, 3, 10), own)
    later = midnight + timedelta(hours=9)

    assert last_day_of(later, own) == date(2026, 3, 10)
    assert last_day_of(midnight, own) == date(2026, 3, 9)
    assert last_day_of(None, own) is None
    assert fallen_due(date(2026, 3, 10), 10, date(2026, 3, 20), last_day=date(2026, 3, 9)) == []
