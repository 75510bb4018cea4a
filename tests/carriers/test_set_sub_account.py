"""Changing a sub-account's routes at the practice carrier: nothing else of the record may move."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from portal import carriers
from portal.carriers import CarrierError, Route
from tests.carrier import PASSWORD, USER
from tests.carrier import Carrier as Practice
from tests.carriers import faults
from tests.carriers.faults import FaultServer
from tests.carriers.test_voipms_faults import connect

CANARY = "Canary#7&b=1+x"
ACCOUNT = "100482_desk"
DESK: dict[str, str] = {
    "username": "desk", "description": "Front desk & hall", "password": CANARY,
    "callerid_number": "6135550142", "ip_restriction": "198.51.100.0/24,203.0.113.7",
    "enable_ip_restriction": "1", "pop_restriction": "1,2", "enable_pop_restriction": "1",
    "music_on_hold": "default", "max_expiry": "120", "record_calls": "1", "send_bye": "1",
    "internal_extension": "12", "internal_cnam": "Zoë", "enable_internal_cnam": "1",
    "default_e911": "6135550142", "lock_international": "0",
}  # fmt: skip


@pytest.fixture(scope="module")
def process() -> Iterator[Practice]:
    with Practice() as practice:
        yield practice


@pytest.fixture
def practice(process: Practice) -> Practice:
    process.reset()
    process.control("faults/clear", {})
    process.seed(login="100482", sub_accounts=[DESK, {"username": "back"}])
    return process


def listed(practice: Practice) -> dict[str, dict[str, Any]]:
    return {row["account"]: row for row in practice.call("getSubAccounts")["accounts"]}


def line(practice: Practice | FaultServer) -> Any:
    """The adapter, with the practice carrier's login."""
    if isinstance(practice, FaultServer):
        return connect(practice)
    return carriers.connect(
        practice.rest_url, USER, PASSWORD, allow_private=["127.0.0.1"], breaker=carriers.Breaker()
    )


def test_the_routes_change_and_the_rest_of_the_record_stays(practice: Practice) -> None:
    before = listed(practice)

    now = line(practice).set_sub_account(
        ACCOUNT, canada_route=Route.PREMIUM, international_route=Route.PREMIUM
    )

    after = listed(practice)
    assert before[ACCOUNT]["password"] == CANARY
    assert after[ACCOUNT] == before[ACCOUNT] | {"canada_routing": "2", "international_route": "2"}
    assert after["100482_back"] == before["100482_back"]
    assert (now.canada_route, now.international_route) == (Route.PREMIUM, Route.PREMIUM)
    assert not now.international_locked
    assert CANARY not in repr(now)


def test_the_lock_alone_can_be_closed_and_opened(practice: Practice) -> None:
    before = listed(practice)[ACCOUNT]

    closed = line(practice).set_sub_account(ACCOUNT, international_locked=True)
    during = listed(practice)[ACCOUNT]
    opened = line(practice).set_sub_account(ACCOUNT, international_locked=False)

    assert (closed.international_locked, opened.international_locked) == (True, False)
    assert during == before | {"lock_international": "1"}
    assert listed(practice)[ACCOUNT] == before


def test_a_record_that_is_as_wanted_is_not_written(practice: Practice) -> None:
    wanted = {"canada_route": Route.PREMIUM, "international_route": Route.VALUE}
    line(practice).set_sub_account(ACCOUNT, **wanted)
    practice.post("faults", kind="reset", method="setSubAccount", calls=0)

    now = line(practice).set_sub_account(ACCOUNT, **wanted)

    assert now.canada_route == Route.PREMIUM


def test_a_login_nobody_knows_is_refused(practice: Practice) -> None:
    with pytest.raises(CarrierError) as refused:
        line(practice).set_sub_account("100482_nobody", canada_route=Route.PREMIUM)

    assert refused.value.code == "invalid_account"
    assert refused.value.permanent


def test_when_the_answer_is_lost_asking_again_finds_it_done(practice: Practice) -> None:
    before = listed(practice)[ACCOUNT]
    practice.post("faults", kind="reset_after", method="setSubAccount")

    with pytest.raises(CarrierError) as lost:
        line(practice).set_sub_account(ACCOUNT, canada_route=Route.PREMIUM)
    line(practice).set_sub_account(ACCOUNT, canada_route=Route.PREMIUM)

    assert lost.value.maybe_sent
    assert not lost.value.permanent
    assert listed(practice)[ACCOUNT] == before | {"canada_routing": "2"}


ROW = {
    "id": 99785, "account": ACCOUNT, "username": "desk", "protocol": "1", "auth_type": "1",
    "password": CANARY, "ip": None, "canada_routing": "1", "international_route": "1",
    "lock_international": "0", "send_bye": True,
}  # fmt: skip


def _accounts(**changes: object) -> faults.Fault:
    return faults.answer({"status": "success", "accounts": [ROW | changes]})


def test_the_record_goes_back_as_it_came_and_without_what_cannot_be_written() -> None:
    with FaultServer(_accounts(), faults.empty, _accounts(canada_routing="2")) as server:
        line(server).set_sub_account(ACCOUNT, canada_route=Route.PREMIUM)

        written = server.seen[1]
    assert written["method"] == "setSubAccount"
    assert (written["id"], written["password"]) == ("99785", CANARY)
    assert (written["canada_routing"], written["send_bye"]) == ("2", "1")
    assert not {"account", "username", "protocol"} & set(written)


@pytest.mark.parametrize(
    "changes",
    [{}, {"canada_routing": "2", "password": ""}, {"canada_routing": "2", "send_bye": "0"}],
    ids=["nothing changed", "the password is gone", "another field moved"],
)
def test_a_success_that_left_something_else_is_told(changes: dict[str, object]) -> None:
    success = faults.answer({"status": "success"})
    with (
        FaultServer(_accounts(), success, _accounts(**changes)) as server,
        pytest.raises(CarrierError) as caught,
    ):
        line(server).set_sub_account(ACCOUNT, canada_route=Route.PREMIUM)

    assert caught.value.code in {"not_applied", "bad_answer"}
    assert caught.value.maybe_sent
    assert not caught.value.permanent


@pytest.mark.parametrize("password", ["", "********", None])
def test_a_record_whose_password_is_not_told_is_never_written(password: str | None) -> None:
    with FaultServer(_accounts(password=password)) as server:
        with pytest.raises(CarrierError) as caught:
            line(server).set_sub_account(ACCOUNT, canada_route=Route.PREMIUM)

        assert [seen["method"] for seen in server.seen] == ["getSubAccounts"]
    assert caught.value.code == "bad_answer"


def test_the_sip_password_is_in_no_log_and_no_exception() -> None:
    broken = [faults.reset, faults.html, faults.limited, faults.truncated, _accounts(password="x")]
    told = ""
    with capture_logs() as logs:
        for fault in broken:
            with FaultServer(_accounts(), fault) as server:
                with pytest.raises(CarrierError) as caught:
                    line(server).set_sub_account(ACCOUNT, canada_route=Route.PREMIUM)
                told += "".join(traceback.format_exception(caught.value)) + repr(caught.value)

    assert logs
    assert CANARY not in told + repr(logs)
