"""Texts and pictures: limits, ids, lists, statuses and replies."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.carrier import PASSWORD, USER, Carrier
from tests.sandbox.conftest import DID, OTHER_DID
from tests.sandbox.listener import until

STRANGER, CONTACT = "2125550123", "4165550142"


def send(carrier: Carrier, message: str, dst: str = STRANGER, **more: str) -> dict[str, Any]:
    return carrier.call("sendSMS", **({"did": DID, "dst": dst, "message": message} | more))


def texts(carrier: Carrier, method: str = "getSMS", **more: str) -> list[dict[str, Any]]:
    now = datetime.now(UTC)
    days = {"from": f"{now - timedelta(days=1):%F}", "to": f"{now + timedelta(days=1):%F}"}
    answer = carrier.call(method, timezone="0", **(days | more))
    rows: list[dict[str, Any]] = answer.get("sms", [])
    return rows


@pytest.mark.parametrize(
    "message, status",
    [
        ("a" * 160, "success"),
        ("a" * 161, "sms_toolong"),
        ("é" * 80, "success"),
        ("é" * 81, "sms_toolong"),
        ("🎉" * 40, "success"),
        ("🎉" * 41, "sms_toolong"),
        ("", "missing_sms"),
    ],
)
def test_a_text_holds_160_bytes(carrier: Carrier, message: str, status: str) -> None:
    assert send(carrier, message)["status"] == status


@pytest.mark.parametrize(
    "parameters, status",
    [
        ({"did": "2125550199"}, "invalid_did"),
        ({"did": OTHER_DID}, "invalid_did"),
        ({"did": "12"}, "invalid_did"),
        ({"dst": "12345"}, "invalid_dst"),
        ({"dst": "nobody"}, "invalid_dst"),
        ({"did": ""}, "missing_did"),
    ],
)
def test_who_sends_and_who_gets_it_must_be_known(
    carrier: Carrier, parameters: dict[str, str], status: str
) -> None:
    assert send(carrier, "hi", **parameters) == {"status": status}
    assert carrier.control("truth/messages")["messages"] == []


def test_a_sent_text_is_listed_as_sent_and_delivered_after_a_while(carrier: Carrier) -> None:
    answer = send(carrier, "Hello + ünïcode 'quote'")

    (row,) = texts(carrier)

    assert isinstance(answer["sms"], int)
    assert row["id"] == str(answer["sms"])
    assert (row["type"], row["did"], row["contact"]) == ("0", DID, STRANGER)
    assert row["message"] == "Hello + ünïcode 'quote'"
    until(lambda: texts(carrier)[0]["carrier_status"] == "Message delivered to handset.")


def test_a_contact_answers_and_a_stranger_does_not(carrier: Carrier) -> None:
    send(carrier, "to a stranger")
    send(carrier, "to a contact", CONTACT)

    until(lambda: texts(carrier, type="1"))

    received = texts(carrier, type="1")
    assert [(row["contact"], row["message"]) for row in received] == [(CONTACT, "Got it")]


def test_texts_and_pictures_have_ids_of_their_own(carrier: Carrier) -> None:
    text = send(carrier, "one")
    picture = carrier.call(
        "sendMMS", did=DID, dst=STRANGER, message="two", media1="https://example.test/cat.png"
    )

    assert abs(text["sms"] - picture["mms"]) > 1_000_000
    assert [row["message"] for row in texts(carrier)] == ["one"]
    (row,) = texts(carrier, "getMMS")
    assert (row["message"], row["col_media1"]) == ("two", "https://example.test/cat.png")
    assert len(texts(carrier, all_messages="1")) == 2


@pytest.mark.parametrize(
    "parameters, status",
    [
        ({"message": "a" * 2048}, "success"),
        ({"message": "a" * 2049}, "sms_toolong"),
        ({"message": ""}, "message_empty"),
        ({"message": "", "media1": "https://example.test/a.png"}, "success"),
        ({"message": "x", "media1": "https://example.test/a.wav"}, "invalid_media"),
        ({"message": "x", "media1": "data:image/png;base64,?"}, "invalid_media"),
        (
            {"message": "x", "media1": "data:image/png;base64," + base64.b64encode(b"x" * 1_300_000).decode()},
            "exceeds_file_size",
        ),
    ],
)  # fmt: skip
def test_what_a_picture_message_holds(
    carrier: Carrier, parameters: dict[str, str], status: str
) -> None:
    values = {
        "api_username": USER,
        "api_password": PASSWORD,
        "method": "sendMMS",
        "did": DID,
        "dst": STRANGER,
    }

    answer = httpx.post(
        carrier.rest_url, files={k: (None, v) for k, v in (values | parameters).items()}
    ).json()

    assert answer["status"] == status


def test_media_come_as_an_object_or_as_an_array(carrier: Carrier) -> None:
    media = [f"https://example.test/{n}.png" for n in range(1, 5)]
    made = carrier.post("messages", did=DID, contact=STRANGER, message="look", media=media)
    number = str(made["message"]["id"])

    assert carrier.call("getMediaMMS", id=number)["media"] == {
        str(n): url for n, url in enumerate(media, start=1)
    }
    assert carrier.call("getMediaMMS", id=number, media_as_array="1")["media"] == media
    assert texts(carrier, "getMMS")[0]["col_media4"] == media[3]


def test_lists_are_filtered_and_limited(carrier: Carrier) -> None:
    for number in range(3):
        carrier.post("messages", did=DID, contact=f"212555013{number}", message=str(number))
    carrier.post("messages", did=DID, contact=STRANGER, message="old", at="2026-02-01T12:00:00Z")

    assert len(texts(carrier)) == 3
    assert [row["message"] for row in texts(carrier, contact="2125550131")] == ["1"]
    assert len(texts(carrier, limit="2")) == 2
    assert texts(carrier, type="0") == []
    assert carrier.call("getSMS", did="2125550177") == {"status": "invalid_did"}
    assert carrier.call("getSMS", **{"from": "2026-01-01", "to": "2026-06-01"}) == {
        "status": "invalid_daterange"
    }


def test_a_deleted_text_is_gone_from_the_lists_but_it_happened(carrier: Carrier) -> None:
    number = str(send(carrier, "oops")["sms"])

    assert carrier.call("deleteSMS", id=number) == {"status": "success"}
    assert carrier.call("deleteSMS", id=number) == {"status": "invalid_id"}
    assert carrier.call("getSMS", sms=number) == {"status": "no_sms"}
    assert len(carrier.control("truth/messages")["messages"]) == 1


def test_the_daily_quota_stops_sending(carrier: Carrier) -> None:
    carrier.control("settings", {"messages_per_day": 2})

    assert [send(carrier, "x")["status"] for _ in range(3)] == [
        "success", "success", "limit_reached",
    ]  # fmt: skip


def test_a_text_sent_twice_is_seen_twice(carrier: Carrier) -> None:
    send(carrier, "same")
    send(carrier, "same")

    sent = carrier.control("truth/messages", direction="out")["messages"]

    assert [text["message"] for text in sent] == ["same", "same"]


def test_a_clients_messages_are_those_of_its_numbers(carrier: Carrier) -> None:
    carrier.call(
        "connectDID", did=DID, account="100482_desk", monthly="1", setup="0", minute="0.02"
    )
    send(carrier, "mine")

    assert [row["message"] for row in texts(carrier, "getResellerSMS", client="561115")] == ["mine"]
    assert carrier.call("getResellerSMS", client="1") == {"status": "invalid_client"}
