"""Work for later: a row in the caller's transaction, and a bell that rings after the commit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from flask import current_app
from redis import Redis, RedisError
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import and_, delete, event, func, or_, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core import scope as scopes
from portal.core.db import UtcDateTime, insert_once, only_one, session
from portal.core.failpoints import failpoint
from portal.core.log import get_logger
from portal.core.outbox import OutboxState, OutboxTask
from portal.core.scope import Scope
from portal.tasks import BY_NAME, DOORBELL, QUEUES, Task

log = get_logger(__name__)

RING_AGAIN_AFTER = timedelta(seconds=60)
LEASE_MARGIN_SECONDS = 30
MAX_ATTEMPTS = 12


# A periodic task's rounds are accepted under its name and a number.
_OF_A_ROUND = and_(
    OutboxTask.once_key.is_not(None), OutboxTask.once_key.startswith(OutboxTask.task.concat(":"))
)
_MOST_AT_ONCE = 200
# In Redis: rows whose time is near, by that time. It may get lost: the sweeper looks at the rows themselves.
_ALARMS = "outbox:alarms"
ALARM_AHEAD = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class GivenUp:
    """What failed for the last time of one task."""

    task: str
    count: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Claimed:
    """An outbox row that this process alone may work on until its lease ends."""

    id: int
    task: Task
    arguments: dict[str, Any]
    reseller_id: int | None
    lease_number: int
    attempt: int
    accepted_at: datetime


def enqueue(
    task: Task, *, due_at: datetime | None = None, once_key: str | None = None, **ids: int | str
) -> None:
    """Accept a task within the caller's transaction; it runs as the bound reseller.

    ``ids`` are row ids or short words, never objects. With ``once_key`` the task is accepted at most
    once for ever under that key. The bell rings after the commit; a lost ring is found by the sweeper.
    """
    bound = scopes.bound()
    values: dict[str, Any] = {
        "task": task.name,
        "reseller_id": bound.reseller_id
        if isinstance(bound, Scope)
        else ids.pop("reseller_id", None),
        "arguments": dict(ids),
        "once_key": once_key,
        "state": OutboxState.QUEUED,
        "due_at": due_at or clock.now(),
        "lease_number": 0,
        "attempt": 0,
        "created_at": clock.now(),
    }
    if once_key is not None:
        if insert_once(OutboxTask, values):
            row_id = session().scalar(select(OutboxTask.id).where(OutboxTask.once_key == once_key))
            _ring_later(row_id, task, values["due_at"])
        return
    row = OutboxTask(**values)
    session().add(row)
    session().flush()
    _ring_later(row.id, task, values["due_at"])


def hurry(key_begins: str) -> bool:
    """Let a task that waits for its time, or was given up, begin now, with all its attempts.

    ``key_begins`` is how its once-key begins. False when it runs, is done, or never was. In a
    transaction; the bell rings after the commit.
    """
    row = (
        session()
        .execute(
            select(OutboxTask.id, OutboxTask.task)
            .where(
                OutboxTask.once_key.startswith(key_begins, autoescape=True),
                OutboxTask.reseller_id == scopes.reseller_id(),
                OutboxTask.state != OutboxState.DONE,
            )
            .order_by(OutboxTask.id.desc())
            .limit(1)
        )
        .first()
    )
    mine = row is not None and only_one(
        update(OutboxTask)
        .where(
            OutboxTask.id == row.id,
            OutboxTask.state != OutboxState.DONE,
            or_(OutboxTask.lease_until.is_(None), OutboxTask.lease_until < clock.now()),
        )
        .values(
            state=OutboxState.QUEUED, attempt=0, due_at=clock.now(), rung_at=None, finished_at=None
        )
    )
    if row is not None and mine:
        _ring_later(row.id, BY_NAME[row.task], clock.now())
    return mine


def failing(task: Task) -> set[str]:
    """Once-keys of the bound reseller's tasks of this kind that failed before, or were given up."""
    found = session().scalars(
        select(OutboxTask.once_key).where(
            OutboxTask.task == task.name,
            OutboxTask.reseller_id == scopes.reseller_id(),
            OutboxTask.state != OutboxState.DONE,
            OutboxTask.attempt > 1,
            OutboxTask.once_key.is_not(None),
        )
    )
    return {key for key in found if key is not None}


def _ring_later(row_id: int | None, task: Task, due_at: datetime) -> None:
    """After the commit: now, or by an alarm where its time is near."""
    if row_id is None:
        return
    if due_at <= clock.now():
        session().info.setdefault("bells", []).append((row_id, task))
    elif due_at - clock.now() <= ALARM_AHEAD:
        session().info.setdefault("alarms", []).append((row_id, task, due_at))


@event.listens_for(Session, "after_commit")
def _ring_after_commit(current: Session) -> None:
    if current.in_nested_transaction():
        return  # a savepoint only: nobody else sees the row yet
    bells = current.info.pop("bells", ())
    if bells:
        failpoint("outbox.committed")
    for row_id, task in bells:
        ring(row_id, task)
        failpoint("outbox.rung")
    set_alarms(current.info.pop("alarms", ()))


@event.listens_for(Session, "after_rollback")
def _forget_after_rollback(current: Session) -> None:
    if not current.in_nested_transaction():
        current.info.pop("bells", None)
        current.info.pop("alarms", None)


def redis() -> Redis:
    """The connection of this application."""
    connection: Redis = current_app.extensions["redis"]
    return connection


def queue(name: str) -> Queue:
    """An RQ queue that carries JSON only."""
    return Queue(name, connection=redis(), serializer=JSONSerializer)


def ring(row_id: int, task: Task) -> bool:
    """Tell the workers that a row is due; False when Redis does not answer (the sweeper will)."""
    try:
        queue(task.queue).enqueue_call(
            DOORBELL,
            args=(row_id,),
            timeout=task.timeout_seconds,
            result_ttl=0,
            failure_ttl=3600,
        )
    except RedisError as error:
        log.warning("bell_not_rung", outbox_id=row_id, task=task.name, error=type(error).__name__)
        return False
    return True


def set_alarms(rows: Iterable[tuple[int, Task, datetime]]) -> None:
    """Have the sweeper ring for these rows when their time comes; lost alarms do no harm."""
    when = {f"{row_id} {task.name}": due_at.timestamp() for row_id, task, due_at in rows}
    if not when:
        return
    try:
        redis().zadd(_ALARMS, when)
    except RedisError as error:
        log.warning("alarms_not_set", error=type(error).__name__)


def ring_alarms() -> int:
    """Ring for the rows whose time has come by now; how many. Asks Redis only."""
    try:
        came: list[bytes] = cast(
            "Any", redis().zrangebyscore(_ALARMS, 0, clock.now().timestamp(), 0, _MOST_AT_ONCE)
        )
        mine = [word for word in came if redis().zrem(_ALARMS, word)]
    except RedisError:
        return 0  # the rows say it themselves in the next round
    rung = 0
    for word in mine:
        row_id, _, name = word.decode().partition(" ")
        if name in BY_NAME and row_id.isdigit():
            rung += ring(int(row_id), BY_NAME[name])
    return rung


def bells_waiting() -> dict[str, int]:
    """How many bells of each queue nobody has heard yet; empty when Redis does not answer."""
    try:
        return {name: queue(name).count for name in QUEUES}
    except RedisError as error:
        log.warning("bells_not_counted", error=type(error).__name__)
        return {}


def claim(row_id: int) -> Claimed | None:
    """Take a due row for one run; None when it is done, not due, or another's. In a transaction."""
    at = clock.now()
    row = session().scalar(select(OutboxTask).where(OutboxTask.id == row_id))
    if row is None or row.task not in BY_NAME:
        return None
    task = BY_NAME[row.task]
    number = row.lease_number + 1
    lease_until = _lease_from(at, task)
    mine = only_one(
        update(OutboxTask)
        .where(
            OutboxTask.id == row_id,
            OutboxTask.state == OutboxState.QUEUED,
            OutboxTask.due_at <= at,
            OutboxTask.lease_number == row.lease_number,
            or_(OutboxTask.lease_until.is_(None), OutboxTask.lease_until < at),
        )
        .values(lease_number=number, lease_until=lease_until, attempt=OutboxTask.attempt + 1)
    )
    if not mine:
        return None
    return Claimed(
        row_id, task, dict(row.arguments), row.reseller_id, number, row.attempt + 1, row.created_at
    )


def tell_life(claimed: Claimed) -> bool:
    """Count the lease from now on; False when it went to somebody else meanwhile. In a transaction."""
    return only_one(
        update(OutboxTask)
        .where(OutboxTask.id == claimed.id, OutboxTask.lease_number == claimed.lease_number)
        .values(lease_until=_lease_from(clock.now(), claimed.task))
    )


def _lease_from(at: datetime, task: Task) -> datetime:
    """A task that tells that it lives is missed soon; another when it should be over."""
    seconds = task.silent_seconds or task.timeout_seconds + LEASE_MARGIN_SECONDS
    return at + timedelta(seconds=seconds)


def settle(claimed: Claimed) -> bool:
    """Mark the row done; False when the lease went to somebody else meanwhile. In a transaction."""
    return _finish(claimed, state=OutboxState.DONE, finished_at=clock.now(), last_error=None)


def postpone(
    claimed: Claimed,
    *,
    error: str,
    due_at: datetime | None = None,
    patience: timedelta = timedelta(0),
) -> bool:
    """Give the row back to be tried later, or bury it after the last attempt. In a transaction.

    It is not buried while it is younger than ``patience``.
    """
    is_old = clock.now() - claimed.accepted_at >= patience
    if claimed.attempt >= MAX_ATTEMPTS and is_old and due_at is None:
        return _finish(
            claimed, state=OutboxState.DEAD, finished_at=clock.now(), last_error=error[:2000]
        )
    wait = timedelta(seconds=min(5 * 2 ** (claimed.attempt - 1), 900))
    again_at = due_at or clock.now() + wait
    mine = _finish(claimed, due_at=again_at, last_error=error[:2000], rung_at=None)
    if mine:
        _ring_later(claimed.id, claimed.task, again_at)
    return mine


def _finish(claimed: Claimed, **values: Any) -> bool:
    return only_one(
        update(OutboxTask)
        .where(OutboxTask.id == claimed.id, OutboxTask.lease_number == claimed.lease_number)
        .values(lease_until=None, **values)
    )


def due(limit: int = 500) -> list[tuple[int, Task]]:
    """Rows that should be running: due, not leased, not rung within the last minute."""
    at = clock.now()
    rows = session().execute(
        select(OutboxTask.id, OutboxTask.task)
        .where(
            OutboxTask.state == OutboxState.QUEUED,
            OutboxTask.due_at <= at,
            or_(OutboxTask.lease_until.is_(None), OutboxTask.lease_until < at),
            or_(OutboxTask.rung_at.is_(None), OutboxTask.rung_at < at - RING_AGAIN_AFTER),
        )
        .order_by(OutboxTask.due_at)
        .limit(limit)
    )
    return [(row.id, BY_NAME[row.task]) for row in rows if row.task in BY_NAME]


def due_soon(limit: int = 500) -> list[tuple[int, Task, datetime]]:
    """Rows whose time comes before the sweeper has looked twice more."""
    at = clock.now()
    rows = session().execute(
        select(OutboxTask.id, OutboxTask.task, OutboxTask.due_at)
        .where(
            OutboxTask.state == OutboxState.QUEUED,
            OutboxTask.due_at > at,
            OutboxTask.due_at <= at + ALARM_AHEAD,
        )
        .order_by(OutboxTask.due_at)
        .limit(limit)
    )
    return [(row.id, BY_NAME[row.task], row.due_at) for row in rows if row.task in BY_NAME]


def next_due(task: Task) -> datetime | None:
    """When the bound reseller's next run of this task is due; None when none waits."""
    return session().scalar(
        select(func.min(OutboxTask.due_at)).where(
            OutboxTask.state == OutboxState.QUEUED,
            OutboxTask.task == task.name,
            OutboxTask.reseller_id == scopes.reseller_id(),
        )
    )


def given_up() -> list[GivenUp]:
    """Tasks of the bound reseller that failed for the last time, by name.

    A round of a periodic task is not among them once a later one was done.
    """
    rows = session().execute(
        select(
            OutboxTask.task,
            _OF_A_ROUND.label("of_a_round"),
            func.count().label("how_many"),
            func.max(OutboxTask.id).label("last_id"),
            func.max(OutboxTask.finished_at, type_=UtcDateTime()).label("last_at"),
        )
        .where(*_dead())
        .group_by(OutboxTask.task, "of_a_round")
    )
    found: dict[str, GivenUp] = {}
    for row in rows:
        if row.of_a_round and _done_since(row.task, row.last_id):
            continue
        before = found.get(row.task, GivenUp(row.task, 0, row.last_at))
        found[row.task] = GivenUp(
            row.task, before.count + row.how_many, max(before.last_at, row.last_at)
        )
    return [found[name] for name in sorted(found)]


def try_again(task: Task) -> int:
    """Have what was given up of a task tried anew; of many rounds only the newest. In a transaction."""
    rows = list(
        session().execute(
            select(OutboxTask.id, _OF_A_ROUND.label("of_a_round"))
            .where(*_dead(), OutboxTask.task == task.name)
            .order_by(OutboxTask.id.desc())
            .limit(_MOST_AT_ONCE)
        )
    )
    rounds = [row.id for row in rows if row.of_a_round]
    again = [row.id for row in rows if not row.of_a_round] + rounds[:1]
    at = clock.now()
    revived = [
        row_id
        for row_id in again
        if only_one(
            update(OutboxTask)
            .where(OutboxTask.id == row_id, OutboxTask.state == OutboxState.DEAD)
            .values(state=OutboxState.QUEUED, attempt=0, due_at=at, rung_at=None, finished_at=None)
        )
    ]
    for row_id in revived:
        _ring_later(row_id, task, at)
    if rounds:
        _dismiss(OutboxTask.id.in_(rounds[1:]))
    return len(revived)


def dismiss(task: Task) -> None:
    """Let what was given up of a task rest. In a transaction."""
    _dismiss(OutboxTask.task == task.name)


def _dismiss(which: Any) -> None:
    session().execute(
        update(OutboxTask).where(*_dead(), which).values(state=OutboxState.DISMISSED),
        execution_options={"synchronize_session": False},
    )


def _dead() -> tuple[Any, ...]:
    return OutboxTask.state == OutboxState.DEAD, OutboxTask.reseller_id == scopes.reseller_id()


def _done_since(task: str, row_id: int) -> bool:
    later = select(OutboxTask.id).where(
        OutboxTask.id > row_id,
        OutboxTask.task == task,
        OutboxTask.reseller_id == scopes.reseller_id(),
        OutboxTask.state == OutboxState.DONE,
    )
    return session().scalar(later.limit(1)) is not None


def forget_done(before: datetime) -> int:
    """Delete tasks that were done before this moment, and rounds that failed; the number.

    A once-key is kept for ever, except that of a round of a periodic task: rounds never come again.
    In a transaction.
    """
    result = session().execute(
        delete(OutboxTask).where(
            OutboxTask.finished_at < before,
            or_(
                and_(OutboxTask.state == OutboxState.DONE, OutboxTask.once_key.is_(None)),
                and_(OutboxTask.state != OutboxState.QUEUED, _OF_A_ROUND),
            ),
        ),
        execution_options={"synchronize_session": False},
    )
    return cast("CursorResult[Any]", result).rowcount


def note_rung(row_ids: list[int]) -> None:
    """Remember when the bell was rung for these rows. In a transaction."""
    session().execute(
        update(OutboxTask).where(OutboxTask.id.in_(row_ids)).values(rung_at=clock.now())
    )
