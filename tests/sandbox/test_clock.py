"""The carrier's clock: Eastern with daylight saving per row plus (timezone + 5) hours."""

from __future__ import annotations

from typing import Any

import pytest

from tests.carrier import Carrier

SUMMER = "2026-07-14T16:28:34Z"
WINTER = "2026-01-14T16:28:34Z"


def call_at(carrier: Carrier, moment: str, **more: Any) -> None:
    carrier.post(
        "calls", account="100482_desk", destination="14165550142", started_at=moment, **more
    )


@pytest.mark.parametrize(
    "timezone, shown",
    [
        ("-12", "2026-07-14 05:28:34"),
        ("-5", "2026-07-14 12:28:34"),
        ("-4", "2026-07-14 13:28:34"),
        ("0", "2026-07-14 17:28:34"),
        ("5.5", "2026-07-14 22:58:34"),
        ("13", "2026-07-15 06:28:34"),
    ],
)
def test_one_summer_call_in_six_timezones(
    carrier: Carrier, cdr: Any, timezone: str, shown: str
) -> None:
    call_at(carrier, SUMMER)

    rows = cdr("2026-07-14", "2026-07-15", timezone=timezone)["cdr"]

    assert [row["date"] for row in rows] == [shown]


def test_a_winter_call_asked_with_zero_reads_utc(carrier: Carrier, cdr: Any) -> None:
    call_at(carrier, WINTER)

    assert cdr("2026-01-14")["cdr"][0]["date"] == "2026-01-14 16:28:34"


def test_both_calls_of_the_repeated_hour_read_the_same(carrier: Carrier, cdr: Any) -> None:
    call_at(carrier, "2026-11-01T05:30:00Z")
    call_at(carrier, "2026-11-01T06:30:00Z")

    rows = cdr("2026-11-01", timezone="-5")["cdr"]

    assert [row["date"] for row in rows] == ["2026-11-01 01:30:00"] * 2
    assert rows[0]["uniqueid"] != rows[1]["uniqueid"]


@pytest.mark.parametrize(
    "day, found", [("2026-07-13", False), ("2026-07-14", False), ("2026-07-15", True)]
)
def test_days_are_those_of_the_shown_clock(
    carrier: Carrier, cdr: Any, day: str, found: bool
) -> None:
    call_at(carrier, "2026-07-14T23:30:00Z")  # reads 00:30 on the 15th when asked with 0

    assert (cdr(day)["status"] == "success") is found


@pytest.mark.parametrize("timezone", ["", "14", "-12.5", "east", "NaN"])
def test_a_call_list_without_a_good_timezone_is_refused(cdr: Any, timezone: str) -> None:
    assert cdr("2026-07-14", timezone=timezone) == {"status": "invalid_timezone"}


def test_message_lists_without_a_timezone_read_eastern(carrier: Carrier) -> None:
    carrier.post("messages", did="2125550101", contact="2125550123", message="hi", at=SUMMER)
    days = {"from": "2026-07-14", "to": "2026-07-14"}

    assert carrier.call("getSMS", **days)["sms"][0]["date"] == "2026-07-14 12:28:34"
    assert carrier.call("getSMS", timezone="0", **days)["sms"][0]["date"] == "2026-07-14 17:28:34"


@pytest.mark.parametrize(
    "first, last, status",
    [
        ("2026-01-01", "2026-04-03", "no_cdr"),
        ("2026-01-01", "2026-04-04", "invalid_daterange"),
        ("2026-02-02", "2026-02-01", "invalid_date_from"),
        ("2026-02-30", "2026-03-01", "invalid_date"),
        ("", "2026-03-01", "missing_from_date"),
    ],
)
def test_at_most_92_days_in_order(cdr: Any, first: str, last: str, status: str) -> None:
    assert cdr(first, last) == {"status": status}
