"""The one way out: limits of time and size, and nothing secret left behind."""

from __future__ import annotations

import gzip
import threading
import time
import traceback
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from portal.core.http import (
    Answer,
    BadAnswer,
    Forbidden,
    Outgoing,
    OutgoingError,
    TooLarge,
    TooSlow,
    Unreachable,
)
from tests.carriers import faults
from tests.carriers.certificates import tls_pair
from tests.carriers.faults import FaultServer

LOOPBACK = Outgoing(allow_private=["127.0.0.1"])
SECRET = "canary-7f3a9c"


def get(server: FaultServer, *, seconds: float = 5, max_bytes: int = 1_000_000) -> Answer:
    return LOOPBACK.call(
        "GET",
        server.url,
        purpose="test",
        params={"api_password": SECRET},
        deadline_seconds=seconds,
        max_bytes=max_bytes,
    )


def test_an_answer_comes_back_whole_with_its_status_and_headers() -> None:
    body = {"status": "success", "rate": 0.0138}
    with FaultServer(faults.answer(body, headers={"X-Kind": "a"})) as server:
        answer = get(server)

        assert answer.status == 200
        assert answer.headers["x-kind"] == "a"
        assert str(answer.json()["rate"]) == "0.0138", "an exact Decimal, not a float"
        assert server.seen == [{"api_password": SECRET}]


@pytest.mark.parametrize("fault", [faults.hang, faults.drip_head, faults.drip_body])
def test_the_deadline_covers_the_whole_exchange(fault: faults.Fault) -> None:
    with FaultServer(fault) as server:
        started = time.monotonic()
        with pytest.raises(TooSlow) as caught:
            get(server, seconds=0.4)

        assert time.monotonic() - started < 20
        assert caught.value.maybe_sent


def test_a_name_that_never_resolves_does_not_outlive_the_deadline() -> None:
    over = threading.Event()

    def stuck(_host: str, _port: int) -> list[str]:
        over.wait(60)
        return ["127.0.0.1"]

    started = time.monotonic()
    with pytest.raises(TooSlow) as caught:
        Outgoing(resolver=stuck).call(
            "GET", "https://slow.example/", purpose="test", deadline_seconds=0.2
        )

    assert time.monotonic() - started < 30
    over.set()
    assert not caught.value.maybe_sent


@pytest.mark.parametrize("fault", [faults.huge, faults.bomb])
def test_an_answer_larger_than_the_cap_is_dropped_on_the_way(fault: faults.Fault) -> None:
    with FaultServer(fault) as server, pytest.raises(TooLarge):
        get(server, max_bytes=100_000)


def test_an_answer_of_exactly_the_cap_passes_also_when_packed() -> None:
    packed = faults.answer(gzip.compress(b"x" * 5000), headers={"Content-Encoding": "gzip"})
    with FaultServer(faults.answer(b"x" * 5000), packed) as server:
        assert len(get(server, max_bytes=5000).body) == 5000
        assert len(get(server, max_bytes=5000).body) == 5000
        with pytest.raises(TooLarge):
            get(server, max_bytes=4999)


@pytest.mark.parametrize(
    "fault, error",
    [
        (faults.reset, OutgoingError),
        (faults.silent_close, OutgoingError),
        (faults.nonsense, BadAnswer),
        (faults.broken_gzip, BadAnswer),
        (faults.answer("x", headers={"Content-Encoding": "br"}), BadAnswer),
    ],
)
def test_a_broken_answer_may_have_been_acted_on(
    fault: faults.Fault, error: type[OutgoingError]
) -> None:
    with FaultServer(fault) as server, pytest.raises(error) as caught:
        get(server)

    assert caught.value.maybe_sent


def test_a_refused_connection_was_certainly_not_acted_on() -> None:
    with pytest.raises(Unreachable) as caught:
        LOOPBACK.call("GET", f"http://127.0.0.1:{faults.dead_port()}/", purpose="test")

    assert not caught.value.maybe_sent


def test_a_redirect_is_an_answer_and_never_followed() -> None:
    with FaultServer(faults.redirect) as server:
        answer = get(server)

        assert answer.status == 302
        assert len(server.seen) == 1


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html>",
        "{",
        "NaN",
        '{"a": Infinity}',
        "[" * 100_000,
        "1" * 5000,
        "1e99999999999999999999",
    ],
)
def test_what_is_not_json_is_a_bad_answer(body: str) -> None:
    with pytest.raises(BadAnswer):
        Answer(status=200, headers={}, body=body.encode()).json()


def test_a_wrong_charset_loses_a_letter_and_not_the_answer() -> None:
    answer = Answer(status=200, headers={}, body='{"name": "José"}'.encode("latin-1"))

    assert answer.json() == {"name": "José"}


def test_no_secret_reaches_logs_or_exceptions() -> None:
    script = (faults.reset, faults.hang, faults.nonsense)
    with FaultServer(*script) as server, capture_logs() as logs:
        for _ in script:
            with pytest.raises(OutgoingError) as caught:
                get(server, seconds=0.3)
            error = caught.value
            assert SECRET not in "".join(traceback.format_exception(error))
            assert error.__context__ is None, "the library's exception holds the request"

    assert [log["event"] for log in logs] == ["outgoing_call"] * 3
    assert SECRET not in repr(logs)
    assert {log["host"] for log in logs} == {"127.0.0.1"}


def test_one_call_is_one_log_line_with_its_purpose_and_outcome() -> None:
    with FaultServer(faults.answer("fine")) as server, capture_logs() as logs:
        get(server)

    assert len(logs) == 1
    assert logs[0]["purpose"] == "test"
    assert logs[0]["outcome"] == "answered"
    assert logs[0]["status"] == 200


def test_tls_is_checked_for_the_name_while_the_connection_goes_to_the_checked_address(
    tmp_path: Path,
) -> None:
    server_tls, client_tls = tls_pair(tmp_path, "carrier.example")
    asked: list[str] = []

    def resolver(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    with FaultServer(faults.answer("fine"), tls=server_tls) as server:
        outgoing = Outgoing(allow_private=["carrier.example"], resolver=resolver, tls=client_tls)
        answer = outgoing.call("GET", f"https://carrier.example:{server.port}/", purpose="test")

        assert answer.text() == "fine"
        assert asked == ["carrier.example"], "one resolution, the one that was checked"
        assert f"Host: carrier.example:{server.port}".encode() in server.requests[0]


def test_a_certificate_for_another_name_is_refused_before_anything_is_sent(
    tmp_path: Path,
) -> None:
    server_tls, client_tls = tls_pair(tmp_path, "other.example")
    with FaultServer(faults.answer("fine"), tls=server_tls) as server:
        outgoing = Outgoing(
            allow_private=["carrier.example"],
            resolver=lambda _host, _port: ["127.0.0.1"],
            tls=client_tls,
        )
        with pytest.raises(Unreachable) as caught:
            outgoing.call("GET", f"https://carrier.example:{server.port}/", purpose="test")

        assert not caught.value.maybe_sent
        assert server.requests == []


def test_the_second_address_of_a_name_is_tried_when_the_first_is_dead() -> None:
    with FaultServer(faults.answer("fine")) as server:
        outgoing = Outgoing(
            allow_private=["carrier.example"],
            resolver=lambda _host, _port: ["127.0.0.2", "127.0.0.1"],
        )
        url = f"http://carrier.example:{server.port}/"

        assert outgoing.call("GET", url, purpose="test").text() == "fine"


def test_a_header_cannot_smuggle_a_second_request() -> None:
    with FaultServer(faults.answer("fine")) as server:
        with pytest.raises((OutgoingError, ValueError)):
            LOOPBACK.call(
                "GET",
                server.url,
                purpose="test",
                headers={"x-name": "a\r\nHost: elsewhere"},
            )

        assert server.requests == []


@pytest.mark.parametrize(
    "url", ["https://xn--/", "https://xn--a.example/", "https://xn--0.example/x"]
)
def test_a_name_that_only_looks_international_is_no_address(url: str) -> None:
    with pytest.raises(Forbidden):
        LOOPBACK.call("GET", url, purpose="test")


def test_forbidden_is_no_domain_surprise_for_a_page() -> None:
    with pytest.raises(Forbidden) as caught:
        Outgoing().call("GET", "http://example.com/", purpose="test")

    assert caught.value.code == "forbidden_address"
    assert "https" in caught.value.message
