"""Killed at each of the six points of a payment's message, on both databases: one credit in the end."""

from __future__ import annotations

import os
from collections.abc import Callable

from sqlalchemy import func, select

from portal.core.db import session
from portal.core.money import Money
from portal.core.outbox import OutboxTask
from portal.core.scope import unscoped
from portal.payments import IntentState
from tests import processes
from tests.calls.conftest import books_are_right
from tests.payments.till import Till
from tests.run_task import run_and_die
from tests.worker import bring_forward, work

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


def newest_task() -> int:
    """The row that was accepted last."""
    with unscoped("a test"):
        found = session().scalar(select(func.max(OutboxTask.id)))
        session().rollback()
    return found or 0


def hear_and_die(till: Till, order: str, failpoint: str, environment: dict[str, str]) -> int:
    """A web server that dies between storing and answering."""
    env = {**os.environ, **environment, "PORTAL_FAILPOINT": failpoint}
    return processes.run("tests.payments.hear_one", till.hook, order, env=env).returncode
