"""The worker process: what it refuses to run, and what becomes of work when it is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from redis import Redis
from rq import Queue
from rq.job import Callback
from rq.serializers import JSONSerializer, PickleSerializer
from rq.webhook import Webhook
from sqlalchemy import select, update

from jobs.runtime import answer_the_bell
from jobs.schedule import tick
from jobs.sweeper import sweep
from jobs.worker import GO_ON_SECONDS, make_worker
from portal import identity
from portal.core import clock
from portal.core.db import session, transaction
from portal.core.outbox import OutboxState, OutboxTask
from portal.core.queue import enqueue
from portal.core.scope import Scope, bind, unscoped
from portal.messaging.models import InboundEvent
from portal.tasks import DOORBELL, RECEIVE_MESSAGE, RERATE_UNRATED, REVIEW_BALANCE

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def northwind(app: Flask) -> Scope:
    with unscoped("a test builds"), transaction():
        return Scope(identity.add_reseller(name="Northwind", uid="100482").id)


def work(redis_url: str) -> None:
    """The real worker, forking, until nothing is left."""
    with Redis.from_url(redis_url) as connection:
        make_worker(connection).work(burst=True, logging_level="CRITICAL")


def row() -> OutboxTask:
    session().rollback()
    session().expunge_all()
    with unscoped("a test looks"):
        return session().scalars(select(OutboxTask)).one()


def ring(redis_url: str, function: str, *args: object, **more: object) -> None:
    """Write a job into Redis as an intruder would."""
    with Redis.from_url(redis_url) as connection:
        queue = Queue("default", connection=connection, serializer=JSONSerializer)
        queue.enqueue_call(function, args=args, **more)


def waiting(redis_url: str) -> int:
    with Redis.from_url(redis_url) as connection:
        return int(connection.llen("rq:queue:default"))


def test_one_process_answers_what_else_rings_and_leaves_what_is_foreign(
    app: Flask, northwind: Scope, redis_url: str
) -> None:
    with bind(northwind), transaction():
        for _ in range(5):
            enqueue(RERATE_UNRATED)
    sweep()
    ring(redis_url, "os.system", "true")

    with Redis.from_url(redis_url) as connection:
        make_worker(connection).work(burst=True, max_jobs=1, logging_level="CRITICAL")

    with unscoped("a test looks"):
        states = session().scalars(select(OutboxTask.state)).all()
    assert states == [OutboxState.DONE] * 5
    assert waiting(redis_url) == 1


def test_what_may_take_longer_than_the_first_gets_a_process_of_its_own(
    app: Flask, northwind: Scope, redis_url: str
) -> None:
    with bind(northwind), transaction():
        enqueue(REVIEW_BALANCE, client_id=0)
        enqueue(RERATE_UNRATED)

    with Redis.from_url(redis_url) as connection:
        make_worker(connection).work(burst=True, max_jobs=1, logging_level="CRITICAL")

    with unscoped("a test looks"):
        rows = session().execute(select(OutboxTask.task, OutboxTask.state)).all()
    assert {row.task: row.state for row in rows} == {
        REVIEW_BALANCE.name: OutboxState.DONE, RERATE_UNRATED.name: OutboxState.QUEUED,
    }  # fmt: skip
    assert waiting(redis_url) == 1


def test_a_process_whose_first_job_took_long_takes_no_further_bell(
    app: Flask, northwind: Scope, redis_url: str
) -> None:
    """Its time is counted from its start: RQ would kill it in the middle of what it took last."""
    with bind(northwind), transaction():
        enqueue(RERATE_UNRATED)
        enqueue(RERATE_UNRATED)
    with (
        somebody_writing(app, seconds=GO_ON_SECONDS + 0.3),
        Redis.from_url(redis_url) as connection,
    ):
        make_worker(connection).work(burst=True, max_jobs=1, logging_level="CRITICAL")

    with unscoped("a test looks"):
        states = session().scalars(select(OutboxTask.state).order_by(OutboxTask.id)).all()
    assert states == [OutboxState.DONE, OutboxState.QUEUED]


@pytest.mark.parametrize(
    "function",
    [
        "os.system", "subprocess.check_call", "builtins.eval", "jobs.runtime.job",
        "jobs.messaging.deliver_sms", "portal.core.db.transaction", "posix.system",
        "jobs.runtime.answer_the_bell.__globals__", "shutil.rmtree",
    ],
)  # fmt: skip
def test_a_foreign_function_out_of_redis_is_never_run(
    app: Flask, redis_url: str, tmp_path: Path, function: str
) -> None:
    mark = tmp_path / "mark"
    ring(redis_url, function, f"touch {mark}")

    work(redis_url)

    assert not mark.exists()
    assert waiting(redis_url) == 0, "it is not kept to be tried again"


def test_a_job_in_pickles_is_never_opened(app: Flask, redis_url: str, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    ring(redis_url, DOORBELL, 0)  # whose process goes on to the next
    ring(redis_url, DOORBELL, "not", "its", "arguments")
    with Redis.from_url(redis_url) as connection:
        queue = Queue("default", connection=connection, serializer=PickleSerializer)
        queue.enqueue_call("os.system", args=(f"touch {mark}",))
        allowed = Queue("default", connection=connection, serializer=PickleSerializer)
        allowed.enqueue_call(DOORBELL, args=(Touch(mark),))

    work(redis_url)

    assert not mark.exists()
    assert waiting(redis_url) == 0


def test_what_hangs_around_an_allowed_job_is_not_run_either(
    app: Flask, redis_url: str, tmp_path: Path
) -> None:
    """RQ keeps callbacks and webhooks as names in Redis; they would be foreign code, and a way out."""
    mark = tmp_path / "mark"
    callback = Callback("tests.jobs.test_worker.leave_a_mark")
    os.environ["RINGFRONT_TEST_MARK"] = str(mark)
    try:
        ring(redis_url, DOORBELL, 0, on_success=callback, on_failure=callback, on_stopped=callback,
             webhooks=[Webhook("http://127.0.0.1:9/", "finished")])  # fmt: skip
        ring(redis_url, DOORBELL, "not", "its", "arguments", on_failure=callback)
        work(redis_url)
    finally:
        del os.environ["RINGFRONT_TEST_MARK"]

    assert not mark.exists()


def leave_a_mark(*_: object) -> None:
    """What an intruder would like to run."""
    Path(os.environ["RINGFRONT_TEST_MARK"]).touch()


class Touch:
    """Unpickling it would leave a mark."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.mark}",)


@pytest.mark.parametrize("row_id", [0, -1, 10**12])
def test_a_bell_for_no_row_is_nothing(app: Flask, row_id: int) -> None:
    answer_the_bell(row_id)

    with unscoped("a test looks"):
        assert session().scalars(select(OutboxTask)).all() == []


def test_a_task_that_nobody_knows_is_left_alone(app: Flask, northwind: Scope) -> None:
    with bind(northwind), transaction():
        enqueue(RERATE_UNRATED)
    with unscoped("a test changes a name"), transaction():
        session().execute(update(OutboxTask).values(task="os.system"))

    answer_the_bell(row().id)

    assert (row().state, row().attempt) == (OutboxState.QUEUED, 0)


def test_a_job_runs_as_its_reseller_and_once(app: Flask, northwind: Scope, redis_url: str) -> None:
    with bind(northwind), transaction():
        session().add(InboundEvent(kind="fields", body=json.dumps({"nothing": "of use"})))
        session().flush()
        event_id = session().scalars(select(InboundEvent.id)).one()
        enqueue(RECEIVE_MESSAGE, event_id=event_id)

    work(redis_url)
    answer_the_bell(row().id)  # the bell rings twice

    assert (row().state, row().attempt) == (OutboxState.DONE, 1)
    with bind(northwind):
        assert session().scalars(select(InboundEvent)).one().handled_at is not None


def test_a_job_that_fails_is_due_again_and_says_why(app: Flask, northwind: Scope) -> None:
    with bind(northwind), transaction():
        enqueue(RECEIVE_MESSAGE, no_such_argument=1)

    answer_the_bell(row().id)

    failed = row()
    assert (failed.state, failed.attempt, failed.lease_until) == (OutboxState.QUEUED, 1, None)
    assert failed.due_at > clock.now()
    assert (failed.last_error or "").startswith("TypeError")


def test_a_tick_accepts_one_round_however_often_it_is_rung(app: Flask, northwind: Scope) -> None:
    for _ in range(3):
        tick("purge_expired", 3600, False)

    assert row().once_key == f"purge_expired:{int(clock.now().timestamp()) // 3600}"


@contextmanager
def somebody_writing(app: Flask, *, seconds: float) -> Iterator[None]:
    """Another process that writes to the SQLite file, so that whoever wants to write waits for it."""
    code = (
        "import sqlite3, sys, time; file = sqlite3.connect(sys.argv[1]); "
        "file.execute('BEGIN IMMEDIATE'); print(flush=True); time.sleep(float(sys.argv[2]))"
    )
    path = app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///")
    process = subprocess.Popen(
        [sys.executable, "-c", code, path, str(seconds)], stdout=subprocess.PIPE
    )
    with process:
        assert process.stdout is not None
        process.stdout.readline()
        yield


@contextmanager
def worker_process(app: Flask, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """``python -m jobs.worker`` on this test's database and Redis, in a group of its own."""
    database = app.config["SQLALCHEMY_DATABASE_URI"]
    process = subprocess.Popen(
        [sys.executable, "-m", "jobs.worker"],
        cwd=ROOT,
        env=os.environ | environment | {"DATABASE_URL": database},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def at_work(session_id: int) -> list[int]:
    """Processes of a session that are alive."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _parent, _group, its_session, *_ = path.read_text().rpartition(")")[2].split()
            if int(its_session) == session_id and state not in "ZX":
                found.append(int(path.parent.name))
    return found


def wait_until(true: Callable[[], bool], *, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def test_a_worker_killed_in_the_middle_of_a_job_loses_no_work(
    app: Flask, northwind: Scope, environment: dict[str, str], redis_url: str
) -> None:
    with bind(northwind), transaction():
        session().add(InboundEvent(kind="fields", body="{}"))
        session().flush()
        enqueue(RECEIVE_MESSAGE, event_id=session().scalars(select(InboundEvent.id)).one())

    # The row is claimed, and then nobody writes: the process holds the lease and dies with it.
    with worker_process(app, environment) as process:
        wait_until(lambda: row().attempt == 1)
        # The process that does the job leads a group of its own, but in the same session.
        members = at_work(process.pid)
        for pid in members:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        assert process.pid in members
        wait_until(lambda: at_work(process.pid) == [])
    with unscoped("as if it had died a moment earlier"), transaction():
        session().execute(
            update(OutboxTask).values(
                state=OutboxState.QUEUED, finished_at=None,
                lease_until=clock.now() + timedelta(seconds=90),
            )
        )  # fmt: skip
        session().execute(update(InboundEvent).values(handled_at=None))

    assert sweep() == 0, "somebody may still be at it"
    with unscoped("the lease ends"), transaction():
        session().execute(update(OutboxTask).values(lease_until=clock.now() - timedelta(seconds=1)))
    assert sweep() == 1
    work(redis_url)

    assert (row().state, row().attempt, row().lease_number) == (OutboxState.DONE, 2, 2)
