"""More work than a minute's: the sweeper rings as far as it can be heard, and no further."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import update

from jobs.sweeper import MOST_BELLS, sweep
from portal.core import queue
from portal.core.db import session, transaction
from portal.core.outbox import OutboxTask
from portal.core.queue import enqueue
from portal.core.scope import unscoped
from portal.tasks import PURGE_EXPIRED
from tests.worker import work


def test_a_backlog_is_not_rung_for_again_and_again(app: Flask) -> None:
    with unscoped("a test"), transaction():
        for _ in range(MOST_BELLS + 50):
            enqueue(PURGE_EXPIRED)
    queue.redis().flushall()

    first = sweep()
    with unscoped("a minute later"), transaction():
        session().execute(update(OutboxTask).values(rung_at=None))
    second = sweep()

    assert (first, second) == (MOST_BELLS, 0)
    assert queue.bells_waiting()["default"] == MOST_BELLS


def test_a_lost_bell_is_rung_again(app: Flask) -> None:
    with unscoped("a test"), transaction():
        enqueue(PURGE_EXPIRED)
    queue.redis().flushall()

    work()

    assert sweep() == 0
    assert queue.bells_waiting()["default"] == 0
