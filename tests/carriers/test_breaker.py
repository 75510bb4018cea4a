"""The breaker, with a clock that is moved by hand."""

from __future__ import annotations

from structlog.testing import capture_logs

from portal.carriers.breaker import Breaker, State, breaker_for, forget_outages


class Clock:
    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def opened(clock: Clock) -> Breaker:
    breaker = Breaker(ticking=clock)
    for _ in range(5):
        breaker.failed()
    return breaker


def test_it_opens_after_five_failures_in_a_row_and_not_after_four() -> None:
    breaker = Breaker(ticking=Clock())

    for _ in range(4):
        breaker.failed()
    breaker.succeeded()
    for _ in range(4):
        breaker.failed()
    assert breaker.state is State.CLOSED
    assert breaker.wait_seconds() == 0

    breaker.failed()
    assert breaker.state is State.OPEN
    assert breaker.wait_seconds() == 30


def test_after_thirty_seconds_one_caller_may_try_and_the_others_wait() -> None:
    clock = Clock()
    breaker = opened(clock)

    clock.at += 29.9
    assert breaker.wait_seconds() > 0
    clock.at += 0.2
    assert breaker.state is State.HALF_OPEN
    assert breaker.wait_seconds() == 0, "this one tries"
    assert breaker.wait_seconds() > 0, "the next one waits for its outcome"


def test_a_try_that_works_closes_it_and_one_that_fails_opens_it_for_another_rest() -> None:
    clock = Clock()
    breaker = opened(clock)

    clock.at += 31
    assert breaker.wait_seconds() == 0
    breaker.failed()
    assert breaker.wait_seconds() == 30

    clock.at += 31
    assert breaker.wait_seconds() == 0
    breaker.succeeded()
    assert breaker.state is State.CLOSED
    assert breaker.wait_seconds() == 0


def test_a_try_that_never_reports_back_does_not_lock_the_door() -> None:
    clock = Clock()
    breaker = opened(clock)

    clock.at += 31
    assert breaker.wait_seconds() == 0
    clock.at += 31
    assert breaker.wait_seconds() == 0


def test_one_outage_is_one_alert_and_its_end_another() -> None:
    clock = Clock()
    with capture_logs() as logs:
        breaker = opened(clock)
        for _ in range(20):
            breaker.failed()
        breaker.succeeded()
        breaker.succeeded()

    assert [log["event"] for log in logs] == ["carrier_down", "carrier_back"]


def test_a_hold_ends_by_itself() -> None:
    clock = Clock()
    breaker = Breaker(ticking=clock)

    breaker.hold(20)
    breaker.hold(5)
    assert breaker.holding
    assert breaker.wait_seconds() == 20
    clock.at += 21
    assert not breaker.holding
    assert breaker.wait_seconds() == 0


def test_each_account_has_its_own() -> None:
    forget_outages()
    one = breaker_for("https://carrier.example/", "a")

    assert breaker_for("https://carrier.example/", "a") is one
    assert breaker_for("https://carrier.example/", "b") is not one
    forget_outages()
    assert breaker_for("https://carrier.example/", "a") is not one
