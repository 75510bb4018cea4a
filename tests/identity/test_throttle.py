"""The throttle: exact however many try at once, growing, and never a lock-out."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from portal import identity
from portal.core import clock
from portal.core.db import db, transaction
from portal.identity import (
    Door,
    Entered,
    LoginProblem,
    LoginRefusal,
    ResellerFacts,
    Throttled,
    throttle,
)
from tests.identity.people import PASSWORD, add_client, log_in, try_login

BAD = "not the password"


def fail(reseller: ResellerFacts, times: int, email: str = "ada@example.com") -> None:
    for number in range(times):
        address = f"203.0.113.{number % 250}"
        refusal = try_login(reseller, email, BAD, address=address)
        assert refusal == LoginRefusal(LoginProblem.WRONG), number


def pause(reseller: ResellerFacts, email: str = "ada@example.com") -> int:
    """Seconds to wait; 0 when the try was let in."""
    refusal = try_login(reseller, email, BAD)
    assert isinstance(refusal, LoginRefusal)
    return refusal.retry_after_seconds


def test_after_ten_failures_even_the_right_password_has_to_wait(northwind: ResellerFacts) -> None:
    add_client(northwind)
    add_client(northwind, "bo@example.com")
    with time_machine.travel(clock.now(), tick=False) as machine:
        fail(northwind, 10)

        refused = try_login(northwind, "ada@example.com", PASSWORD)
        other = try_login(northwind, "bo@example.com", PASSWORD)
        machine.shift(30)
        later = try_login(northwind, "ada@example.com", PASSWORD)

    assert refused == LoginRefusal(LoginProblem.THROTTLED, 30)
    assert isinstance(other, Entered), "other clients notice nothing"
    assert isinstance(later, Entered)


def test_a_session_that_is_open_passes_while_its_account_is_attacked(
    northwind: ResellerFacts,
) -> None:
    add_client(northwind)
    token = log_in(northwind).token

    fail(northwind, 10)

    assert pause(northwind) > 0
    assert identity.resume_session(token) is not None


def test_the_pause_doubles_up_to_a_quarter_of_an_hour_and_is_then_forgotten(
    northwind: ResellerFacts,
) -> None:
    add_client(northwind)
    pauses = []
    with time_machine.travel(clock.now(), tick=False) as machine:
        fail(northwind, 10)
        for _ in range(7):
            pauses.append(pause(northwind))
            machine.shift(pauses[-1])
            assert pause(northwind) == 0, "one try after each pause"
        machine.shift(pause(northwind) + 600)

        fail(northwind, 9)

    assert pauses == [30, 60, 120, 240, 480, 900, 900]


def test_a_right_password_forgets_the_failures_before_it(northwind: ResellerFacts) -> None:
    add_client(northwind)
    fail(northwind, 9)

    log_in(northwind)

    fail(northwind, 10)


def test_one_address_is_counted_over_all_accounts(northwind: ResellerFacts) -> None:
    for number in range(30):
        try_login(northwind, f"person{number}@example.com", BAD)

    here = try_login(northwind, "another@example.com", BAD)
    elsewhere = try_login(northwind, "another@example.com", BAD, address="203.0.113.9")

    assert isinstance(here, LoginRefusal)
    assert here.problem is LoginProblem.THROTTLED
    assert elsewhere == LoginRefusal(LoginProblem.WRONG)


def test_an_office_that_logs_in_all_day_is_not_an_attack(northwind: ResellerFacts) -> None:
    for _ in range(40):
        with transaction():
            taken = throttle.take(Door.PASSWORD, account="somebody", address="198.51.100.7")
        with transaction():
            throttle.succeeded(taken)

    with transaction():
        throttle.take(Door.PASSWORD, account="somebody", address="198.51.100.7")


def test_an_ipv6_customer_is_one_address(northwind: ResellerFacts) -> None:
    for number in range(30):
        with transaction():
            throttle.take(Door.API_KEY, address=f"2001:db8:1:2::{number:x}")

    with transaction(), pytest.raises(Throttled):
        throttle.take(Door.API_KEY, address="2001:db8:1:2:ffff::1")
    with transaction():
        throttle.take(Door.API_KEY, address="2001:db8:1:3::1")


def test_a_refused_try_is_not_counted_even_when_the_caller_goes_on(app: Flask) -> None:
    with time_machine.travel(clock.now(), tick=False) as machine:
        for _ in range(10):
            with transaction():
                throttle.take(Door.API_KEY, account="a")
        for _ in range(20):
            with transaction(), pytest.raises(Throttled):
                throttle.take(Door.API_KEY, account="a")

        machine.shift(30)
        with transaction():
            throttle.take(Door.API_KEY, account="a")
        with transaction(), pytest.raises(Throttled) as refusal:
            throttle.take(Door.API_KEY, account="a")

    assert refusal.value.seconds == 60, "the second pause, not the twentieth"


def test_doors_of_another_kind_are_counted_apart(app: Flask) -> None:
    for _ in range(10):
        with transaction():
            throttle.take(Door.API_KEY, account="a")

    with transaction():
        throttle.take(Door.PASSWORD, account="a")
    with transaction(), pytest.raises(Throttled):
        throttle.take(Door.API_KEY, account="a")


def test_of_forty_tries_at_once_exactly_ten_are_let_in(app_on_each: Flask) -> None:
    let_in, refused = in_parallel(
        app_on_each, 40, lambda: throttle.take(Door.PASSWORD, account="x", address="192.0.2.1")
    )

    assert (let_in, refused) == (10, 30)


def in_parallel(app: Flask, count: int, action: Callable[[], object]) -> tuple[int, int]:
    """Run it in eight threads; how often it worked and how often it was throttled."""
    outcomes: list[bool] = []
    start = threading.Barrier(8)

    def work() -> None:
        with app.app_context():
            start.wait()
            for _ in range(count // 8):
                try:
                    with transaction():
                        action()
                except Throttled:
                    outcomes.append(False)
                else:
                    outcomes.append(True)
            db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes.count(True), outcomes.count(False)


def test_counters_tell_nobodys_name(northwind: ResellerFacts) -> None:
    from sqlalchemy import select

    from portal.core.db import session
    from portal.identity.models import ThrottleCounter

    try_login(northwind, "ada@example.com", BAD)

    keys = " ".join(session().scalars(select(ThrottleCounter.key)))
    assert "example" not in keys
    assert "198.51" not in keys


def test_the_pause_survives_a_purge(app: Flask) -> None:
    for _ in range(10):
        with transaction():
            throttle.take(Door.API_KEY, account="a")

    with transaction():
        identity.purge_expired(clock.now() + timedelta(minutes=1))

    with transaction(), pytest.raises(Throttled):
        throttle.take(Door.API_KEY, account="a")
