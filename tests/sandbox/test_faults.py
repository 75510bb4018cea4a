"""Everything that can go wrong between the carrier and its customer, on demand."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx
import pytest

from tests.carrier import PASSWORD, USER, Carrier
from tests.sandbox.conftest import DID

ASK = {"api_username": USER, "api_password": PASSWORD, "method": "getBalance"}
SEND = ASK | {"method": "sendSMS", "did": DID, "dst": "2125550123", "message": "once"}


def ask(carrier: Carrier, values: dict[str, str] = ASK, **more: Any) -> httpx.Response:
    return httpx.get(carrier.rest_url, params=values, **more)


def fault(carrier: Carrier, kind: str, **more: Any) -> None:
    carrier.post("faults", kind=kind, **more)


def sent(carrier: Carrier) -> int:
    return len(carrier.control("truth/messages")["messages"])


@pytest.mark.parametrize(
    "kind, code, body",
    [
        ("http", 500, "Internal Server Error"),
        ("html", 522, "<!DOCTYPE html>"),
        ("empty", 200, ""),
        ("array", 200, "[]"),
        ("null", 200, "null"),
        ("status", 200, '{"status": "method_maintenance"}'),
    ],
)
def test_a_broken_answer_comes_before_anything_is_done(
    carrier: Carrier, kind: str, code: int, body: str
) -> None:
    fault(carrier, kind)

    broken = ask(carrier, SEND)

    assert (broken.status_code, broken.text[: len(body)]) == (code, body)
    assert sent(carrier) == 0
    assert ask(carrier, SEND).json()["status"] == "success"


def test_any_status_can_be_asked_for_one_method_only(carrier: Carrier) -> None:
    fault(carrier, "status", method="getCDR", status="api_limit_exceeded", calls=2)

    answers = [
        carrier.call(name)["status"] for name in ("getBalance", "getCDR", "getCDR", "getCDR")
    ]

    assert answers == ["success", "api_limit_exceeded", "api_limit_exceeded", "missing_from_date"]


def test_half_of_the_json(carrier: Carrier) -> None:
    fault(carrier, "truncated")

    with pytest.raises(json.JSONDecodeError):
        ask(carrier).json()


@pytest.mark.parametrize("kind, done", [("reset", 0), ("reset_after", 1), ("cut", 1)])
def test_a_broken_connection_before_and_after_the_text_went_out(
    carrier: Carrier, kind: str, done: int
) -> None:
    fault(carrier, kind)

    with pytest.raises(httpx.TransportError):
        ask(carrier, SEND)

    assert sent(carrier) == done


def test_a_slow_carrier_and_one_that_hangs(carrier: Carrier) -> None:
    fault(carrier, "delay", seconds=0.5)
    fault(carrier, "hang", seconds=30)

    started = time.monotonic()
    assert ask(carrier).status_code == 200
    assert time.monotonic() - started >= 0.5
    with pytest.raises(httpx.ReadTimeout):
        ask(carrier, timeout=0.5)
    assert ask(carrier).status_code == 200


def test_one_byte_at_a_time(carrier: Carrier) -> None:
    fault(carrier, "drip", seconds=0.02)

    started = time.monotonic()
    answer = ask(carrier)

    assert answer.json()["status"] == "success"
    assert time.monotonic() - started > 0.02 * len(answer.text) * 0.9


def test_a_fault_without_end_lasts_until_it_is_cleared(carrier: Carrier) -> None:
    fault(carrier, "http", code=503, calls=0)

    assert [ask(carrier).status_code for _ in range(3)] == [503, 503, 503]
    carrier.post("faults/clear")
    assert ask(carrier).status_code == 200


def test_an_answer_in_a_wrong_charset(carrier: Carrier) -> None:
    fault(carrier, "charset")

    with pytest.raises(UnicodeDecodeError):
        ask(carrier).content.decode("utf-8")


@pytest.mark.parametrize("kind", ["big", "gzip_bomb"])
def test_an_answer_of_many_megabytes(carrier: Carrier, kind: str) -> None:
    fault(carrier, kind, megabytes=3)

    answer = ask(carrier)

    assert len(answer.content) > 3_000_000
    assert (int(answer.headers["content-length"]) < 100_000) is (kind == "gzip_bomb")


def test_too_many_requests_with_the_time_to_wait(carrier: Carrier) -> None:
    fault(carrier, "http", code=429, headers={"Retry-After": "7"})

    answer = ask(carrier)

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")


def test_a_redirect_to_an_address_inside(carrier: Carrier) -> None:
    fault(carrier, "redirect")

    answer = ask(carrier, follow_redirects=False)

    assert answer.status_code == 302
    assert answer.headers["location"].startswith("http://169.254.169.254/")


def test_a_success_without_its_id_has_still_been_sent(carrier: Carrier) -> None:
    fault(carrier, "changed", without=["sms"])
    fault(carrier, "changed", change={"sms": 1})

    assert ask(carrier, SEND).json() == {"status": "success"}
    assert ask(carrier, SEND).json() == {"status": "success", "sms": 1}
    assert sent(carrier) == 2


def test_a_clock_that_is_two_hours_off(carrier: Carrier) -> None:
    carrier.post(
        "calls", account="100482_desk", destination="14165550142", started_at="2026-01-14T12:00:00Z"
    )
    fault(carrier, "clock", hours=2)

    answer = carrier.call(
        "getCDR", date_from="2026-01-14", date_to="2026-01-14", timezone="0", answered="1"
    )

    assert answer["cdr"][0]["date"] == "2026-01-14 14:00:00"
