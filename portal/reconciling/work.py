"""A comparison from its question to its end: asked for, stepped through by a job, kept a while."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, update

from portal.core import clock, live, scope
from portal.core.db import insert_new, new_public_id, only_one, session
from portal.core.errors import InvalidInput, Refused
from portal.core.period import day_start
from portal.core.queue import enqueue
from portal.identity.facts import reseller_zone
from portal.reconciling.models import Reconciliation, ReconciliationLine
from portal.reconciling.queries import row_of
from portal.reconciling.values import PARTS, Difference, Part, RunState, Step
from portal.tasks import MEND_RECONCILIATION, RECONCILE

LONGEST_DAYS = 92
_OPEN = (RunState.ASKED, RunState.RUNNING)
_PIECE = {Part.CALLS: timedelta(days=7)}
_LONG_PIECE = timedelta(days=31)
# What just happened may be in one list and not yet in the other.
_TOO_FRESH = timedelta(minutes=20)
_ROWS_AT_ONCE = 200


def ask(first: date, last: date, parts: Collection[Part], *, asked_by_id: int | None) -> uuid.UUID:
    """Have a period compared, in the caller's transaction; its name. One at a time."""
    if not parts:
        raise InvalidInput("Choose at least one list.", field="parts")
    if not first <= last:
        raise InvalidInput("The period ends before it begins.", field="until")
    if (last - first).days >= LONGEST_DAYS:
        raise InvalidInput("The carrier answers for 92 days at most.", field="until")
    if session().scalar(select(Reconciliation.id).where(Reconciliation.state.in_(_OPEN)).limit(1)):
        raise Refused("A comparison is running already. Wait for it first.", code="busy")
    row = Reconciliation(
        first_day=first,
        last_day=last,
        parts=[part.value for part in PARTS if part in parts],
        asked_by_id=asked_by_id,
    )
    session().add(row)
    session().flush()
    enqueue(RECONCILE, run_id=row.id)
    return row.public_id


def claim(run_id: int) -> bool:
    """Begin, or begin anew after a kill: what was found before is forgotten. In a transaction."""
    mine = only_one(
        update(Reconciliation)
        .where(Reconciliation.id == run_id, Reconciliation.state.in_(_OPEN))
        .values(state=RunState.RUNNING, done_steps=0, compared=0, problem="")
    )
    if mine:
        session().execute(
            delete(ReconciliationLine).where(ReconciliationLine.reconciliation_id == run_id),
            execution_options={"synchronize_session": False},
        )
        session().execute(
            update(Reconciliation)
            .where(Reconciliation.id == run_id)
            .values(all_steps=len(steps(run_id))),
            execution_options={"synchronize_session": False},
        )
    return mine


def steps(run_id: int) -> list[Step]:
    """The questions of a comparison, in order; never about what has only just happened."""
    row = session().scalars(select(Reconciliation).where(Reconciliation.id == run_id)).one()
    zone: ZoneInfo = reseller_zone()
    begin = day_start(row.first_day, zone)
    end = min(day_start(row.last_day + timedelta(days=1), zone), clock.now() - _TOO_FRESH)
    found: list[Step] = []
    for word in row.parts:
        part = Part(word)
        if part is Part.NUMBERS:
            found.append(Step(part, begin, max(begin, end)))
            continue
        since = begin
        while since < end:
            until = min(since + _PIECE.get(part, _LONG_PIECE), end)
            found.append(Step(part, since, until))
            since = until
    return found


def note(run_id: int, found: Sequence[Difference], *, compared: int) -> bool:
    """Keep what a step found; False when the comparison was stopped meanwhile. In a transaction."""
    mine = only_one(
        update(Reconciliation)
        .where(Reconciliation.id == run_id, Reconciliation.state == RunState.RUNNING)
        .values(
            done_steps=Reconciliation.done_steps + 1,
            compared=Reconciliation.compared + compared,
        )
    )
    if not mine:
        return False
    rows = [_row(run_id, one) for one in found]
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        insert_new(ReconciliationLine, rows[start : start + _ROWS_AT_ONCE])
    live.tell("job-changed", client_id=None)
    return True


def done(run_id: int) -> None:
    """Every list was compared. In a transaction."""
    _end(run_id, RunState.READY)


def fail(run_id: int, problem: str) -> None:
    """It could not be finished; a sentence for people says why. In a transaction."""
    _end(run_id, RunState.FAILED, problem=problem[:300])


def stop(public_id: uuid.UUID) -> None:
    """Let it end after the question it is at; what was found stays. In a transaction."""
    row = row_of(public_id)
    if row.state in _OPEN:
        row.state, row.finished_at = RunState.STOPPED, clock.now()
        session().flush()
        live.tell("job-changed", client_id=None)


def ask_to_mend(public_id: uuid.UUID) -> None:
    """Have what only the carrier knows, or knows otherwise, brought in. In a transaction."""
    row = row_of(public_id)
    if row.state in _OPEN or row.mending:
        raise Refused("A comparison is running already. Wait for it first.", code="busy")
    row.mending = True
    session().flush()
    enqueue(MEND_RECONCILIATION, run_id=row.id)


def forget_old(before: datetime) -> None:
    """Forget comparisons of long ago, at most some at a time. In a transaction."""
    old = list(
        session().scalars(
            select(Reconciliation.id).where(Reconciliation.created_at < before).limit(100)
        )
    )
    for model, column in (
        (ReconciliationLine, ReconciliationLine.reconciliation_id),
        (Reconciliation, Reconciliation.id),
    ):
        session().execute(
            delete(model).where(column.in_(old)),
            execution_options={"synchronize_session": False},
        )


def _end(run_id: int, state: RunState, **values: str) -> None:
    only_one(
        update(Reconciliation)
        .where(Reconciliation.id == run_id, Reconciliation.state == RunState.RUNNING)
        .values(state=state, finished_at=clock.now(), **values)
    )
    live.tell("job-changed", client_id=None)


def _row(run_id: int, one: Difference) -> dict[str, object]:
    return {
        "reseller_id": scope.reseller_id(),
        "public_id": new_public_id(),
        "reconciliation_id": run_id,
        "part": one.part,
        "finding": one.finding,
        "key": one.key[:220],
        "at": one.at,
        "what": one.what[:120],
        "detail": one.detail[:120],
        "theirs_e8": one.theirs_e8,
        "ours_e8": one.ours_e8,
        "owner": one.client_id or 0,
        "our_id": one.our_id,
    }
