"""The real worker, in burst mode, inside the test's process; and what waits in the outbox."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask, current_app
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer
from sqlalchemy import select, update

from jobs.sweeper import sweep
from portal.core import clock
from portal.core.db import session, transaction
from portal.core.outbox import OutboxState, OutboxTask
from portal.core.queue import MAX_ATTEMPTS
from portal.core.scope import unscoped
from portal.core.slow_hosts import SlowHost
from portal.messaging.models import TextRelay
from portal.tasks import QUEUES


def work(*, rounds: int = 20, later: bool = False) -> None:
    """Ring for everything due and let RQ's worker run it, until nothing is left.

    ``later`` also runs what is due in the future, as if that time had come.
    """
    connection = current_app.extensions["redis"]
    queues = [Queue(name, connection=connection, serializer=JSONSerializer) for name in QUEUES]
    for _ in range(rounds):
        if later:
            bring_forward()
        sweep()
        if not any(queue.count for queue in queues):
            return
        SimpleWorker(queues, connection=connection, serializer=JSONSerializer).work(
            burst=True, logging_level="ERROR"
        )


def bring_forward() -> None:
    """Make every waiting row due now, open what was left alone, and end the lease of runs that died."""
    with unscoped("a test"), transaction():
        session().execute(
            update(OutboxTask)
            .where(OutboxTask.state == OutboxState.QUEUED)
            .values(due_at=clock.now() - timedelta(seconds=1), rung_at=None, lease_until=None)
        )
        session().execute(update(SlowHost).values(closed_until=clock.now() - timedelta(seconds=1)))
        session().execute(update(TextRelay).values(due_at=clock.now() - timedelta(seconds=1)))


def bury() -> None:
    """Give up every waiting task, as after its last attempt."""
    with unscoped("a test"), transaction():
        session().execute(
            update(OutboxTask)
            .where(OutboxTask.state == OutboxState.QUEUED)
            .values(
                state=OutboxState.DEAD,
                attempt=MAX_ATTEMPTS,
                lease_until=None,
                finished_at=clock.now(),
            )
        )


def queued_tasks() -> list[str]:
    """Names of the tasks that wait in the outbox, oldest first."""
    with unscoped("a test"):
        return list(
            session().scalars(
                select(OutboxTask.task)
                .where(OutboxTask.state == OutboxState.QUEUED)
                .order_by(OutboxTask.id)
            )
        )


def newest_row() -> int:
    """The outbox row of what was accepted last, and no open read that would hold up other processes."""
    with unscoped("a test"):
        found = session().scalars(select(OutboxTask.id).order_by(OutboxTask.id.desc())).first()
        session().rollback()
    assert found is not None
    return found


@pytest.fixture
def run_jobs(app: Flask) -> Callable[..., None]:
    """``run_jobs()`` runs everything that is due; ``run_jobs(later=True)`` the rest too."""
    return work


@pytest.fixture
def queued(app: Flask) -> Callable[[], list[str]]:
    """``queued()`` names what waits."""
    return queued_tasks
