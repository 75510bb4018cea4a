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
    PortWish,
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


def test_a_fax_number_is_found_bought_set_and_given_back(
    practice: Practice, carrier: VoipMs
) -> None:
    assert ("ON", "Ontario") in {(one.code, one.name) for one in carrier.fax_places("CA")}
    assert {one.code for one in carrier.fax_places("US")} >= {"NY", "TX"}
    [ottawa] = [one for one in carrier.fax_centres("CA", "ON") if one.area_code == "613"]
    mark = "https://portal.example/hooks/fax?order=1"

    did = carrier.order_fax(ottawa.location, callback=mark, enabled=True)
    practice.call("setFaxNumberInfo", did=did, url_callback=mark, fax_to_sip_enabled="1",
                  fax_to_sip_enabled_account="100000_front", email="a@example.test")  # fmt: skip
    now = carrier.set_fax(did, note="Front desk", callback_enabled=True)
    row = practice.call("getFaxNumbersInfo", did=did)["numbers"][0]

    assert ottawa.available
    assert (now.note, now.callback, now.email, now.callback_enabled) == (
        "Front desk", mark, "a@example.test", True,
    )  # fmt: skip
    assert row["fax_to_sip_enabled_account"] == "100000_front", "what we do not know stays"
    assert next(one for one in carrier.fax_numbers() if one.did == did).settings == now
    with pytest.raises(ValueError, match="no such fax setting"):
        carrier.set_fax(did, colour="blue")
    carrier.cancel_fax(did)
    carrier.cancel_fax(did)
    assert did not in {one.did for one in carrier.fax_numbers()}


def test_a_number_bought_although_the_answer_was_lost_is_found_by_its_mark(
    practice: Practice, carrier: VoipMs
) -> None:
    practice.post("faults", kind="truncated", method="orderFaxNumber")
    place = carrier.fax_centres("CA", "ON")[0].location

    with pytest.raises(OutcomeUnknown):
        carrier.order_fax(place, callback="https://portal.example/fax?order=7", enabled=False)

    [bought] = [one for one in carrier.fax_numbers() if one.settings.callback.endswith("order=7")]
    assert not bought.settings.callback_enabled


def test_a_number_is_brought_along(practice: Practice, carrier: VoipMs) -> None:
    wish = PortWish("CA", "+16135550111", "Clinic", "Ann", "Lee", "1 Main", "Ottawa", "ON",
                    "K1A0A1", "Old", "7")  # fmt: skip

    assert carrier.fax_is_portable("+16135550111")
    assert not carrier.fax_is_portable("8675550111")
    port = carrier.port_fax(wish)
    assert carrier.port_status(port) == "pending_approval"
    carrier.add_port_file(port, b"%PDF-1.4")
    practice.post(f"ports/{port}", status="completed", note="All done.")
    assert carrier.port_status(port) == "completed"
    assert [note.text for note in carrier.port_notes(port)][1:] == ["All done."]
    assert carrier.port_notes(port)[0].at is not None
    assert [(one.id, one.numbers) for one in carrier.ports()] == [(port, ("6135550111",))]
    assert "6135550111" in [one.did for one in carrier.fax_numbers()]
