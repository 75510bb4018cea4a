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
