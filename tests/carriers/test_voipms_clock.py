"""The carrier's wall clock, back to the moment it means."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from portal.carriers.voipms_clock import moment, spans, wall_day, within

JULY_CALL = datetime(2026, 7, 14, 16, 28, 34, tzinfo=UTC)
JANUARY_CALL = datetime(2026, 1, 14, 16, 28, 34, tzinfo=UTC)


@pytest.mark.parametrize(
    "timezone, reported",
    [
        ("-12", "2026-07-14 05:28:34"),
        ("-5", "2026-07-14 12:28:34"),
        ("-4", "2026-07-14 13:28:34"),
        ("0", "2026-07-14 17:28:34"),
        ("5.5", "2026-07-14 22:58:34"),
        ("13", "2026-07-15 06:28:34"),
    ],
)
def test_e1_one_call_in_summer_is_one_moment_however_it_was_asked_for(
    timezone: str, reported: str
) -> None:
    assert moment(reported, timezone=Decimal(timezone)) == (JULY_CALL, False)


@pytest.mark.parametrize(
    "timezone, reported",
    [
        ("-12", "2026-01-14 04:28:34"),
        ("-5", "2026-01-14 11:28:34"),
        ("0", "2026-01-14 16:28:34"),
        ("5.5", "2026-01-14 21:58:34"),
        ("13", "2026-01-15 05:28:34"),
    ],
)
def test_in_winter_the_asked_for_timezone_is_true(timezone: str, reported: str) -> None:
    assert moment(reported, timezone=Decimal(timezone)) == (JANUARY_CALL, False)


@pytest.mark.parametrize("timezone", [Decimal(-12), Decimal(-5), Decimal(0), Decimal("5.5")])
def test_the_date_that_decides_about_summer_is_the_rows_own_eastern_date(
    timezone: Decimal,
) -> None:
    # The night of the spring change: 06:59:59Z is the last second of winter.
    for at, eastern_hours in (
        (datetime(2026, 3, 8, 6, 59, 59, tzinfo=UTC), -5),
        (datetime(2026, 3, 8, 7, 0, 0, tzinfo=UTC), -4),
    ):
        shift_minutes = int((eastern_hours + timezone + 5) * 60)
        wall = datetime.fromtimestamp(at.timestamp() + shift_minutes * 60, UTC)
        assert moment(wall.strftime("%Y-%m-%d %H:%M:%S"), timezone=timezone) == (at, False)


def test_e7_the_repeated_hour_is_read_as_its_first_pass_and_marked() -> None:
    assert moment("2026-11-01 01:30:00") == (datetime(2026, 11, 1, 5, 30, tzinfo=UTC), True)
    assert moment("2026-11-01 00:59:59") == (datetime(2026, 11, 1, 4, 59, 59, tzinfo=UTC), False)
    assert moment("2026-11-01 02:00:00") == (datetime(2026, 11, 1, 7, 0, tzinfo=UTC), False)


def test_a_marked_moment_belongs_to_the_windows_of_both_passes() -> None:
    first_pass = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    five, six, seven = (datetime(2026, 11, 1, hour, tzinfo=UTC) for hour in (5, 6, 7))

    assert within(first_pass, True, five, six)
    assert within(first_pass, True, six, seven)
    assert not within(first_pass, False, six, seven)
    assert within(five, False, five, six), "a window begins with its first moment"
    assert not within(six, False, five, six), "and ends before its last"


@pytest.mark.parametrize(
    "wall",
    ["", "0000-00-00 00:00:00", "2026-13-01 00:00:00", "2026-02-30 10:00:00", "yesterday",
     "2026-07-14", "0001-01-01 00:00:00", "2026-07-14 25:00:00"],
)  # fmt: skip
def test_what_is_no_moment_is_refused(wall: str) -> None:
    with pytest.raises(ValueError):
        moment(wall)


def test_days_are_those_of_the_carriers_calendar() -> None:
    late_evening = datetime(2026, 7, 15, 3, 30, tzinfo=UTC)

    assert wall_day(late_evening) == date(2026, 7, 14)
    assert wall_day(late_evening, timezone=Decimal(0)) == date(2026, 7, 15)


def test_long_periods_are_cut_without_gap_or_overlap() -> None:
    runs = spans(date(2026, 1, 1), date(2026, 4, 3), days=31)

    assert runs[0] == (date(2026, 1, 1), date(2026, 1, 31))
    assert runs[1][0] == date(2026, 2, 1)
    assert runs[-1] == (date(2026, 4, 3), date(2026, 4, 3)) or runs[-1][1] == date(2026, 4, 3)
    assert sum((last - first).days + 1 for first, last in runs) == 93
