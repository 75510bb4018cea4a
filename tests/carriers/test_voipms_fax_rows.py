"""Rows of faxes and the form that a fax comes with, in every shape the carrier may use."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from portal.carriers import (
    CarrierFaxMessage,
    Direction,
    FaxStatus,
    InvalidCallback,
    UnreadableRow,
    fax_from_form,
    fax_reason,
)
from portal.carriers.voipms_faxes import read_faxes

ROW: dict[str, Any] = {
    "id": "23434",
    "folder": "INBOX",
    "date": "2026-07-14 12:28:34",
    "callerid": "John Doe <5145550142>",
    "stationid": "5145550142",
    "destination": "613.555.0177",
    "description": "INBOUND FAX",
    "pages": "2",
    "duration": "1:16",
    "status": "SUCCESS",
    "rate": "0.00900000",
    "total": "0.01140000",
    "msg": "",
}
SENT = {"description": "OUTBOUND FAX", "folder": "SENT", "callerid": "Clinic <6135550177>",
        "destination": "5145550142"}  # fmt: skip


def read(*found: dict[str, Any]) -> tuple[list[CarrierFaxMessage], list[UnreadableRow]]:
    unreadable: list[UnreadableRow] = []
    return read_faxes(found, unreadable=unreadable.append), unreadable


def one(**changes: Any) -> CarrierFaxMessage:
    faxes, unreadable = read({**ROW, **changes})
    assert unreadable == []
    return faxes[0]


def test_a_row_becomes_a_fax_on_the_plain_eastern_clock() -> None:
    assert one() == CarrierFaxMessage(
        id="23434",
        direction=Direction.IN,
        did="6135550177",
        other="5145550142",
        name="John Doe",
        at=datetime(2026, 7, 14, 16, 28, 34, tzinfo=UTC),
        ambiguous=False,
        pages=2,
        seconds=76,
        status=FaxStatus.SUCCESS,
        words="SUCCESS",
        folder="INBOX",
        rate_e8=900_000,
        total_e8=1_140_000,
    )
    assert one(id=23434, pages=2, rate=Decimal("0.009"), total=Decimal("0.0114")) == one()
    assert one(date="2026-11-01 01:30:00").ambiguous


def test_a_fax_out_has_its_numbers_the_other_way_round() -> None:
    fax = one(**SENT)

    assert (fax.direction, fax.did, fax.other) == (Direction.OUT, "6135550177", "5145550142")
    assert one(**{**SENT, "description": ""}).direction is Direction.OUT, "by its folder"
    assert one(description="", folder="FAMILY").direction is Direction.IN


@pytest.mark.parametrize(
    "change, expected",
    [
        ({"duration": "0:07"}, 7), ({"duration": "1:02:03"}, 3723), ({"duration": "76"}, 76),
        ({"duration": 76}, 76), ({"duration": "", "status": "FAILED"}, 0),
        ({**SENT, "duration": "", "status": "SENDING"}, 0),
    ],
)  # fmt: skip
def test_lengths(change: dict[str, Any], expected: int) -> None:
    assert one(**change).seconds == expected


@pytest.mark.parametrize(
    "said, inbound, outbound",
    [
        ("SUCCESS", FaxStatus.SUCCESS, FaxStatus.SUCCESS),
        ("sent", FaxStatus.SUCCESS, FaxStatus.SUCCESS),
        ("FAILED", FaxStatus.FAILED, FaxStatus.FAILED),
        ("NO ANSWER", FaxStatus.FAILED, FaxStatus.FAILED),
        ("BUSY", FaxStatus.FAILED, FaxStatus.FAILED),
        ("SENDING", FaxStatus.SUCCESS, FaxStatus.SENDING),
        ("", FaxStatus.SUCCESS, FaxStatus.SENDING),
        ("a word of next year", FaxStatus.SUCCESS, FaxStatus.SENDING),
    ],
)
def test_states(said: str, inbound: FaxStatus, outbound: FaxStatus) -> None:
    assert one(status=said).status is inbound
    assert one(**SENT, status=said).status is outbound


@pytest.mark.parametrize(
    "words, sentence",
    [
        ("FAILED: The line is busy", "The line was busy."),
        ("NO ANSWER", "Nobody answered."),
        ("FAILED: Disconnected after page 1", "The connection broke before the last page."),
        ("FAILED: No fax tone, a voice answered", "No fax machine answered at this number."),
        ("FAILED: Number not in service", "This number cannot be reached."),
        ("FAILED", "The fax did not go through."),
    ],
)
def test_the_carriers_words_become_a_reason(words: str, sentence: str) -> None:
    assert fax_reason(words).sentence == sentence


@pytest.mark.parametrize(
    "change",
    [
        {"id": ""}, {"id": 0}, {"date": None}, {"date": "soon"}, {"destination": ""},
        {"duration": ""}, {"duration": "-5"}, {"duration": "1e30"}, {"pages": "-1"},
        {"rate": "-0.01"}, {"total": "-1"}, {**SENT, "destination": None}, {**SENT, "callerid": ""},
    ],
)  # fmt: skip
def test_a_row_nobody_can_read_costs_no_other(change: dict[str, Any]) -> None:
    faxes, unreadable = read({**ROW, **change}, {**ROW, "id": "2"}, {**ROW, "id": "2"})

    assert [fax.id for fax in faxes] == ["2"]
    assert [row.method for row in unreadable] == ["getFaxMessages"]


def test_a_name_from_the_network_is_cleaned_and_cut() -> None:
    fax = one(callerid="\x00\x1b[31mEvil\u202e\ud800\r\n<b>" + "x" * 90 + " <5145550142>")

    assert len(fax.name) <= 80
    assert fax.name.isprintable()


def test_no_row_whatever_it_holds_stops_the_list() -> None:
    odd = [None, True, -1, 10**30, "x" * 9_000, "\ud800", [], {"1": 2}, Decimal("NaN"),
           Decimal("1e999999999")]  # fmt: skip
    hostile = [{**ROW, key: value} for key in ROW for value in odd]

    faxes, unreadable = read(*hostile, {**ROW, "id": "the-other"})

    assert "the-other" in {fax.id for fax in faxes}
    assert unreadable


def test_a_form_becomes_a_fax_that_has_no_id() -> None:
    fax = fax_from_form({"from": "John Doe <15145550142>", "to": "613.555.0177"}, b"%PDF-1.4")

    assert (fax.did, fax.other, fax.name) == ("6135550177", "5145550142", "John Doe")
    assert "PDF" not in repr(fax)
    assert fax_from_form({"from": "anonymous", "to": "6135550177"}, b"%PDF-1.4").other == ""


@pytest.mark.parametrize(
    "fields, pdf", [({"to": "6135550177"}, b""), ({"from": "1"}, b"%PDF"), ({}, b"")]
)
def test_a_form_without_number_or_file_is_refused(fields: dict[str, str], pdf: bytes) -> None:
    with pytest.raises(InvalidCallback):
        fax_from_form(fields, pdf)
