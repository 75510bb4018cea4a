"""A day and a time of day is one moment that exists, also in the nights when the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from portal.core.errors import InvalidInput
from portal.core.wall import LeftOut, Moment, moment

TORONTO, LORD_HOWE, APIA = "America/Toronto", "Australia/Lord_Howe", "Pacific/Apia"
BEFORE = datetime(2026, 3, 1, 12, tzinfo=UTC)


def utc(*words: int) -> datetime:
    return datetime(*words, tzinfo=UTC)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("zone", "day", "at", "now", "expected"),
    [
        (TORONTO, date(2026, 3, 7), time(2, 30), BEFORE, Moment(utc(2026, 3, 7, 7, 30))),
        (TORONTO, date(2026, 3, 8), time(1, 59), BEFORE, Moment(utc(2026, 3, 8, 6, 59))),
        (TORONTO, date(2026, 3, 8), time(2, 0), BEFORE, "03:00"),  # the clocks leave it out
        (TORONTO, date(2026, 3, 8), time(2, 59), BEFORE, "03:00"),
        (TORONTO, date(2026, 3, 8), time(3, 0), BEFORE, Moment(utc(2026, 3, 8, 7, 0))),
        (TORONTO, date(2027, 3, 14), time(2, 30), utc(2027, 3, 1), "03:00"),
        (TORONTO, date(2026, 11, 1), time(0, 59), BEFORE, Moment(utc(2026, 11, 1, 4, 59))),
        (TORONTO, date(2026, 11, 1), time(1, 30), BEFORE, Moment(utc(2026, 11, 1, 5, 30), True)),
        (TORONTO, date(2026, 11, 1), time(2, 0), BEFORE, Moment(utc(2026, 11, 1, 7, 0))),
        (LORD_HOWE, date(2026, 10, 4), time(2, 10), BEFORE, "02:30"),  # by half an hour
        (APIA, date(2011, 12, 30), time(12, 0), utc(2011, 12, 1), "00:00"),  # a day that was none
        (TORONTO, date(2026, 2, 28), time(9, 0), BEFORE, "time"),
        (TORONTO, date(2028, 3, 1), time(9, 0), BEFORE, "day"),
        (TORONTO, date(9999, 12, 31), time(23, 59), BEFORE, "day"),
        (TORONTO, None, time(9, 0), BEFORE, "day"),
        (TORONTO, date(2026, 3, 7), None, BEFORE, "time"),
    ],
)
def test_a_moment_is_one_that_exists(
    zone: str, day: date | None, at: time | None, now: datetime, expected: Moment | str
) -> None:
    if isinstance(expected, Moment):
        assert moment(day, at, ZoneInfo(zone), now=now) == expected
        return
    with pytest.raises(InvalidInput) as refused:
        moment(day, at, ZoneInfo(zone), now=now)
    if isinstance(refused.value, LeftOut):
        assert (f"{refused.value.next_time:%H:%M}", refused.value.field) == (expected, "time")
    else:
        assert refused.value.field == expected
