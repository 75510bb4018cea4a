"""Files that came with a message: waited for, fetched once, let in or not."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select, update

from portal.core import clock, live, scope
from portal.core.db import insert_new, new_public_id, only_one, session
from portal.core.queue import enqueue
from portal.messaging.models import Message, MessageFile
from portal.messaging.values import FileRow, FileState
from portal.tasks import FETCH_MEDIA

# The carrier's addresses answer 404 for a while, and are given up after a day.
GIVE_UP_AFTER = timedelta(days=1)
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=10), timedelta(hours=2)
_LONGEST_CODE = 40


def wait_for(message_id: uuid.UUID, addresses: Sequence[str]) -> None:
    """Remember the files that a message (its public id) came with, each fetched by its own task."""
    if not addresses:
        return
    message = session().scalars(select(Message).where(Message.public_id == message_id)).one()
    common = {
        "reseller_id": scope.reseller_id(),
        "client_id": message.client_id,
        "message_id": message.id,
        "did_id": message.did_id,
        "state": FileState.WAITING,
        "created_at": clock.now(),
    }
    insert_new(
        MessageFile,
        [
            common | {"public_id": new_public_id(), "place": place, "source": address}
            for place, address in enumerate(addresses)
        ],
    )
    waiting = select(MessageFile.id).where(
        MessageFile.message_id == message.id, MessageFile.state == FileState.WAITING
    )
    for file_id in session().scalars(waiting):
        enqueue(FETCH_MEDIA, file_id=file_id, attempt=1)


def file_to_fetch(file_id: int) -> str | None:
    """Where a file that is still waited for lies at the carrier."""
    found: str | None = session().scalar(
        select(MessageFile.source).where(
            MessageFile.id == file_id, MessageFile.state == FileState.WAITING
        )
    )
    return found


def file_arrived(file_id: int, file: FileRow) -> bool:
    """It was fetched and converted: kept. False when another run was quicker: discard it."""
    values = file._asdict()
    del values["public_id"]
    return _end(file_id, **values)


def file_not_let_in(file_id: int, *, code: str) -> None:
    """It could not be read, or is what nobody should open."""
    _end(file_id, state=FileState.REFUSED, problem=code[:_LONGEST_CODE])


def file_lost(file_id: int) -> None:
    """The carrier does not have it any more."""
    _end(file_id, state=FileState.GONE)


def file_not_there_yet(file_id: int, *, attempt: int) -> None:
    """Try again after ever longer waits; after a day it is gone."""
    since = session().scalar(select(MessageFile.created_at).where(MessageFile.id == file_id))
    if since is None:
        return
    if clock.now() - since > GIVE_UP_AFTER:
        file_lost(file_id)
        return
    wait = min(_FIRST_WAIT * 2 ** min(attempt - 1, 12), _LONGEST_WAIT)
    enqueue(FETCH_MEDIA, due_at=clock.now() + wait, file_id=file_id, attempt=attempt + 1)


def _end(file_id: int, **values: object) -> bool:
    mine = only_one(
        update(MessageFile)
        .where(MessageFile.id == file_id, MessageFile.state == FileState.WAITING)
        .values(**values)
    )
    if mine:
        row = session().execute(
            select(MessageFile.client_id, MessageFile.did_id).where(MessageFile.id == file_id)
        )
        client_id, did_id = row.one()
        live.tell("conversation-changed", client_id=client_id, did_id=did_id)
    return mine
