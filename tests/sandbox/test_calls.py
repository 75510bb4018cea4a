"""Rows of calls: prices, dispositions, legs, twins, late and corrected rows."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.carrier import Carrier
from tests.sandbox.conftest import DID, OTHER_DID
from tests.sandbox.listener import until

DAY = "2026-01-14"
NOON = f"{DAY}T12:00:00Z"


def make(carrier: Carrier, **wish: Any) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = carrier.post("calls", **({"started_at": NOON} | wish))["calls"]
    return made


def out(carrier: Carrier, **wish: Any) -> dict[str, Any]:
    return make(carrier, **({"account": "100482_desk", "destination": "447700900123"} | wish))[0]


@pytest.mark.parametrize("seconds, billed", [(1, 6), (6, 6), (7, 12), (27, 30), (60, 60)])
def test_a_call_costs_whole_increments_of_six_seconds(
    carrier: Carrier, cdr: Any, seconds: int, billed: int
) -> None:
    out(carrier, seconds=seconds, rate="0.0090")

    row = cdr(DAY)["cdr"][0]

    assert row["seconds"] == str(seconds)
    assert row["rate"] == "0.00900000"
    assert row["total"] == f"{0.009 * billed / 60:.8f}"


def test_mexico_is_billed_by_the_minute(carrier: Carrier, cdr: Any) -> None:
    out(carrier, destination="52555550142", seconds=27, rate="0.0300")

    row = cdr(DAY)["cdr"][0]

    assert row["description"].startswith("Mexico")
    assert row["total"] == "0.03000000"


def test_only_asked_dispositions_are_listed_and_at_least_one_is_asked(
    carrier: Carrier, cdr: Any
) -> None:
    for disposition in ("ANSWERED", "NO ANSWER", "BUSY", "FAILED"):
        out(carrier, disposition=disposition)
    nobody = {"answered": "0", "noanswer": "0", "busy": "", "failed": ""}

    assert cdr(DAY, **nobody) == {"status": "no_callstatus"}
    assert [row["disposition"] for row in cdr(DAY, **(nobody | {"busy": "1"}))["cdr"]] == ["BUSY"]
    assert len(cdr(DAY)["cdr"]) == 4


def test_an_unanswered_call_has_no_seconds_and_costs_nothing(carrier: Carrier, cdr: Any) -> None:
    out(carrier, disposition="NO ANSWER", seconds=40)

    row = cdr(DAY)["cdr"][0]

    assert (row["seconds"], row["duration"], row["total"]) == ("0", "00:00:00", "0.00000000")


def test_a_twin_is_the_same_leg_with_the_caller_in_plus_one_form(
    carrier: Carrier, cdr: Any
) -> None:
    make(carrier, did=DID, caller="Jane Doe <4165550142>", twin=True)

    first, second = sorted(cdr(DAY)["cdr"], key=lambda row: row["callerid"])

    assert first["callerid"] == "Jane Doe <+14165550142>"
    assert second["callerid"] == "Jane Doe <4165550142>"
    assert first | {"callerid": ""} == second | {"callerid": ""}
    assert len(carrier.control("truth/calls")["calls"]) == 1


@pytest.mark.parametrize("one", [True, False])
def test_a_forwarded_call_is_two_legs_on_one_uniqueid_or_on_two(
    carrier: Carrier, cdr: Any, one: bool
) -> None:
    make(carrier, did=DID, forward_to="16135550177", one_uniqueid=one)

    rows = cdr(DAY)["cdr"]

    assert {row["destination_type"] for row in rows} == {"IN:USA", "OUT:CAN"}
    assert {row["account"] for row in rows} == {"100482_desk"}
    assert len({row["uniqueid"] for row in rows}) == (1 if one else 2)


def test_calls_inside_the_carrier_and_between_extensions_are_free(
    carrier: Carrier, cdr: Any
) -> None:
    out(carrier, kind="on_net", destination=OTHER_DID)
    out(carrier, kind="internal", destination="102")

    rows = cdr(DAY)["cdr"]

    assert {row["destination_type"] for row in rows} == {"OUT:VOIPMS", "OUT:INTERNAL"}
    assert {row["total"] for row in rows} == {"0.00000000"}


def test_a_late_row_is_not_listed_before_its_time(carrier: Carrier, cdr: Any) -> None:
    began = time.monotonic()
    out(carrier, late_seconds=3)

    until(lambda: len(cdr(DAY).get("cdr", ())) == 1)

    assert time.monotonic() - began >= 2, "of three: it counts in whole seconds"


def test_a_row_can_be_corrected_by_hand_or_by_the_clock(carrier: Carrier, cdr: Any) -> None:
    by_hand = out(carrier, seconds=60, rate="0.01")
    carrier.post(f"calls/{by_hand['id']}/correct", seconds=66)
    began = time.monotonic()
    out(carrier, seconds=66, rate="0.01", first_seconds=60, corrects_after=3)

    def all_corrected() -> bool:
        return {row["seconds"] for row in cdr(DAY)["cdr"]} == {"66"}

    until(all_corrected)

    assert time.monotonic() - began >= 2, "of three: it counts in whole seconds"
    assert {row["total"] for row in cdr(DAY)["cdr"]} == {"0.01100000"}


def test_a_repeated_row_is_listed_twice_and_happened_once(carrier: Carrier, cdr: Any) -> None:
    made = out(carrier)
    carrier.post(f"calls/{made['id']}/repeat")

    first, second = cdr(DAY)["cdr"]

    assert first == second
    assert len(carrier.control("truth/calls")["calls"]) == 1


def test_hostile_callers_are_passed_on_as_they_are(carrier: Carrier, cdr: Any) -> None:
    carrier.post("calls/hostile", did=DID)
    now = datetime.now(UTC)

    rows = cdr(f"{now - timedelta(days=1):%F}", f"{now + timedelta(days=1):%F}")["cdr"]

    assert any("<script>alert(1)</script>" in row["callerid"] for row in rows)


def test_filters_choose_account_direction_number_and_billing(carrier: Carrier, cdr: Any) -> None:
    out(carrier)
    make(carrier, did=OTHER_DID)
    make(carrier, did=DID, seconds=0)

    def accounts(**more: Any) -> list[str]:
        return sorted(row["account"] for row in cdr(DAY, **more)["cdr"])

    assert accounts(account="100482_sales") == ["100482_sales"]
    assert accounts(calltype="outgoing") == ["100482_desk"]
    assert accounts(calltype="incoming") == ["100482_desk", "100482_sales"]
    assert accounts(calltype=OTHER_DID) == ["100482_sales"]
    assert accounts(callbilling="free") == ["100482_desk"]
    assert cdr(DAY, account="100482_nobody") == {"status": "invalid_account"}
    assert cdr(DAY, calltype="sideways") == {"status": "invalid_call_type"}


def test_a_clients_call_list_has_no_rate_and_only_its_lines(carrier: Carrier) -> None:
    out(carrier)
    out(carrier, account="100482_sales")

    answer = carrier.call(
        "getResellerCDR", client="561115", date_from=DAY, date_to=DAY, timezone="0", answered="1"
    )

    assert [row["account"] for row in answer["cdr"]] == ["100482_desk"]
    assert "rate" not in answer["cdr"][0]


def test_every_leg_is_paid_from_the_balance(carrier: Carrier) -> None:
    out(carrier, seconds=60, total="1.25")

    answer = carrier.call("getBalance", advanced="true")["balance"]

    assert answer["current_balance"] == "498.750000"
    assert set(answer) >= {"spent_total", "calls_today", "time_total"}


def test_transaction_history_ends_with_rows_that_are_no_transactions(carrier: Carrier) -> None:
    carrier.call(
        "orderDID", did="3055550177", routing="none:", pop="1", dialtime="60", cnam="0",
        billing_type="1",
    )  # fmt: skip
    today = f"{datetime.now(UTC):%F}"
    before = f"{datetime.now(UTC) - timedelta(days=1):%F}"

    rows = carrier.call("getTransactionHistory", date_from=before, date_to=today)["transactions"]

    assert ("DID Monthly Fee: 3055550177", "-0.99000000") in {
        (row["description"], row["ammount"]) for row in rows
    }
    assert [row["uniqueid"] for row in rows[-3:]] == ["n/a"] * 3
    assert rows[-1]["date"] == f"{before} to {today}"


def test_ten_thousand_calls_are_made_and_listed(carrier: Carrier, cdr: Any) -> None:
    made = carrier.post("calls/bulk", count=10_000, days=1, account="100482_desk")
    now = datetime.now(UTC)

    rows = cdr(f"{now - timedelta(days=1):%F}", f"{now + timedelta(days=1):%F}")["cdr"]

    assert made["count"] == len(rows) == 10_000
    assert max(Counter(row["uniqueid"] for row in rows).values()) == 1


def test_late_and_corrected_rows_can_be_settled_at_once(carrier: Carrier, cdr: Any) -> None:
    out(carrier, late_seconds=900)
    out(carrier, seconds=66, first_seconds=60, corrects_after=900)

    settled = carrier.post("calls/settle")

    assert settled == {"late": 1, "corrected": 1}
    assert sorted(row["seconds"] for row in cdr(DAY)["cdr"]) == ["60", "66"]
