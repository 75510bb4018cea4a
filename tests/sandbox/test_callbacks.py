"""How a reseller is told about a text that came in."""

from __future__ import annotations

import re
from typing import Any

from tests.carrier import Carrier
from tests.sandbox.conftest import DID
from tests.sandbox.listener import Listener, until

TEMPLATE = (
    "/in?to={TO}&from={FROM}&message={MESSAGE}&files={MEDIA}&id={ID}&date={TIMESTAMP}&k=secret"
)
STRANGER = "2125550123"


def listen(carrier: Carrier, listener: Listener, **settings: str) -> None:
    url = listener.url + TEMPLATE
    answer = carrier.call(
        "setSMS",
        did=DID,
        enable="1",
        **({"url_callback_enable": "1", "url_callback": url} | settings),
    )
    assert answer == {"status": "success"}


def text_in(carrier: Carrier, message: str, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = carrier.post(
        "messages", did=DID, contact=STRANGER, message=message, **more
    )["message"]
    return made


def test_placeholders_are_filled_in_and_escaped(carrier: Carrier) -> None:
    with Listener() as listener:
        listen(carrier, listener)
        made = text_in(carrier, "1 & 1 = {ID}? ✓+")

        (heard,) = listener.wait(1)

    assert heard.verb == "GET"
    assert heard.query["from"] == STRANGER
    assert heard.query["to"] == DID
    assert heard.query["id"] == str(made["id"])
    assert heard.query["k"] == "secret"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", heard.query["date"])
    assert heard.query["message"] == "1 & 1 = {ID}? ✓+"


def test_with_retry_it_comes_again_until_the_body_is_exactly_ok(carrier: Carrier) -> None:
    with Listener(["busy", "OK", "ok"]) as listener:
        listen(carrier, listener, url_callback_retry="1")
        text_in(carrier, "hello")

        heard = listener.wait(3)
        until(lambda: carrier.control("deliveries")["deliveries"][0]["done"])

    assert len({request.query["id"] for request in heard}) == 1
    assert carrier.control("deliveries")["deliveries"][0]["attempts"] == 3


def test_without_retry_it_comes_once(carrier: Carrier) -> None:
    with Listener(["no"]) as listener:
        listen(carrier, listener)
        text_in(carrier, "hello")

        delivery = until(
            lambda: [d for d in carrier.control("deliveries")["deliveries"] if d["done"]]
        )[0]

    assert (delivery["attempts"], delivery["last_answer"]) == (1, "no")


def test_an_absent_receiver_gets_it_later(carrier: Carrier) -> None:
    carrier.call(
        "setSMS", did=DID, enable="1", url_callback_enable="1", url_callback_retry="1",
        url_callback="http://127.0.0.1:9/?m={MESSAGE}",
    )  # fmt: skip
    text_in(carrier, "hello")

    until(lambda: carrier.control("deliveries")["deliveries"][0]["attempts"] >= 2)

    assert not carrier.control("deliveries")["deliveries"][0]["done"]


def test_the_json_webhook_has_the_documented_envelope(carrier: Carrier) -> None:
    with Listener() as listener:
        carrier.call(
            "setSMS", did=DID, enable="1", webhook_enable="1", webhook=f"{listener.url}/{{TO}}"
        )
        made = text_in(carrier, "look", media=["https://example.test/a.png"])

        (heard,) = listener.wait(1)

    payload = heard.body["data"]["payload"]
    assert heard.path in ("/{TO}", "/%7BTO%7D")
    assert heard.body["data"]["event_type"] == "message.received"
    assert heard.body["data"]["id"] == payload["id"] == made["id"]
    assert payload["type"] == "MMS"
    assert payload["from"] == {"phone_number": STRANGER}
    assert payload["to"] == [{"phone_number": DID, "status": "webhook_delivered"}]
    assert payload["media"] == [{"url": "https://example.test/a.png"}]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00", payload["received_at"])


def test_a_number_without_texts_takes_none(carrier: Carrier) -> None:
    with Listener() as listener:
        listen(carrier, listener)
        carrier.call("setSMS", did=DID, enable="0")

        answer = carrier._http.post(
            f"{carrier.url}/control/messages",
            json={"did": DID, "contact": STRANGER, "message": "x"},
        )

    assert answer.status_code == 400
    assert listener.heard == []


def test_numbers_come_in_plus_one_form_when_the_number_asks_for_it(carrier: Carrier) -> None:
    with Listener() as listener:
        listen(carrier, listener, dialmode="2")
        text_in(carrier, "hello")

        (heard,) = listener.wait(1)

    assert (heard.query["from"], heard.query["to"]) == (f"+1{STRANGER}", f"+1{DID}")
