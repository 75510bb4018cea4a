"""Faxes and the files of messages: the real adapter against the practice carrier."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from portal.carriers import (
    CarrierError,
    CarrierFaxMessage,
    Direction,
    FaxStatus,
    FaxToSend,
    OutcomeUnknown,
    fax_reason,
)
from portal.carriers.voipms import VoipMs
from sandbox.paper import sample
from tests.carrier import Carrier as Practice
from tests.carriers.test_voipms_sandbox import DID, connect
from tests.sandbox.listener import until

FAX, MACHINE = "6135550177", "4165550142"
PDF = sample(2)


@pytest.fixture
def practice(process: Practice) -> Practice:
    process.reset()
    process.control("faults/clear", {})
    process.control("settings", {"fax_speed": 2000, "fax_list_seconds": 0,
                                 "media_delay_seconds": 0, "media_life_seconds": 0})  # fmt: skip
    process.seed(
        sub_accounts=[{"username": "front"}],
        dids=[{"did": DID, "account": "front", "sms_enabled": True}],
        faxes=[{"did": FAX}],
    )
    return process


@pytest.fixture
def carrier(practice: Practice) -> VoipMs:
    return connect(practice)


def fax(**changes: Any) -> FaxToSend:
    fields = {"did": FAX, "from_name": "Clinic", "to": "+14165550142", "station_id": "DESK"}
    return FaxToSend(**{**fields, "pdf": PDF, **changes})


def find(carrier: VoipMs, **how: Any) -> CarrierFaxMessage | None:
    return carrier.find_fax(FAX, MACHINE, around=datetime.now(UTC), **how)


def ended(carrier: VoipMs, **how: Any) -> CarrierFaxMessage:
    def look() -> CarrierFaxMessage | None:
        found = find(carrier, **how)
        return found if found and found.status is not FaxStatus.SENDING else None

    row: CarrierFaxMessage = until(look)
    return row


def test_a_fax_is_handed_over_found_and_read_back(carrier: VoipMs) -> None:
    assert find(carrier) is None

    carrier.send_fax(fax())

    row = ended(carrier, pages=2)
    assert (row.direction, row.did, row.other) == (Direction.OUT, FAX, MACHINE)
    assert (row.status, row.pages, row.seconds, row.total_e8) == (
        FaxStatus.SUCCESS, 2, 68, 3_600_000,
    )  # fmt: skip
    assert carrier.fax_pdf(row.id) == PDF
    assert find(carrier, exclude={row.id}) is None
    assert find(carrier, pages=3) is None, "that was another one"


def test_a_fax_that_broke_off_is_found_with_fewer_pages_and_says_why(
    practice: Practice, carrier: VoipMs
) -> None:
    practice.post("fax_machines", number=MACHINE, behaviour="fails", page=2)

    carrier.send_fax(fax())

    row = ended(carrier, pages=2)
    assert (row.status, row.pages) == (FaxStatus.FAILED, 1)
    assert fax_reason(row.words).sentence == "The connection broke before the last page."


@pytest.mark.parametrize("kind", ["truncated", "cut", "reset_after", "html"])
def test_after_a_lost_answer_the_list_tells_whether_it_was_taken(
    practice: Practice, carrier: VoipMs, kind: str
) -> None:
    practice.post("faults", kind=kind, method="sendFaxMessage")

    with pytest.raises(OutcomeUnknown):
        carrier.send_fax(fax())

    assert (find(carrier) is None) is (kind == "html"), "html came instead of doing it"
    assert len(practice.control("truth/faxes")["faxes"]) == (kind != "html")


@pytest.mark.parametrize(
    "change, code",
    [({"did": DID}, "invalid_from_number"), ({"to": "112"}, "invalid_to_number"),
     ({"pdf": b"MZ\0"}, "invalid_file")],
)  # fmt: skip
def test_a_refusal_is_certain(carrier: VoipMs, change: dict[str, Any], code: str) -> None:
    with pytest.raises(CarrierError) as caught:
        carrier.send_fax(fax(**change))

    assert (caught.value.code, caught.value.maybe_sent) == (code, False)
    assert caught.value.sentence


def test_faxes_of_a_window_on_the_eastern_clock(practice: Practice, carrier: VoipMs) -> None:
    july = datetime(2026, 7, 14, 3, 30, tzinfo=UTC)
    for at in (july, july - timedelta(hours=2)):
        practice.post("faxes", did=FAX, at=at.isoformat(), name="<b>", pages=3, seconds=76)

    [row] = carrier.faxes(july, july + timedelta(minutes=1))

    assert (row.at, row.direction, row.name, row.seconds) == (july, Direction.IN, "<b>", 76)
    with pytest.raises(CarrierError):
        carrier.fax_pdf("1")


def test_a_file_that_is_not_there_yet_is_told_from_one_that_is_gone(
    practice: Practice, carrier: VoipMs
) -> None:
    def arrive(**settings: Any) -> str:
        practice.control("settings", settings)
        made = practice.post("messages", did=DID, media=["sample:png"])
        return str(made["message"]["media"][0])

    def refused(address: str) -> tuple[str, bool]:
        with pytest.raises(CarrierError) as caught:
            carrier.media(address)
        return caught.value.code, caught.value.permanent

    early = arrive(media_delay_seconds=60)
    there = arrive(media_delay_seconds=0)
    gone = arrive(media_life_seconds=0.0001)

    assert carrier.media(there).startswith(b"\x89PNG")
    assert refused(early) == ("media_not_there", False)
    assert until(lambda: refused(gone) == ("media_gone", True))
    assert refused("http://169.254.169.254/latest") == ("media_forbidden", True)
    assert refused("file:///etc/passwd") == ("media_forbidden", True)
    practice.control("settings", {"media_life_seconds": 0})
    big = practice.post("messages", did=DID, media=["sample:big"])["message"]["media"][0]
    assert refused(big) == ("media_too_large", True)


def test_nothing_of_a_fax_is_quoted_by_a_value() -> None:
    assert base64.b64encode(PDF[:9]).decode() not in repr(fax())
    assert "pdf" not in repr(fax())
