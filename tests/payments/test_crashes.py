"""Killed at each of the six points of a payment's message, on both databases: one credit in the end."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from portal.core.money import Money
from portal.payments import IntentState
from tests.calls.conftest import books_are_right
from tests.payments.till import Till
from tests.run_task import run_and_die
from tests.worker import bring_forward, newest_task, work

ROOT = Path(__file__).resolve().parents[2]
POINTS = (
    "payment.stored", "payment.answered", "payment.proven", "payment.reading", "payment.credited",
    "payment.settled",
)  # fmt: skip


def test_a_payments_message_survives_a_kill_anywhere(
    open_till: Callable[..., Till], each_database: str, environment: dict[str, str]
) -> None:
    till = open_till(each_database)
    settings = environment | {"DATABASE_URL": each_database, "PORTAL_PAYPAL_URL": till.paypal.url}
    for number, point in enumerate(POINTS, start=1):
        begun = till.pay()
        if point == "payment.stored":
            assert hear_and_die(till, begun.gateway_ref, point, settings) == -9
            till.ring(begun)  # nobody answered, so PayPal tells it again
        else:
            till.ring(begun)
            assert run_and_die(newest_task(), failpoint=point, environment=settings) == -9
        bring_forward()
        work(later=True)

        assert till.now(begun).state is IntentState.PAID, point
        assert till.balance() == Money(25_000_000 * number), point
        assert len(till.paypal.captures) == number, point
    assert books_are_right()


def hear_and_die(till: Till, order: str, failpoint: str, environment: dict[str, str]) -> int:
    """A web server that dies between storing and answering."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.payments.hear_one", till.hook, order],
        cwd=ROOT,
        env={**os.environ, **environment, "PORTAL_FAILPOINT": failpoint},
        check=False,
        capture_output=True,
        timeout=60,
    )
    return done.returncode
