"""Texts that the carrier brings to us, in its three spellings."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.carriers import (
    CarrierMessage,
    Direction,
    InvalidCallback,
    MessageKind,
    message_from_fields,
    message_from_json,
)

NOW = datetime(2026, 7, 14, 15, 0, tzinfo=UTC)
FIELDS = {
    "to": "5145550100",
    "from": "15145550142",
    "message": "it\\'s me",
    "files": "",
    "id": "110000001",
    "date": "2026-07-14 10:59:58",
}
ENVELOPE: dict[str, Any] = {
    "data": {
        "id": 110000001,
        "event_type": "message.received",
        "record_type": "event",
        "payload": {
            "id": 110000001,
            "record_type": "message",
            "type": "SMS",
            "from": {"phone_number": "5145550142"},
            "to": [{"phone_number": "5145550100", "status": "webhook_delivered"}],
            "text": "it's me",
            "media": [],
            "received_at": "2026-07-14T14:59:58.000000+00:00",
        },
    }
}
MESSAGE = CarrierMessage(
    kind=MessageKind.SMS,
    id="110000001",
    direction=Direction.IN,
    did="5145550100",
    contact="5145550142",
    text="it's me",
    at=datetime(2026, 7, 14, 14, 59, 58, tzinfo=UTC),
    status="received",
)


def envelope(**payload: Any) -> bytes:
    data = ENVELOPE["data"]
    return json.dumps({"data": {**data, "payload": {**data["payload"], **payload}}}).encode()


def test_the_template_and_the_envelope_tell_the_same_message() -> None:
    assert message_from_fields(FIELDS, received_at=NOW) == MESSAGE
    assert message_from_json(envelope(), received_at=NOW) == MESSAGE


def test_media_make_it_an_mms_in_every_spelling() -> None:
    address = "https://voip.ms/media/abc/media.png"
    by_files = message_from_fields({**FIELDS, "files": f"{address},{address}2"}, received_at=NOW)
    by_media = message_from_fields({**FIELDS, "media": address}, received_at=NOW)
    by_json = message_from_json(envelope(type="MMS", media=[{"url": address}]), received_at=NOW)

    assert by_files.media == (address, f"{address}2")
    assert by_media.media == (address,)
    assert by_json is not None
    assert by_json.media == (address,)
    assert {by_files.kind, by_media.kind, by_json.kind} == {MessageKind.MMS}


def test_a_placeholder_that_was_not_filled_counts_as_missing() -> None:
    told = {**FIELDS, "date": "{TIMESTAMP}", "files": "{MEDIA}"}

    message = message_from_fields(told, received_at=NOW)

    assert message.at == NOW
    assert message.media == ()


def test_a_short_code_is_a_sender() -> None:
    assert message_from_fields({**FIELDS, "from": "72345"}, received_at=NOW).contact == "72345"


@pytest.mark.parametrize("missing", ["to", "from", "id"])
def test_without_number_or_id_it_is_no_message(missing: str) -> None:
    with pytest.raises(InvalidCallback):
        message_from_fields({**FIELDS, missing: ""}, received_at=NOW)


@pytest.mark.parametrize("event", ["message.sent", "message.finalized", ""])
def test_other_events_are_nothing_to_do(event: str) -> None:
    body = json.dumps({"data": {**ENVELOPE["data"], "event_type": event}})

    assert message_from_json(body, received_at=NOW) is None


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"{}", b'{"data": []}', b'{"data": {"event_type": 1}}',
             b'{"data": {"event_type": "message.received"}}', b"\xff\xfe", b"[" * 100_000,
             b'{"data": {"event_type": "message.received", "payload": []}}'],
)  # fmt: skip
def test_what_is_no_envelope_is_refused_or_ignored_and_never_a_crash(body: bytes) -> None:
    try:
        found = message_from_json(body, received_at=NOW)
    except InvalidCallback:
        found = None

    assert found is None


@given(
    st.dictionaries(
        st.sampled_from(["id", "type", "from", "to", "text", "media", "received_at"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        ),
    )
)
def test_no_payload_whatever_it_holds_is_a_crash(payload: dict[str, Any]) -> None:
    try:
        message = message_from_json(envelope(**payload), received_at=NOW)
    except InvalidCallback:
        return
    assert message is not None
    message.text.encode()
    assert "\x00" not in message.text


@pytest.mark.parametrize(
    "said",
    ["0001-01-01 00:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2199-01-01 00:00:00",
     "2031-01-01T00:00:00+00:00", "1999-12-31 23:59:59", "yesterday", "0", "9" * 4_000, "2026-02-30 10:00:00",
     "\x00\x00", "2026-07-14T14:59:58+99:99"],
)  # fmt: skip
def test_a_date_that_cannot_be_right_is_kept_as_it_was_said_beside_our_own(said: str) -> None:
    by_fields = message_from_fields({**FIELDS, "date": said}, received_at=NOW)
    by_json = message_from_json(envelope(received_at=said), received_at=NOW)
    assert by_json is not None
    for message in (by_fields, by_json):
        assert message.at == NOW
        assert message.odd_date
        assert len(message.odd_date) <= 40
        assert message.odd_date.isprintable()
    assert message_from_fields({**FIELDS, "date": ""}, received_at=NOW).odd_date == ""
