"""Beginning work on many clients, doing it some rows at a time, and forgetting it.

A row is done in the transaction that marks it, so a run that is cut off or begun twice does nothing
twice. What refuses one row is written beside it and leaves the others alone.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update

from portal.batches.deeds import DEEDS
from portal.batches.models import Batch, BatchRow
from portal.batches.values import BatchFacts, BatchKind, BatchRowFacts, BatchState, Counts, RowState
from portal.core import clock
from portal.core.db import insert_all, only_one, session
from portal.core.errors import DomainError, NotFound, Refused
from portal.core.queue import enqueue
from portal.identity import Visitor, record
from portal.identity.models import Client
from portal.tasks import RUN_BATCH

# So many are one piece of work at most.
MOST = 50_000
# So few are done while somebody waits for the answer.
AT_ONCE = 50
CHUNK = 25


def begin(
    kind: BatchKind,
    client_ids: Sequence[int],
    *,
    by: Visitor | None = None,
    **facts: object,
) -> uuid.UUID:
    """A draft about these clients; nothing is done to them before ``start``."""
    batch = Batch(kind=kind, facts=facts, asked_by_id=by.person_id if by else None)
    session().add(batch)
    session().flush()
    names = _names(client_ids)
    about = {"batch_id": batch.id, "reseller_id": batch.reseller_id}
    insert_all(
        BatchRow,
        [
            about | {"position": at, "client_id": client_id, "name": names[client_id]}
            for at, client_id in enumerate((one for one in client_ids if one in names), 1)
        ],
    )
    return batch.public_id


def start(
    public_id: uuid.UUID, kind: BatchKind, *, by: Visitor | None = None, **facts: object
) -> bool:
    """Let it run, in the background; True for exactly one of those who try. Refused as another kind."""
    batch = row_of(public_id, lock=True)
    if batch.kind != kind:
        raise Refused("There is no such work.", code="another_kind")
    mine = only_one(
        update(Batch)
        .where(Batch.id == batch.id, Batch.state == BatchState.DRAFT)
        .values(state=BatchState.RUNNING, facts={**batch.facts, **facts})
    )
    if mine:
        record(f"batch.{batch.kind}", by=by, clients=counts_of(batch.id).waiting)
        enqueue(RUN_BATCH, batch_id=batch.id)
    return mine


def run_some(batch_id: int, *, rows: int = CHUNK) -> bool:
    """Do the next rows; False when there is nothing left to do. In the caller's transaction."""
    batch = session().scalar(
        select(Batch)
        .where(Batch.id == batch_id, Batch.state == BatchState.RUNNING)
        .execution_options(populate_existing=True)
    )
    if batch is None:
        return False
    waiting = (
        session()
        .scalars(
            select(BatchRow)
            .where(BatchRow.batch_id == batch_id, BatchRow.state == RowState.WAITING)
            .order_by(BatchRow.position)
            .limit(rows)
            .execution_options(populate_existing=True)
        )
        .all()
    )
    for row in waiting:
        _do(batch, row)
    if not waiting:
        batch.state, batch.finished_at = BatchState.DONE, clock.now()
        session().flush()
    return bool(waiting)


def run_now(public_id: uuid.UUID) -> None:
    """Do all of a small one in the caller's transaction; the job that was rung for finds it done."""
    batch_id = row_of(public_id).id
    while run_some(batch_id):
        pass


def find(public_id: uuid.UUID) -> BatchFacts:
    """One piece of work of the bound reseller; raises NotFound."""
    batch = row_of(public_id)
    facts = batch.facts
    return BatchFacts(
        public_id=batch.public_id,
        kind=BatchKind(batch.kind),
        state=BatchState(batch.state),
        counts=counts_of(batch.id),
        created_at=batch.created_at,
        finished_at=batch.finished_at,
        name=facts.get("name", ""),
        subject=facts.get("subject", ""),
        text=facts.get("text", ""),
        head=tuple(facts.get("head", ())),
        mapping=tuple(facts.get("mapping", ())),
    )


def rows_of(public_id: uuid.UUID, *states: RowState, limit: int = 100) -> list[BatchRowFacts]:
    """Rows in these states, or the first of all, in the order of the list or the file."""
    batch = row_of(public_id)
    query = (
        select(BatchRow, Client.public_id)
        .outerjoin(Client, Client.id == BatchRow.client_id)
        .where(BatchRow.batch_id == batch.id)
        .order_by(BatchRow.position)
        .limit(limit)
    )
    if states:
        query = query.where(BatchRow.state.in_(states))
    return [
        BatchRowFacts(
            row.position, row.name, RowState(row.state), row.problem, tuple(row.cells), client
        )
        for row, client in session().execute(query)
    ]


def discard(public_id: uuid.UUID) -> None:
    """Throw a draft away; raises NotFound when it is none any more."""
    batch = row_of(public_id, lock=True)
    if batch.state != BatchState.DRAFT:
        raise NotFound("There is no such draft.")
    _delete([batch.id])


def forget_old(before: datetime) -> None:
    """Delete what is this old, in the caller's transaction."""
    _delete(list(session().scalars(select(Batch.id).where(Batch.created_at < before))))


def row_of(public_id: uuid.UUID, *, lock: bool = False) -> Batch:
    """The row, fresh; raises NotFound. ``lock`` holds it still: it is not begun and changed at once."""
    query = (
        select(Batch).where(Batch.public_id == public_id).execution_options(populate_existing=True)
    )
    batch = session().scalar(query.with_for_update() if lock else query)
    if batch is None:
        raise NotFound("There is no such work.")
    return batch


def counts_of(batch_id: int) -> Counts:
    """How many rows are in each state."""
    counted = session().execute(
        select(BatchRow.state, func.count())
        .where(BatchRow.batch_id == batch_id)
        .group_by(BatchRow.state)
    )
    return Counts(**{RowState(state).value: count for state, count in counted})


def _do(batch: Batch, row: BatchRow) -> None:
    mine = only_one(
        update(BatchRow)
        .where(BatchRow.id == row.id, BatchRow.state == RowState.WAITING)
        .values(state=RowState.DONE)
    )
    if not mine:
        return
    try:
        with session().begin_nested():
            state, problem, client_id = DEEDS[BatchKind(batch.kind)](batch, row)
    except DomainError as refusal:
        state, problem, client_id = RowState.FAILED, refusal.message, row.client_id
    session().execute(
        update(BatchRow)
        .where(BatchRow.id == row.id)
        .values(state=state, problem=problem[:200], client_id=client_id),
        execution_options={"synchronize_session": False},
    )


def _names(client_ids: Sequence[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for first in range(0, len(client_ids), 500):
        rows = session().execute(
            select(Client.id, Client.company, Client.first_name, Client.last_name).where(
                Client.id.in_(client_ids[first : first + 500])
            )
        )
        found |= {
            row.id: row.company or f"{row.first_name} {row.last_name}".strip() for row in rows
        }
    return found


def _delete(batch_ids: Sequence[int]) -> None:
    for statement in (
        delete(BatchRow).where(BatchRow.batch_id.in_(batch_ids)),
        delete(Batch).where(Batch.id.in_(batch_ids)),
    ):
        session().execute(statement, execution_options={"synchronize_session": False})
