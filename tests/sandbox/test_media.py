"""Pictures and sounds: what is taken, where it lies, when it is there, and who answers."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest

from tests.carrier import PASSWORD, USER, Carrier
from tests.sandbox.conftest import CONTACT, DID, OTHER_DID
from tests.sandbox.listener import until

STRANGER = "2125550123"
PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 40
LASTING: dict[str, Any] = {"media_delay_seconds": 0, "media_life_seconds": 0}


def data(mime: str, body: bytes = PNG) -> str:
    return f"data:{mime};base64,{base64.b64encode(body).decode()}"


def post(carrier: Carrier, **values: str) -> dict[str, Any]:
    wanted = {"api_username": USER, "api_password": PASSWORD, "method": "sendMMS", "did": DID,
              "dst": STRANGER, "message": "look"}  # fmt: skip
    files = {key: (None, value) for key, value in (wanted | values).items()}
    answer: dict[str, Any] = httpx.post(carrier.rest_url, files=files).json()
    return answer


def mms(carrier: Carrier, **more: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = carrier.call("getMMS", **more).get("sms", [])
    return rows


@pytest.mark.parametrize(
    "media, status",
    [
        (data("image/png"), "success"), (data("image/jpeg"), "success"),
        (data("audio/mpeg"), "success"), (data("application/pdf"), "success"),
        (data("image/png;name=a.png"), "success"), ("https://example.test/a.jpg", "success"),
        (data("audio/wav"), "invalid_media"), (data("audio/amr"), "invalid_media"),
        (data("image/heic"), "invalid_media"), ("data:image/png,plain", "invalid_media"),
        ("https://example.test/a.amr", "invalid_media"), ("file:///etc/passwd", "invalid_media"),
    ],
)  # fmt: skip
def test_what_handsets_take(carrier: Carrier, media: str, status: str) -> None:
    assert post(carrier, media1=media)["status"] == status


def test_a_sent_file_lies_in_the_open_and_a_number_of_this_carrier_gets_it(
    carrier: Carrier,
) -> None:
    carrier.call("setSMS", did=OTHER_DID, enable="1")
    sent = post(carrier, dst=OTHER_DID, media1=data("image/png"))

    [row] = mms(carrier, mms=str(sent["mms"]))
    arrived = until(lambda: mms(carrier, did=OTHER_DID, type="1"))[0]

    assert row["col_media1"].startswith(f"{carrier.url}/media/")
    assert arrived["media"] == row["media"] == [row["col_media1"]]
    got = httpx.get(row["col_media1"])
    assert (got.content, got.headers["content-type"]) == (PNG, "image/png")


def test_a_file_is_not_there_yet_and_later_not_any_more(carrier: Carrier) -> None:
    def arrive() -> str:
        made = carrier.post("messages", did=DID, contact=STRANGER, message="", media="sample:png")
        return str(made["message"]["media"][0])

    carrier.control("settings", {"media_delay_seconds": 60})
    early = arrive()
    carrier.control("settings", {"media_delay_seconds": 0, "media_life_seconds": 0.001})
    late = arrive()
    carrier.control("settings", LASTING)

    assert httpx.get(early).status_code == 404
    assert until(lambda: httpx.get(late).status_code == 410)
    assert httpx.get(arrive()).status_code == 200
    assert httpx.get(f"{carrier.url}/media/guessed/media.png").status_code == 404


def test_more_than_three_files_and_the_sounds_of_telephones_come_in(carrier: Carrier) -> None:
    samples = ["sample:png", "sample:amr", "sample:mp3", "sample:html", "sample:vcf"]
    made = carrier.post("messages", did=DID, contact=STRANGER, message="", media=samples)

    [row] = mms(carrier)
    kinds = [httpx.get(url).headers["content-type"] for url in row["media"]]

    assert row["col_media5"] == made["message"]["media"][4]
    assert kinds[1] == "audio/amr"
    assert httpx.get(row["col_media4"]).content.startswith(b"<html>"), "a liar"


def test_ids_of_texts_and_pictures_may_be_the_same(carrier: Carrier) -> None:
    carrier.post("messages", did=DID, contact=STRANGER, message="text", id=7)
    carrier.post("messages", did=DID, contact=STRANGER, message="picture", media="sample:png", id=7)

    both = carrier.call("getSMS", all_messages="1")["sms"]

    assert [(row["id"], row["message"]) for row in both] == [("7", "picture"), ("7", "text")]


def test_a_contact_answers_a_picture_with_a_picture(carrier: Carrier) -> None:
    reply = {"message": "Nice", "media": ["sample:png"]}
    carrier.seed(contacts=[{"number": CONTACT, "replies": [reply], "delay_seconds": 0}])

    post(carrier, dst=CONTACT, media1=data("image/png"))

    [row] = until(lambda: mms(carrier, type="1"))
    assert (row["message"], httpx.get(row["col_media1"]).status_code) == ("Nice", 200)


def test_a_contact_who_cannot_be_reached_gives_the_text_its_status(carrier: Carrier) -> None:
    carrier.seed(contacts=[{"number": STRANGER, "delivery": "Message could not be delivered."}])

    post(carrier)

    until(lambda: mms(carrier)[0]["carrier_status"] == "Message could not be delivered.")


def test_the_daily_limit_counts_pictures_too(carrier: Carrier) -> None:
    carrier.control("settings", {"messages_per_day": 1})

    assert [post(carrier)["status"] for _ in range(2)] == ["success", "limit_reached"]
