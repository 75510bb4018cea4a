"""Rows of calls and messages, in every shape the carrier has been seen to use."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.carriers import Direction, Disposition, MessageKind, UnreadableRow
from portal.carriers.cleaning import body, caller, line, number
from portal.carriers.values import CarrierCall, CarrierMessage
from portal.carriers.voipms_calls import read_calls
from portal.carriers.voipms_fields import e8, flag, rows
from portal.carriers.voipms_messages import read_messages

ROW: dict[str, Any] = {
    "date": "2026-07-14 12:28:34",
    "callerid": "John Doe <5145550142>",
    "destination": "4165550123",
    "description": "Canada - Ontario",
    "account": "100000_front",
    "disposition": "ANSWERED",
    "duration": "00:01:01",
    "seconds": "61",
    "rate": "0.00900000",
    "total": "0.00990000",
    "uniqueid": "128238059",
    "destination_type": "OUT:CAN",
}


def read(*found: dict[str, Any]) -> tuple[list[CarrierCall], list[UnreadableRow]]:
    unreadable: list[UnreadableRow] = []
    return read_calls(found, unreadable=unreadable.append), unreadable


def one(**changes: Any) -> CarrierCall:
    calls, unreadable = read({**ROW, **changes})
    assert unreadable == []
    return calls[0]


def test_a_row_becomes_a_call() -> None:
    call = one()

    assert call == CarrierCall(
        uniqueid="128238059",
        direction=Direction.OUT,
        account="100000_front",
        started_at=datetime(2026, 7, 14, 16, 28, 34, tzinfo=UTC),
        ambiguous=False,
        caller_id_name="John Doe",
        caller_number="5145550142",
        destination="4165550123",
        description="Canada - Ontario",
        disposition=Disposition.ANSWERED,
        seconds=61,
        rate_e8=900_000,
        total_e8=990_000,
        onnet=False,
        destination_type="OUT:CAN",
    )
    assert call.key() == "128238059|out|100000_front"


def test_numbers_may_be_numbers() -> None:
    assert (
        one(seconds=61, rate=Decimal("0.009"), total=Decimal("0.0099"), uniqueid=128238059) == one()
    )


@pytest.mark.parametrize("missing", [None, "", "n/a", True, [], {}])
def test_a_row_without_rate_has_no_rate(missing: Any) -> None:
    assert one(rate=missing).rate_e8 is None


def test_a_row_without_total_costs_its_rate_in_six_second_steps() -> None:
    assert one(total="").total_e8 == 990_000, "61 s are 66 s at 0.009 a minute"
    assert one(total=None, rate="").total_e8 == 0


@pytest.mark.parametrize(
    "kind, description, direction",
    [
        ("IN:USA", "Inbound - Local Caller", Direction.IN),
        ("OUT:CAN", "Canada", Direction.OUT),
        ("INT:EXT", "Extension", Direction.INTERNAL),
        ("INTERNAL", "", Direction.INTERNAL),
        ("in:usa", "", Direction.IN),
        ("", "Inbound - Local Caller", Direction.IN),
        ("", "Canada", Direction.OUT),
    ],
)
def test_the_direction_is_in_the_type(kind: str, description: str, direction: Direction) -> None:
    assert one(destination_type=kind, description=description).direction is direction


@pytest.mark.parametrize(
    "kind, description, onnet",
    [
        ("OUT:VOIPMS", "Call to a customer", True),
        ("OUT:CAN", "VoIP.ms DID", True),
        ("INT:EXT", "", True),
        ("OUT:CAN", "Canada - Ontario", False),
        ("IN:USA", "Inbound from VoIP.ms", False),
    ],
)
def test_one_place_decides_what_stays_on_the_carriers_net(
    kind: str, description: str, onnet: bool
) -> None:
    assert one(destination_type=kind, description=description).onnet is onnet


@pytest.mark.parametrize(
    "word, disposition",
    [
        ("ANSWERED", Disposition.ANSWERED),
        ("NO ANSWER", Disposition.NO_ANSWER),
        ("no_answer", Disposition.NO_ANSWER),
        ("BUSY", Disposition.BUSY),
        ("FAILED", Disposition.FAILED),
    ],
)
def test_dispositions(word: str, disposition: Disposition) -> None:
    assert one(disposition=word).disposition is disposition


def test_an_unknown_disposition_is_answered_when_something_was_carried() -> None:
    assert one(disposition="TALKED").disposition is Disposition.ANSWERED
    free = one(disposition="TALKED", seconds=0, total=0)
    assert free.disposition is Disposition.FAILED


def test_twins_are_one_call_whichever_comes_first() -> None:
    twin = {**ROW, "callerid": "+15145550142"}

    one_way, _ = read(ROW, twin)
    other_way, _ = read(twin, ROW)

    assert one_way == other_way
    assert len(one_way) == 1
    assert one_way[0].caller_id_name == "John Doe"


def test_a_forwarded_pair_on_one_id_is_two_legs() -> None:
    calls, _ = read({**ROW, "destination_type": "IN:USA"}, ROW)

    assert {call.direction for call in calls} == {Direction.IN, Direction.OUT}


def test_the_same_id_on_another_account_is_another_call() -> None:
    calls, _ = read(ROW, {**ROW, "account": "100000_back"})

    assert len(calls) == 2


def test_e7_two_calls_an_hour_apart_in_the_repeated_hour_are_both_kept() -> None:
    calls, _ = read(
        {**ROW, "date": "2026-11-01 01:30:00", "uniqueid": "1"},
        {**ROW, "date": "2026-11-01 01:30:00", "uniqueid": "2"},
    )

    assert [call.ambiguous for call in calls] == [True, True]
    assert {call.uniqueid for call in calls} == {"1", "2"}


def test_made_up_totals_are_no_calls() -> None:
    calls, unreadable = read({**ROW, "uniqueid": "n/a"}, {**ROW, "uniqueid": "N/A"})

    assert calls == []
    assert unreadable == []


@pytest.mark.parametrize(
    "change",
    [
        {"uniqueid": ""},
        {"uniqueid": None},
        {"uniqueid": "9" * 101},
        {"date": "0000-00-00 00:00:00"},
        {"date": None},
        {"seconds": "many", "duration": ""},
        {"seconds": "-5"},
        {"seconds": "1e30", "duration": ""},
        {"rate": "-0.01"},
        {"total": "-0.01"},
    ],
)
def test_a_row_nobody_can_read_is_handed_over_and_costs_no_other(change: dict[str, Any]) -> None:
    calls, unreadable = read({**ROW, **change}, {**ROW, "uniqueid": "2"})

    assert [call.uniqueid for call in calls] == ["2"]
    assert len(unreadable) == 1
    assert unreadable[0].method == "getCDR"


@pytest.mark.parametrize(
    "spelled, name, digits",
    [
        ("John Doe <5145550142>", "John Doe", "5145550142"),
        ('"John Doe" <+15145550142>', "John Doe", "5145550142"),
        ("O\\'Neil <5145550142>", "O'Neil", "5145550142"),
        ("5145550142", "", "5145550142"),
        ("+1 (514) 555-0142", "", "5145550142"),
        ("<15145550142>", "", "5145550142"),
        ("+442079460123", "", "+442079460123"),
        ("Anonymous", "Anonymous", ""),
        ('"Anonymous" <anonymous>', "Anonymous", ""),
        ("a <b> <5145550142>", "a <b>", "5145550142"),
        ("", "", ""),
        (None, "", ""),
    ],
)
def test_callers(spelled: Any, name: str, digits: str) -> None:
    assert caller(spelled) == (name, digits)


def test_what_the_network_writes_is_cleaned_and_cut() -> None:
    call = one(
        callerid="\x00\x1b[31mEvil\u202e\ud800\r\nname" + "x" * 500 + " <5145550142>",
        description="a\tb\nc" + "y" * 999,
    )

    assert call.caller_number in ("5145550142", "")
    assert len(call.caller_id_name) <= 80
    assert len(call.description) <= 160
    for text in (call.caller_id_name, call.description):
        assert text.isprintable()
        text.encode()


@given(st.text(), st.integers(1, 200))
def test_cleaned_text_always_fits_a_database(text: str, limit: int) -> None:
    for cleaned in (line(text, limit), body(text, limit)):
        assert len(cleaned) <= limit
        assert "\x00" not in cleaned
        cleaned.encode("utf-8")


@given(st.dictionaries(st.sampled_from(sorted(ROW)), st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(), st.lists(st.integers()),
    st.decimals(allow_nan=True, allow_infinity=True),
)))  # fmt: skip
def test_no_row_whatever_it_holds_stops_the_list(changes: dict[str, Any]) -> None:
    calls, unreadable = read({**ROW, **changes}, {**ROW, "uniqueid": "the other"})

    assert "the other" in {call.uniqueid for call in calls}
    assert len(calls) + len(unreadable) <= 2


@pytest.mark.parametrize(
    "value, expected",
    [("0.00000001", 1), ("0.000000005", 1), ("1e2", 10_000_000_000), (Decimal("0.009"), 900_000),
     ("-1.5", -150_000_000), (7, 700_000_000), ("x", None), ("", None), ("NaN", None),
     ("1e999999999", None), ("-1e999999999", None), ("0e999999999", 0), ("1e-999999999", None),
     ("99999999999", None), ("Infinity", None), (True, None)],
)  # fmt: skip
def test_amounts_keep_eight_decimals(value: Any, expected: int | None) -> None:
    assert e8({"x": value}, "x") == expected


@pytest.mark.parametrize("yes", ["1", 1, "yes", "Yes", "true", True, "Y"])
def test_every_spelling_of_yes(yes: Any) -> None:
    assert flag({"x": yes}, "x")


@pytest.mark.parametrize("no", ["0", 0, "no", "No", "", None, False, "false", [], "-1"])
def test_every_spelling_of_no(no: Any) -> None:
    assert not flag({"x": no}, "x")


@pytest.mark.parametrize(
    "answer, count",
    [
        ({"cdr": [ROW, ROW]}, 2),
        ({"cdr": ROW}, 1),
        ({"cdr": {"1": ROW, "2": ROW}}, 2),
        ({"cdr": []}, 0),
        ({"cdr": None}, 0),
        ({"cdr": "none"}, 0),
        ({}, 0),
    ],
)
def test_lists_objects_and_nothing(answer: dict[str, Any], count: int) -> None:
    assert len(rows(answer, "cdr")) == count


SMS = {
    "id": "111120",
    "date": "2026-07-14 10:24:16",
    "type": "1",
    "did": "5145550100",
    "contact": "+15145550142",
    "message": 'it\\\'s \\"fine\\"\r\nline two \U0001f600',
    "carrier_status": "received",
}


def message(**changes: Any) -> CarrierMessage:
    return read_messages([{**SMS, **changes}], MessageKind.SMS, unreadable=lambda _row: None)[0]


def test_a_message_row_becomes_a_message() -> None:
    assert message() == CarrierMessage(
        kind=MessageKind.SMS,
        id="111120",
        direction=Direction.IN,
        did="5145550100",
        contact="5145550142",
        text='it\'s "fine"\nline two \U0001f600',
        at=datetime(2026, 7, 14, 14, 24, 16, tzinfo=UTC),
        status="received",
    )
    assert message(type=0).direction is Direction.OUT
    assert message(id=111120).key() == "sms:111120"


def test_media_come_in_three_shapes_and_only_as_web_addresses() -> None:
    address = "https://voip.ms/media/{}.png"
    found = message(
        media={"1": address.format(1), "2": "javascript:alert(1)"},
        col_media1=address.format(1),
        col_media4=address.format(4),
    ).media

    assert found == (address.format(1), address.format(4))
    assert message(media=[address.format(2)]).media == (address.format(2),)
    assert message(media="").media == ()


def test_a_message_listed_twice_is_one() -> None:
    found = read_messages([SMS, SMS], MessageKind.SMS, unreadable=lambda _row: None)

    assert len(found) == 1


@pytest.mark.parametrize("change", [{"id": 0}, {"id": ""}, {"did": ""}, {"contact": None}])
def test_a_message_without_id_or_numbers_is_unreadable(change: dict[str, Any]) -> None:
    unreadable: list[UnreadableRow] = []

    assert read_messages([{**SMS, **change}], MessageKind.SMS, unreadable=unreadable.append) == []
    assert len(unreadable) == 1


@pytest.mark.parametrize(
    "spelled, expected",
    [("15145550142", "5145550142"), ("(514) 555-0142", "5145550142"), ("72345", "72345"),
     ("011442079460123", "011442079460123"), ("*97", "*97"), (5145550142, "5145550142")],
)  # fmt: skip
def test_numbers_have_one_spelling(spelled: Any, expected: str) -> None:
    assert number(spelled) == expected
