"""Whose turn it is to be called: each client has one line, and one try of it is made at a time.

A line has one task, whatever waits in it: the task makes one try, and the next has a task of its own
behind those of other clients. Whoever changes what waits locks the line first.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select, update

from portal.core import clock, scope
from portal.core.db import insert_once, session
from portal.core.queue import enqueue
from portal.messaging.models import CallbackLine, TextRelay
from portal.messaging.values import RelayState, Way
from portal.tasks import CALL_CLIENT

# Longer than any try and its task's second chance: a run that is this late was given up.
_LOST_AFTER = timedelta(minutes=10)


def locked_line(client_id: int) -> CallbackLine:
    """The client's line, ours until the commit."""
    insert_once(
        CallbackLine, {"reseller_id": scope.reseller_id(), "client_id": client_id, "run": 0}
    )
    found: CallbackLine = (
        session()
        .scalars(
            select(CallbackLine)
            .where(CallbackLine.client_id == client_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        .one()
    )
    return found


def wake(client_id: int) -> None:
    """Something may be called now: begin, unless a run is at work, which will see it. In a transaction."""
    line, at = locked_line(client_id), clock.now()
    if line.due_at is None or line.due_at > at or line.due_at < at - _LOST_AFTER:
        run_next(line, at)


def run_next(line: CallbackLine, due_at: datetime | None) -> None:
    """Accept the next run, or none where nothing waits; a task of before does nothing any more."""
    line.due_at = due_at
    if due_at is not None:
        line.run += 1
    session().flush()
    if due_at is not None:
        enqueue(CALL_CLIENT, due_at=due_at, client_id=line.client_id or 0, run=line.run)


def places_changed(
    client_id: int, did_id: int, *, gone: Collection[Way], elsewhere: Collection[Way]
) -> None:
    """What waits for a way that is gone is over; what waits for another address begins anew there."""
    if not gone and not elsewhere:
        return
    wake(client_id)
    waiting = (
        TextRelay.client_id == client_id,
        TextRelay.did_id == did_id,
        TextRelay.state == RelayState.WAITING,
    )
    _run(
        update(TextRelay)
        .where(*waiting, TextRelay.way.in_(gone))
        .values(state=RelayState.UNWANTED, lease_number=TextRelay.lease_number + 1)
    )
    if Way.URL in elsewhere:
        _run(
            update(TextRelay)
            .where(*waiting, TextRelay.way == Way.URL)
            .values(due_at=clock.now(), tried_since=clock.now())
        )


def _run(statement: object) -> None:
    session().execute(statement, execution_options={"synchronize_session": False})  # type: ignore[call-overload]
