"""Killed at every step of sending, on both databases: at most one copy, the right money, an end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from portal.core.money import Money
from portal.tasks import IMPORT_MESSAGES
from tests.calls.conftest import books_are_right
from tests.messaging.conftest import PRICE_IN, PRICE_OUT, Desk
from tests.run_task import run_and_die
from tests.worker import bring_forward, work

NOTHING = Money(0)
ROOT = Path(__file__).resolve().parents[2]


def everything_ended_well(desk: Desk, *, went_out: bool) -> bool:
    """One end, as many copies as were charged, and clean books."""
    [state] = desk.states()
    copies = len(desk.copies())
    assert (state, copies) == (("sent", 1) if went_out else ("failed", 0))
    assert desk.standing() == (-PRICE_OUT if copies else NOTHING, NOTHING)
    return books_are_right()


@pytest.mark.parametrize(
    ("failpoint", "went_out"),
    [
        ("sms.claimed", False),
        ("sms.calling", False),
        ("sms.accepted", True),
        ("sms.before_commit", True),
        ("sms.settled", True),
    ],
)
def test_a_worker_killed_while_it_sends(
    desk: Desk,
    each_database: str,
    environment: dict[str, str],
    failpoint: str,
    went_out: bool,
) -> None:
    desk.send("Once or never")
    settings = environment | {"DATABASE_URL": each_database}

    killed = run_and_die(desk.newest_task(), failpoint=failpoint, environment=settings)
    bring_forward()
    work(later=True)

    assert killed == -9
    assert everything_ended_well(desk, went_out=went_out)


def test_a_worker_killed_while_it_looks_up(
    desk: Desk, each_database: str, environment: dict[str, str]
) -> None:
    desk.send("Once or never")
    desk.fault("cut")
    work()
    bring_forward()
    settings = environment | {"DATABASE_URL": each_database}

    killed = run_and_die(desk.newest_task(), failpoint="sms.looked_up", environment=settings)
    between = desk.states()
    work(later=True)

    assert (killed, between) == (-9, ["unknown"])
    assert everything_ended_well(desk, went_out=True)


@pytest.mark.parametrize(
    ("failpoint", "stored"),
    [("sms.held", 0), ("outbox.committed", 1), ("outbox.rung", 1)],
)
def test_a_web_server_killed_while_it_accepts(
    desk: Desk, each_database: str, environment: dict[str, str], failpoint: str, stored: int
) -> None:
    words = [str(desk.reseller_id), str(desk.client_id), "Once or never", "r1"]
    settings = environment | {"DATABASE_URL": each_database}

    killed = subprocess.run(
        [sys.executable, "-m", "tests.messaging.send_one", *words],
        cwd=ROOT,
        env={**os.environ, **settings, "PORTAL_FAILPOINT": failpoint},
        check=False,
        capture_output=True,
        timeout=60,
    )
    between = len(desk.messages())
    desk.send("Once or never")  # whoever got no answer presses again: the same reference
    work(later=True)

    assert (killed.returncode, between) == (-9, stored)
    assert everything_ended_well(desk, went_out=True)


def test_a_poll_killed_before_its_first_text_is_committed_takes_it_in_the_next(
    desk: Desk, each_database: str, environment: dict[str, str]
) -> None:
    for number in range(3):
        desk.arrives(f"Text {number}")
    row_id = desk.accept(IMPORT_MESSAGES)
    settings = environment | {"DATABASE_URL": each_database}

    killed = run_and_die(row_id, failpoint="sms.received:2", environment=settings)
    between = len(desk.messages("in"))
    bring_forward()
    work()

    assert (killed, between) == (-9, 1)
    assert [row.text for row in desk.messages("in")] == ["Text 0", "Text 1", "Text 2"]
    assert desk.standing() == (-PRICE_IN - PRICE_IN - PRICE_IN, NOTHING)
    assert books_are_right()
