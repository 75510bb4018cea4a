"""Billing days without drift, periods in a zone as half-open UTC instants: cases of group E."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core import period

TORONTO = ZoneInfo("America/Toronto")


def test_an_anchor_of_31_is_clamped_to_short_months_and_does_not_drift():
    day, seen = date(2026, 1, 31), []
    for _ in range(5):
        day = period.next_after(day, 31)
        seen.append((day.month, day.day))

    assert seen == [(2, 28), (3, 31), (4, 30), (5, 31), (6, 30)]


@pytest.mark.parametrize(
    "after, anchor, expected",
    [
        (date(2026, 3, 28), 28, date(2026, 4, 28)),
        (date(2026, 3, 27), 28, date(2026, 3, 28)),
        (date(2028, 1, 31), 30, date(2028, 2, 29)),
        (date(2026, 2, 28), 30, date(2026, 3, 30)),
        (date(2026, 12, 31), 31, date(2027, 1, 31)),
        (date(2026, 12, 5), 1, date(2027, 1, 1)),
    ],
)
def test_the_next_billing_day_counts_from_the_anchor(after, anchor, expected):
    assert period.next_after(after, anchor) == expected


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(1, 31))
def test_each_day_lies_between_its_billing_days(day, anchor):
    last, following = period.last_on_or_before(day, anchor), period.next_after(day, anchor)

    assert last <= day < following
    assert 28 <= (following - last).days <= 31
    assert period.next_after(last, anchor) == following


@pytest.mark.parametrize(
    "number, start, end, hours",
    [
        (3, datetime(2026, 3, 1, 5, tzinfo=UTC), datetime(2026, 4, 1, 4, tzinfo=UTC), 743),
        (11, datetime(2026, 11, 1, 4, tzinfo=UTC), datetime(2026, 12, 1, 5, tzinfo=UTC), 721),
        (6, datetime(2026, 6, 1, 4, tzinfo=UTC), datetime(2026, 7, 1, 4, tzinfo=UTC), 720),
    ],
)
def test_a_month_in_toronto_has_the_hours_its_clocks_show(number, start, end, hours):
    month = period.month(2026, number, zone=TORONTO)

    assert (month.start, month.end) == (start, end)
    assert month.length == timedelta(hours=hours)


def test_a_period_contains_its_start_and_not_its_end():
    march = period.month(2026, 3, zone=TORONTO)

    assert march.start in march
    assert march.end - timedelta(microseconds=1) in march
    assert march.end not in march
    assert datetime(2026, 3, 1, 4, 30, tzinfo=UTC) not in march, "28 February 23:30 local"
    assert datetime(2026, 4, 1, 3, 30, tzinfo=UTC) in march, "31 March 23:30 local"


def test_the_hour_that_happens_twice_is_two_hours():
    first = datetime(2026, 11, 1, 1, 30, tzinfo=TORONTO).astimezone(UTC)
    second = datetime(2026, 11, 1, 1, 30, tzinfo=TORONTO, fold=1).astimezone(UTC)

    assert (first.hour, second.hour) == (5, 6)
    assert period.local_day(first, TORONTO) == period.local_day(second, TORONTO)


def test_the_day_belongs_to_the_zone():
    instant = datetime(2026, 3, 1, 4, 30, tzinfo=UTC)

    assert period.local_day(instant, TORONTO) == date(2026, 2, 28)
    assert period.local_day(instant, ZoneInfo("UTC")) == date(2026, 3, 1)


@pytest.mark.parametrize(
    "zone, day",
    [
        ("America/Santiago", date(2026, 9, 6)),  # midnight is skipped
        ("America/Havana", date(2026, 11, 1)),  # midnight happens twice
        ("Pacific/Apia", date(2011, 12, 31)),  # the day before never was
        ("Asia/Kathmandu", date(2026, 1, 1)),
    ],
)
def test_a_local_day_begins_at_the_first_instant_that_has_its_date(zone, day):
    start = period.day_start(day, ZoneInfo(zone))

    assert period.local_day(start, ZoneInfo(zone)) == day
    assert period.local_day(start - timedelta(microseconds=1), ZoneInfo(zone)) < day


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)),
    st.integers(1, 31),
    st.sampled_from(["America/Toronto", "Europe/Paris", "Australia/Lord_Howe", "UTC"]),
)
def test_billing_periods_follow_each_other_without_gap(instant, anchor, zone):
    where = ZoneInfo(zone)
    here = period.billing_period(instant, anchor=anchor, zone=where)
    following = period.billing_period(here.end, anchor=anchor, zone=where)

    assert instant in here
    assert following.start == here.end
