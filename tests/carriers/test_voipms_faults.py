"""Every way a carrier can fail, for every method that is called."""

from __future__ import annotations

import socket
import ssl
import time
import traceback
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from portal import carriers
from portal.carriers import Breaker, Carrier, CarrierDown, CarrierError, OutcomeUnknown
from portal.carriers.breaker import State
from portal.carriers.voipms import VoipMs
from portal.carriers.voipms_methods import METHODS, Effect
from portal.carriers.voipms_wire import Wire
from portal.core.http import Outgoing
from tests.carriers import faults
from tests.carriers.certificates import tls_pair
from tests.carriers.faults import Fault, FaultServer

FROM, TO = datetime(2026, 7, 14, 0, 0, tzinfo=UTC), datetime(2026, 7, 14, 12, 0, tzinfo=UTC)
SECRET = "canary-5b1e77"
DEADLINE_SECONDS = 0.3

CALLS: dict[str, Callable[[Carrier], Any]] = {
    "getBalance": lambda carrier: carrier.balance(),
    "getIP": lambda carrier: carrier.my_address(),
    "getServersInfo": lambda carrier: carrier.servers(),
    "getCDR": lambda carrier: carrier.calls(FROM, TO),
    "getTerminationRates": lambda carrier: carrier.termination_rates("1", carriers.Route.VALUE),
    "getSMS": lambda carrier: carrier.sms(FROM, TO),
    "getMMS": lambda carrier: carrier.mms(FROM, TO),
    "getCallRecordings": lambda carrier: carrier.call_recordings("100000_front", FROM, TO),
    "getSubAccounts": lambda carrier: carrier.sub_accounts(),
    "getRegistrationStatus": lambda carrier: carrier.registration("100000_front"),
    "getDIDsInfo": lambda carrier: carrier.dids(),
    "searchDIDsUSA": lambda carrier: carrier.search_dids("212"),
    "searchDIDsCAN": lambda carrier: carrier.search_dids("514", country="CA"),
    "setSMS": lambda carrier: carrier.set_sms("5145550100", enabled=True),
    "setSubAccount": lambda carrier: carrier.set_sub_account(
        "100000_front", canada_route=carriers.Route.PREMIUM
    ),
    "setDIDRouting": lambda carrier: carrier.route_did("5145550100", "account:100000_front"),
    "createSubAccount": lambda carrier: carrier.create_sub_account(
        carriers.NewSubAccount("front", "Secret-2026")
    ),
    "orderDID": lambda carrier: carrier.order_did(
        carriers.DidOrder("5145550100", "account:100000_front", "1")
    ),
    "sendSMS": lambda carrier: carrier.send_sms("5145550100", "5145550142", "hello"),
    "sendMMS": lambda carrier: carrier.send_mms("5145550100", "5145550142", "hello"),
    "getForwardings": lambda carrier: carrier.forwardings(),
    "getVoicemails": lambda carrier: carrier.voicemails(),
    "getFaxNumbersInfo": lambda carrier: carrier.fax_numbers(),
    "getFaxProvinces": lambda carrier: carrier.fax_places("CA"),
    "getFaxStates": lambda carrier: carrier.fax_places("US"),
    "getFaxRateCentersCAN": lambda carrier: carrier.fax_centres("CA", "ON"),
    "getFaxRateCentersUSA": lambda carrier: carrier.fax_centres("US", "NY"),
    "getFaxNumbersPortability": lambda carrier: carrier.fax_is_portable("6135550111"),
    "getLNPStatus": lambda carrier: carrier.port_status("8100"),
    "getLNPNotes": lambda carrier: carrier.port_notes("8100"),
    "getLNPList": lambda carrier: carrier.ports(),
    "getTransactionHistory": lambda carrier: carrier.transactions(FROM, TO),
    "addLNPFile": lambda carrier: carrier.add_port_file("8100", b"%PDF-1.4"),
    "setFaxNumberInfo": lambda carrier: carrier.set_fax("6135550177", note="front"),
    "cancelFaxNumber": lambda carrier: carrier.cancel_fax("6135550177"),
    "orderFaxNumber": lambda carrier: carrier.order_fax(
        "20294", callback="https://portal.example/fax", enabled=True
    ),
    "addLNPPort": lambda carrier: carrier.port_fax(
        carriers.PortWish(
            "CA",
            "6135550111",
            "Clinic",
            "Ann",
            "Lee",
            "1 Main",
            "Ottawa",
            "ON",
            "K1A0A1",
            "Old",
            "7",
        )
    ),
    "getFaxMessages": lambda carrier: carrier.faxes(FROM, TO),
    "getFaxMessagePDF": lambda carrier: carrier.fax_pdf("7"),
    "sendFaxMessage": lambda carrier: carrier.send_fax(
        carriers.FaxToSend("6135550177", "Clinic", "4165550142", "DESK", b"%PDF-1.4")
    ),
    "setForwarding": lambda carrier: carrier.create_forwarding("5145550142", "order 1"),
    "createVoicemail": lambda carrier: carrier.create_voicemail(
        carriers.NewMailbox("1001", "Desk", "4821", "desk@northwind.example", "America/Toronto")
    ),
    "setDIDVoicemail": lambda carrier: carrier.set_did_voicemail("5145550100", "1001"),
    "delForwarding": lambda carrier: carrier.remove_forwarding("7"),
    "delVoicemail": lambda carrier: carrier.remove_voicemail("1001"),
}
DID_ROW = {
    "did": "5145550100", "routing": "account:100000_front", "sms_available": "1",
    "sms_enabled": "1", "sms_url_callback": "https://portal.example/hook",
    "smpp_url": "smpp://peer.example",
}  # fmt: skip
FAX_ROW = {"id": "923", "did": "613.555.0177"}
ACCOUNT_ROW = {
    "id": "99785", "account": "100000_front", "auth_type": "1", "password": "Secret-2026",
    "canada_routing": "1", "international_route": "1", "lock_international": "0",
}  # fmt: skip
ONCE = sorted(name for name, method in METHODS.items() if method.effect is Effect.ONCE)
READS = sorted(name for name, method in METHODS.items() if method.effect is Effect.READ)
BROKEN: dict[str, Fault] = {
    "hang": faults.hang,
    "one byte at a time, head": faults.drip_head,
    "one byte at a time, body": faults.drip_body,
    "reset in the middle": faults.reset,
    "hung up": faults.silent_close,
    "not http": faults.nonsense,
    "html with 200": faults.html,
    "html with 521": faults.html_521,
    "xml": faults.xml,
    "truncated": faults.truncated,
    "a list": faults.not_an_object,
    "no status": faults.no_status,
    "nested too deeply": faults.deep,
    "far too large": faults.huge,
    "gzip bomb": faults.bomb,
    "broken gzip": faults.broken_gzip,
    "redirect to a private address": faults.redirect,
    "500 for ever": faults.broken_500,
}
REFUSED: dict[str, tuple[Fault, str]] = {
    "429": (faults.limited, "api_limit_exceeded"),
    "429 with Retry-After": (faults.limited_90, "api_limit_exceeded"),
    "limit per minute": (faults.api_limit, "api_limit_exceeded"),
    "limit per day": (faults.limit_reached, "limit_reached"),
    "expired key": (faults.expired_key, "invalid_credentials"),
    "a word nobody knows": (faults.answer({"status": "brand_new_word"}), "brand_new_word"),
}


def connect(
    server: FaultServer | str,
    *,
    breaker: Breaker | None = None,
    deadline_seconds: float = DEADLINE_SECONDS,
    outgoing: Outgoing | None = None,
) -> Carrier:
    """As `carriers.connect`, without the pauses between attempts."""
    wire = Wire(
        server if isinstance(server, str) else server.url,
        "reseller@northwind.test",
        SECRET,
        outgoing=outgoing or Outgoing(allow_private=["127.0.0.1"]),
        breaker=breaker or Breaker(),
        deadline_seconds=deadline_seconds,
        sleep=lambda _seconds: None,
    )
    return VoipMs(wire)


def ready_for(method: str, fault: Fault) -> list[Fault]:
    """Settings are read before they are written: the fault comes at the write."""
    rows: dict[str, dict[str, object]] = {
        "setSMS": {"dids": [DID_ROW]}, "setSubAccount": {"accounts": [ACCOUNT_ROW]},
        "setFaxNumberInfo": {"numbers": [FAX_ROW]}, "cancelFaxNumber": {"numbers": [FAX_ROW]},
    }  # fmt: skip
    if method not in rows:
        return [fault]
    return [faults.answer({"status": "success", **rows[method]}), fault]


def test_every_method_that_may_be_called_is_tried_here() -> None:
    assert set(CALLS) == set(METHODS)


@pytest.mark.parametrize("method", sorted(CALLS))
def test_no_fault_of_the_network_escapes_blocks_or_is_taken_for_an_answer(method: str) -> None:
    with FaultServer(faults.empty) as server:
        for name, fault in BROKEN.items():
            server.play(*ready_for(method, fault))
            started = time.monotonic()
            with pytest.raises(CarrierError) as caught:
                CALLS[method](connect(server))

            error = caught.value
            # Far less than any fault would take by itself, and more than a busy machine adds.
            assert time.monotonic() - started < DEADLINE_SECONDS + 30, name
            assert error.sentence, name
            assert error.advice, name
            tried = [fields for fields in server.seen if fields["method"] == method]
            if METHODS[method].effect is Effect.READ:
                assert not error.maybe_sent, name
                assert 1 <= len(tried) <= 3, name
            else:
                assert error.maybe_sent, name
                assert len(tried) == 1, f"{name}: never sent twice"
            assert isinstance(error, OutcomeUnknown) == (method in ONCE), name
            assert not (method in ONCE and error.permanent), name


@pytest.mark.parametrize("method", sorted(CALLS))
def test_a_refusal_is_a_refusal_and_is_not_asked_again(method: str) -> None:
    with FaultServer(faults.empty) as server:
        for name, (fault, code) in REFUSED.items():
            server.play(*ready_for(method, fault))
            with pytest.raises(CarrierError) as caught:
                CALLS[method](connect(server))

            assert caught.value.code == code, name
            assert not caught.value.maybe_sent, name
            assert not isinstance(caught.value, OutcomeUnknown), name
            assert len([seen for seen in server.seen if seen["method"] == method]) == 1, name


@pytest.mark.parametrize("method", sorted(CALLS))
def test_without_a_connection_nothing_was_sent(method: str) -> None:
    carrier = connect(f"http://127.0.0.1:{faults.dead_port()}/rest.php")
    with pytest.raises(CarrierError) as caught:
        CALLS[method](carrier)

    assert caught.value.code == "unreachable"
    assert not caught.value.maybe_sent
    assert not caught.value.permanent
    assert not isinstance(caught.value, OutcomeUnknown)


@pytest.fixture(scope="module")
def wrong_name(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    return tls_pair(tmp_path_factory.mktemp("tls"), "other.example")


@pytest.mark.parametrize("method", sorted(CALLS))
def test_a_certificate_for_another_name_gets_no_credentials(
    method: str, wrong_name: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    server_tls, client_tls = wrong_name
    with FaultServer(faults.empty, tls=server_tls) as server:
        outgoing = Outgoing(
            allow_private=["carrier.example"],
            resolver=lambda _host, _port: ["127.0.0.1"],
            tls=client_tls,
        )
        carrier = connect(
            f"https://carrier.example:{server.port}/", outgoing=outgoing, deadline_seconds=5
        )
        with pytest.raises(CarrierError) as caught:
            CALLS[method](carrier)

        assert caught.value.code == "unreachable"
        assert not caught.value.maybe_sent
        assert server.requests == []


@pytest.mark.parametrize("method", READS)
def test_a_read_survives_a_fault_and_then_an_answer(method: str) -> None:
    good = {
        "getBalance": {"balance": {"current_balance": 12.5}},
        "getIP": {"ip": "203.0.113.42"},
        "getRegistrationStatus": {"registered": "no"},
        "getFaxMessagePDF": {"message_base64": "JVBERg=="},
    }.get(method, {})
    answer = faults.answer({"status": "success", **good})
    with FaultServer(faults.broken_500, faults.reset, answer) as server:
        CALLS[method](connect(server, deadline_seconds=5))

        assert len(server.seen) == 3


@pytest.mark.parametrize("method", [name for name in READS if METHODS[name].empty])
def test_every_word_for_an_empty_list_is_an_empty_list(method: str) -> None:
    with FaultServer(faults.empty) as server:
        for word in METHODS[method].empty:
            server.play(faults.answer({"status": word}))
            assert CALLS[method](connect(server)) == ()


@pytest.mark.parametrize("method", ["sendSMS", "sendMMS"])
@pytest.mark.parametrize(
    "body", [{}, {"sms": "0", "mms": "0"}, {"sms": None, "mms": None}, {"sms": "", "mms": ""}]
)
def test_success_without_a_reference_is_an_unknown_outcome(
    method: str, body: dict[str, Any]
) -> None:
    with FaultServer(faults.answer({"status": "success", **body})) as server:
        with pytest.raises(OutcomeUnknown) as caught:
            CALLS[method](connect(server))

        assert caught.value.code == "no_reference"
        assert len(server.seen) == 1


@pytest.mark.parametrize("reference", ["23434", 23434])
def test_the_same_reference_twice_is_told_twice(reference: Any) -> None:
    with FaultServer(faults.answer({"status": "success", "sms": reference})) as server:
        carrier = connect(server)
        receipts = [CALLS["sendSMS"](carrier) for _ in range(2)]

        assert [receipt.carrier_ref for receipt in receipts] == ["23434", "23434"]


def test_an_account_made_without_an_id_is_an_unknown_outcome() -> None:
    with FaultServer(faults.answer({"status": "success"})) as server, pytest.raises(OutcomeUnknown):
        CALLS["createSubAccount"](connect(server))


def test_an_empty_answer_to_a_setting_is_success_when_it_reads_back() -> None:
    did = faults.answer({"status": "success", "dids": DID_ROW})
    with FaultServer(did, faults.empty, did) as server:
        assert CALLS["setSMS"](connect(server)).enabled

        written = server.seen[1]
        assert written["url_callback"] == "https://portal.example/hook", "kept"
        assert written["smpp_url"] == "smpp://peer.example", "kept, though nobody here uses it"
        assert written["enable"] == "1"
        assert written["webhook_enable"] == "0"


def test_success_that_changed_nothing_is_told() -> None:
    did = faults.answer({"status": "success", "dids": [DID_ROW]})
    with FaultServer(did, faults.answer({"status": "success"}), did) as server:
        with pytest.raises(CarrierError) as caught:
            connect(server).set_sms("5145550100", enabled=False)

        assert caught.value.code == "not_applied"


def test_numbers_as_numbers_or_text_and_a_wrong_charset_make_no_difference() -> None:
    row = {
        "date": "2026-07-14 05:00:00", "callerid": "José <5145550142>", "destination": "4165550123",
        "account": "100000_front", "disposition": "ANSWERED", "seconds": "60", "rate": "0.009",
        "total": "0.009", "uniqueid": "1", "destination_type": "OUT:CAN", "description": "",
    }  # fmt: skip
    as_numbers = {**row, "seconds": 60, "rate": 0.009, "total": 0.009, "uniqueid": 1}
    latin = str({"status": "success", "cdr": [row]}).replace("'", '"').encode("latin-1")
    with FaultServer(
        faults.answer({"status": "success", "cdr": [row]}),
        faults.answer({"status": "success", "cdr": as_numbers}),
        faults.answer(latin),
    ) as server:
        carrier = connect(server)
        first, second, third = (carrier.calls(FROM, TO) for _ in range(3))

        assert first == second == third
        assert first[0].rate_e8 == 900_000


def test_a_clock_two_hours_off_moves_a_call_to_a_later_window_and_loses_none() -> None:
    row = {
        "callerid": "", "destination": "4165550123", "account": "a", "disposition": "ANSWERED",
        "seconds": 60, "uniqueid": "1", "destination_type": "OUT:CAN",
    }  # fmt: skip
    # True moment 11:30Z (07:30 Eastern), written two hours late.
    late = faults.answer({"status": "success", "cdr": [{**row, "date": "2026-07-14 09:30:00"}]})
    with FaultServer(late) as server:
        carrier = connect(server)
        later = datetime(2026, 7, 14, 18, 0, tzinfo=UTC)

        assert carrier.calls(FROM, TO) == ()
        assert len(carrier.calls(FROM, later)) == 1


def test_a_list_too_large_for_one_answer_is_asked_for_in_halves() -> None:
    def answer(connection: socket.socket, fields: dict[str, str]) -> None:
        days = (
            date.fromisoformat(fields["date_to"]) - date.fromisoformat(fields["date_from"])
        ).days
        empty = faults.answer({"status": "no_cdr"})
        (faults.huge if days > 7 else empty)(connection, fields)

    with FaultServer(answer) as server:
        carrier = connect(server, deadline_seconds=10)
        assert carrier.calls(FROM, FROM + timedelta(days=30)) == ()

        asked = [(seen["date_from"], seen["date_to"]) for seen in server.seen]
        assert asked[0] == ("2026-07-13", "2026-08-12"), "the carrier's calendar is Eastern"
        answered = [run for run in asked if run[1] <= "2026-07-21" or run[0] > "2026-07-13"]
        assert answered[-1][1] == "2026-08-12"
        assert 5 <= len(asked) <= 9


def test_what_takes_several_questions_has_one_deadline() -> None:
    def slowly(connection: socket.socket, fields: dict[str, str]) -> None:
        time.sleep(1)
        faults.answer({"status": "success", "dids": [DID_ROW]})(connection, fields)

    with FaultServer(slowly) as server:
        started = time.monotonic()
        with pytest.raises(CarrierError) as caught:
            connect(server, deadline_seconds=2.5).set_sms("5145550100", enabled=True)

        assert caught.value.code == "too_slow"
        assert caught.value.maybe_sent, "the write was taken, only the look afterwards was not"
        assert time.monotonic() - started < 30


def test_the_breaker_opens_after_five_failures_and_then_nothing_goes_out() -> None:
    moment = [0.0]
    breaker = Breaker(ticking=lambda: moment[0])
    with FaultServer(faults.html) as server:
        carrier = connect(server, breaker=breaker)
        for _ in range(5):
            with pytest.raises(OutcomeUnknown):
                CALLS["sendSMS"](carrier)
        with pytest.raises(CarrierDown) as caught:
            CALLS["sendSMS"](carrier)

        assert len(server.seen) == 5
        assert not caught.value.maybe_sent
        assert not caught.value.permanent
        assert caught.value.retry_after_seconds == 31

        moment[0] += 30
        server.play(faults.answer({"status": "success", "sms": "7"}))
        assert CALLS["sendSMS"](carrier).carrier_ref == "7"
        assert breaker.state is State.CLOSED


def test_refusals_never_open_the_breaker() -> None:
    breaker = Breaker()
    with FaultServer(faults.answer({"status": "invalid_dst"})) as server:
        carrier = connect(server, breaker=breaker)
        for _ in range(10):
            with pytest.raises(CarrierError):
                CALLS["sendSMS"](carrier)

    assert breaker.state is State.CLOSED


def test_a_carrier_that_asks_for_fewer_requests_gets_none_until_then() -> None:
    moment = [0.0]
    breaker = Breaker(ticking=lambda: moment[0])
    with FaultServer(faults.limited_90, faults.answer({"status": "success", "ip": "x"})) as server:
        carrier = connect(server, breaker=breaker)
        with pytest.raises(CarrierError) as caught:
            carrier.my_address()
        assert caught.value.retry_after_seconds == 90
        for _ in range(3):
            with pytest.raises(CarrierDown) as refused:
                carrier.balance()
            assert refused.value.code == "api_limit_exceeded"
        assert len(server.seen) == 1

        moment[0] += 90
        assert carrier.my_address() == "x"


def test_the_password_is_in_no_log_no_exception_and_no_name() -> None:
    with FaultServer(faults.empty) as server, capture_logs() as logs:
        for fault in [*BROKEN.values(), *(fault for fault, _ in REFUSED.values())]:
            for method in ("getBalance", "sendMMS", "createSubAccount", "setSubAccount"):
                server.play(*ready_for(method, fault))
                carrier = connect(server, deadline_seconds=0.1)
                with pytest.raises(CarrierError) as caught:
                    CALLS[method](carrier)
                told = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
                assert SECRET not in told
                assert "Secret-2026" not in told
                assert SECRET not in repr(carrier)

    assert logs
    assert SECRET not in repr(logs)
    assert "hello" not in repr(logs), "nor anybody's words"
    assert "Secret-2026" not in repr(logs)
    assert "Secret-2026" not in repr(carriers.NewSubAccount("front", "Secret-2026"))


def test_each_call_to_the_carrier_is_logged_with_its_status() -> None:
    with FaultServer(faults.answer({"status": "no_did"})) as server, capture_logs() as logs:
        connect(server).dids()

    said = [log for log in logs if log["event"] == "carrier_call"]
    assert [(log["method"], log["status"]) for log in said] == [("getDIDsInfo", "success")]


def test_long_requests_and_media_travel_as_multipart_and_never_urlencoded() -> None:
    with FaultServer(faults.answer({"status": "success", "sms": 1, "mms": 2})) as server:
        carrier = connect(server)
        carrier.send_sms("5145550100", "+1 (514) 555-0142", "short & sweet = é")
        carrier.send_sms("5145550100", "5145550142", "x" * 7000)
        carrier.send_mms(
            "5145550100", "5145550142", "look", media=["data:image/png;base64," + "A" * 20_000]
        )

        assert [raw.split(b" ")[0] for raw in server.requests] == [b"GET", b"POST", b"POST"]
        assert b"urlencoded" not in b"".join(server.requests)
        assert server.seen[0]["message"] == "short & sweet = é"
        assert server.seen[0]["dst"] == "5145550142"
        assert server.seen[1]["message"] == "x" * 7000
        assert len(server.seen[2]["media1"]) > 20_000


def test_a_method_that_is_not_on_the_list_never_goes_out() -> None:
    with FaultServer(faults.empty) as server:
        carrier = connect(server)
        with pytest.raises(KeyError):
            carrier._wire.ask("delSubAccount", {"id": "1"})  # type: ignore[attr-defined]

        assert server.requests == []


def test_plain_http_to_a_host_nobody_allowed_is_refused_without_a_connection() -> None:
    with FaultServer(faults.empty) as server:
        carrier = carriers.connect(server.url, "user", SECRET, breaker=Breaker())
        with pytest.raises(CarrierError) as caught:
            carrier.balance()

        assert caught.value.code == "forbidden_address"
        assert server.requests == []
