"""The outbox: accepted with its rows or not at all, claimed by one, tried again, never twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from redis import Redis
from sqlalchemy import select

from jobs.sweeper import sweep
from portal import identity
from portal.core import clock, live, queue
from portal.core.db import session, transaction
from portal.core.outbox import OutboxState, OutboxTask
from portal.core.queue import Claimed, enqueue
from portal.core.scope import Scope, bind, unscoped
from portal.tasks import PURGE_EXPIRED, RECEIVE_MESSAGE


@pytest.fixture
def northwind(app_on_each: Flask) -> Scope:
    with unscoped("a test builds"), transaction():
        return Scope(identity.add_reseller(name="Northwind", uid="100482").id)


def rows() -> list[OutboxTask]:
    session().rollback()
    session().expunge_all()
    with unscoped("a test looks"):
        return list(session().scalars(select(OutboxTask).order_by(OutboxTask.id)))


def bells(app: Flask) -> int:
    return int(app.extensions["redis"].llen("rq:queue:default"))


def accept(northwind: Scope, **more: object) -> int:
    with bind(northwind), transaction():
        enqueue(RECEIVE_MESSAGE, event_id=7, **more)  # type: ignore[arg-type]
    return rows()[-1].id


def claim(row_id: int) -> Claimed | None:
    with transaction():
        return queue.claim(row_id)


def test_a_task_is_a_row_with_ids_and_one_bell_after_the_commit(
    app_on_each: Flask, northwind: Scope
) -> None:
    with bind(northwind), transaction():
        enqueue(RECEIVE_MESSAGE, event_id=7)
        assert bells(app_on_each) == 0, "nobody may look before the commit"

    (row,) = rows()
    assert (row.task, row.arguments, row.reseller_id) == ("receive_message", {"event_id": 7}, 1)
    assert bells(app_on_each) == 1


def test_a_task_of_a_transaction_that_failed_was_never_accepted(
    app_on_each: Flask, northwind: Scope
) -> None:
    def fail() -> None:
        with transaction():
            enqueue(RECEIVE_MESSAGE, event_id=7)
            raise ZeroDivisionError

    with bind(northwind), pytest.raises(ZeroDivisionError):
        fail()
    with bind(northwind), transaction():
        pass  # the next commit must not ring for it either

    assert rows() == []
    assert bells(app_on_each) == 0


def test_a_savepoint_neither_rings_early_nor_forgets_the_bell(
    app_on_each: Flask, northwind: Scope
) -> None:
    def undo_a_part() -> None:
        with session().begin_nested():
            raise ZeroDivisionError

    with bind(northwind), transaction():
        enqueue(RECEIVE_MESSAGE, event_id=7)
        with session().begin_nested():
            pass
        assert bells(app_on_each) == 0
        with pytest.raises(ZeroDivisionError):
            undo_a_part()

    assert bells(app_on_each) == 1


def test_a_task_of_later_has_no_bell_yet(app_on_each: Flask, northwind: Scope) -> None:
    row_id = accept(northwind, due_at=clock.now() + timedelta(minutes=5))

    assert bells(app_on_each) == 0
    assert claim(row_id) is None
    with time_machine.travel(clock.now() + timedelta(minutes=6), tick=False):
        assert claim(row_id) is not None


def test_a_key_accepts_a_task_once_for_ever(app_on_each: Flask, northwind: Scope) -> None:
    first = accept(northwind, once_key="message:7")
    claimed = claim(first)
    assert claimed is not None
    with transaction():
        queue.settle(claimed)

    accept(northwind, once_key="message:7")

    assert [row.state for row in rows()] == [OutboxState.DONE]


def test_a_row_is_claimed_by_one_until_its_lease_ends(northwind: Scope) -> None:
    row_id = accept(northwind)
    first = claim(row_id)

    assert first is not None
    assert claim(row_id) is None
    lease = RECEIVE_MESSAGE.timeout_seconds + queue.LEASE_MARGIN_SECONDS
    with time_machine.travel(clock.now() + timedelta(seconds=lease + 1), tick=False):
        second = claim(row_id)
    assert second is not None
    assert (second.lease_number, second.attempt) == (first.lease_number + 1, 2)


def test_whoever_lost_the_lease_can_settle_nothing(northwind: Scope) -> None:
    row_id = accept(northwind)
    late = claim(row_id)
    assert late is not None
    with time_machine.travel(clock.now() + timedelta(hours=1), tick=False):
        current = claim(row_id)
        assert current is not None

        with transaction():
            assert queue.settle(late) is False
            assert queue.postpone(late, error="late") is False
        assert rows()[0].state == OutboxState.QUEUED
        with transaction():
            assert queue.settle(current) is True
    assert rows()[0].state == OutboxState.DONE


def test_a_failure_waits_longer_each_time_and_is_buried_after_the_last(northwind: Scope) -> None:
    row_id = accept(northwind)
    waits = []
    at = clock.now() + timedelta(seconds=1)
    for _ in range(queue.MAX_ATTEMPTS):
        with time_machine.travel(at, tick=False):
            claimed = claim(row_id)
            assert claimed is not None
            with transaction():
                queue.postpone(claimed, error="the carrier is away")
            (row,) = rows()
            waits.append((row.due_at - clock.now()).total_seconds())
            at = max(row.due_at, at) + timedelta(seconds=1)

    assert waits[:5] == [5, 10, 20, 40, 80]
    assert max(waits) <= 900
    assert (row.state, row.last_error) == (OutboxState.DEAD, "the carrier is away")


def test_the_sweeper_rings_for_a_bell_that_was_lost(app_on_each: Flask, northwind: Scope) -> None:
    accept(northwind)
    app_on_each.extensions["redis"].flushall()

    assert sweep() == 1
    assert bells(app_on_each) == 1
    assert sweep() == 0, "not again within the minute"
    with time_machine.travel(clock.now() + timedelta(seconds=61), tick=False):
        assert sweep() == 1


def test_done_tasks_are_forgotten_but_not_what_may_never_come_again(northwind: Scope) -> None:
    for key in (None, f"{PURGE_EXPIRED.name}:123", "message:7"):
        with bind(northwind), transaction():
            enqueue(PURGE_EXPIRED, once_key=key)
    for row in rows():
        claimed = claim(row.id)
        assert claimed is not None
        with transaction():
            queue.settle(claimed)

    with transaction():
        forgotten = queue.forget_done(clock.now() + timedelta(seconds=1))

    assert forgotten == 2
    assert [row.once_key for row in rows()] == ["message:7"]


def test_news_leave_after_the_commit_and_once_each(app: Flask, redis_url: str) -> None:
    with Redis.from_url(redis_url) as connection:

        def said() -> list[object]:
            words = [each[b"of"] for _, each in connection.xrange(live.NEWS)]
            connection.delete(live.NEWS)
            return words

        said()
        with bind(Scope(1)), transaction():
            live.tell("balance-changed", client_id=3)
            live.tell("balance-changed", client_id=3)
            with session().begin_nested():
                pass
            assert said() == []
        assert said() == [b'[[1, 3, "balance-changed", null]]']

        with bind(Scope(1)), pytest.raises(ZeroDivisionError):
            _tell_and_fail()
        with bind(Scope(1)), transaction():
            pass
        assert said() == []


def _tell_and_fail() -> None:
    with transaction():
        live.tell("balance-changed", client_id=3)
        raise ZeroDivisionError
