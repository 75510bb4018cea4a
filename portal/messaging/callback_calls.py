"""Calling the clients' own systems, one try of one client at a time.

A host that does not answer is left alone for a while, with all that waits for it. What answers, but not
``ok``, is asked again about this text in half an hour. A try whose process died is made once more.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update

from portal.core import clock, slow_hosts
from portal.core.db import only_one, session
from portal.messaging.callback_turns import locked_line, run_next
from portal.messaging.models import MessageFile, NumberTexts, TextRelay
from portal.messaging.relay_work import RelayWork, host_of, wishes, work_of
from portal.messaging.values import FileState, RelayState, Way, printable

AGAIN_AFTER = timedelta(minutes=30)  # as the carrier repeats its own
_TRY = timedelta(seconds=60)  # whoever holds a row for longer is dead
_FILES_AGAIN, _FILES_WAITED_FOR = timedelta(seconds=10), timedelta(minutes=10)
_OPEN = (RelayState.WAITING, RelayState.TRYING)


def next_call(client_id: int, run: int) -> RelayWork | None:
    """Take the next row of a client's line; None when there is nothing to call now. In a transaction."""
    line = locked_line(client_id)
    if line.run != run:
        return None
    wanted = {row.did_id: row for row in wishes(client_id) if row.callback_url}
    _end_unwanted(client_id, wanted)
    closed = slow_hosts.closed_hosts(client_id)
    relay = _first(client_id, [i for i, row in wanted.items() if _host(row) not in closed])
    if relay is None:
        run_next(line, _next_due(client_id, wanted, closed))
        return None
    relay.state, relay.due_at = RelayState.TRYING, clock.now() + _TRY
    relay.lease_number += 1
    relay.attempts += 1
    relay.tried_at = line.due_at = clock.now()
    session().flush()
    return work_of(relay, wanted[relay.did_id], run=run)


def taken(work: RelayWork, said: str) -> None:
    """The client's system has the text. In a transaction, like the two below."""
    line = locked_line(work.client_id)
    _end(work, RelayState.DONE, said)
    slow_hosts.answered(work.host, client_id=work.client_id)
    _go_on(work, line)


def not_taken(work: RelayWork, said: str) -> None:
    """It answered, but not ok: this text again in half an hour, until its time is over."""
    line = locked_line(work.client_id)
    slow_hosts.answered(work.host, client_id=work.client_id)
    _again_or_over(work, said, clock.now() + AGAIN_AFTER)
    _go_on(work, line)


def no_answer(work: RelayWork, said: str, *, held: timedelta) -> None:
    """Its host did not answer: nothing goes there for a while. ``held``: for so long others go first."""
    line = locked_line(work.client_id)
    until = slow_hosts.failed(work.host, client_id=work.client_id)
    _again_or_over(work, said, until)
    _end_late(work, said)
    _go_on(work, line, not_before=clock.now() + held)


def _first(client_id: int, dids: Collection[int]) -> TextRelay | None:
    """What has been due for longest; a test that somebody waits for goes first."""
    while True:
        relay: TextRelay | None = session().scalar(
            select(TextRelay)
            .where(
                *_open_rows(client_id),
                TextRelay.did_id.in_(dids),
                TextRelay.due_at <= clock.now(),
            )
            .order_by(TextRelay.message_id.is_not(None), TextRelay.due_at, TextRelay.id)
            .limit(1)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        if relay is None or not _files_are_on_their_way(relay):
            return relay
        relay.due_at = clock.now() + _FILES_AGAIN
        session().flush()


def _files_are_on_their_way(relay: TextRelay) -> bool:
    """Is a file of the text still fetched that the client's system will want? Not for ever."""
    if relay.message_id is None or relay.tried_since <= clock.now() - _FILES_WAITED_FOR:
        return False
    waits = select(MessageFile.id).where(
        MessageFile.message_id == relay.message_id, MessageFile.state == FileState.WAITING
    )
    return session().scalar(waits.limit(1)) is not None


def _again_or_over(work: RelayWork, said: str, again_at: datetime) -> None:
    since = session().scalar(select(TextRelay.tried_since).where(TextRelay.id == work.relay_id))
    over = since is None or since <= _ends(work)
    if work.is_test or over:
        _end(work, RelayState.FAILED, said)
    else:
        _end(work, RelayState.WAITING, said, due_at=again_at)


def _end_late(work: RelayWork, said: str) -> None:
    """What waits for the same host and has had its time is over too, though it was not its turn."""
    for wish in wishes(work.client_id):
        if _host(wish) == work.host:
            hours = timedelta(hours=wish.give_up_hours)
            _run(
                update(TextRelay)
                .where(
                    *_open_rows(work.client_id),
                    TextRelay.state == RelayState.WAITING,
                    TextRelay.did_id == wish.did_id,
                    TextRelay.tried_since <= clock.now() - hours,
                )
                .values(state=RelayState.FAILED, last_answer=printable(said))
            )


def _end_unwanted(client_id: int, wanted: Collection[int]) -> None:
    """The address is gone, or the number, or the client: what waits is over."""
    _run(
        update(TextRelay)
        .where(*_open_rows(client_id), TextRelay.did_id.not_in(wanted))
        .values(state=RelayState.UNWANTED, lease_number=TextRelay.lease_number + 1)
    )


def _end(work: RelayWork, state: RelayState, said: str, **more: Any) -> bool:
    """Write down how a try ended; False when the row is not this run's any more."""
    return only_one(
        update(TextRelay)
        .where(
            TextRelay.id == work.relay_id,
            TextRelay.lease_number == work.lease_number,
            TextRelay.state == RelayState.TRYING,
        )
        .values(state=state, last_answer=printable(said), **more)
    )


def _go_on(work: RelayWork, line: Any, *, not_before: datetime | None = None) -> None:
    if line.run != work.run:
        return  # another run has the line
    wanted = {row.did_id: row for row in wishes(work.client_id) if row.callback_url}
    closed = slow_hosts.closed_hosts(work.client_id)
    due_at = _next_due(work.client_id, wanted, closed)
    run_next(line, max(due_at, not_before) if due_at and not_before else due_at)


def _next_due(
    client_id: int, wanted: dict[int, NumberTexts], closed: dict[str, datetime]
) -> datetime | None:
    """When something of the line is to be looked at; None: nothing waits."""
    rows = session().execute(
        select(TextRelay.did_id, func.min(TextRelay.due_at))
        .where(*_open_rows(client_id))
        .group_by(TextRelay.did_id)
    )
    at = clock.now()
    found = []
    for did_id, due_at in rows:
        host = _host(wanted[did_id]) if did_id in wanted else ""
        found.append(max(due_at or at, closed.get(host, at), at))
    return min(found, default=None)


def _open_rows(client_id: int) -> tuple[Any, ...]:
    return (
        TextRelay.client_id == client_id,
        TextRelay.state.in_(_OPEN),
        TextRelay.way == Way.URL,
    )


def _host(wish: NumberTexts) -> str:
    return host_of(wish.callback_url)


def _ends(work: RelayWork) -> datetime:
    return clock.now() - timedelta(hours=work.settings.give_up_hours)


def _run(statement: Any) -> None:
    session().execute(statement, execution_options={"synchronize_session": False})
