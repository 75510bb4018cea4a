"""Files of messages: uploaded before they are sent, fetched after they arrived, forgotten at last."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, delete, select, update

from portal.core import clock, scope, storage
from portal.core.db import insert_new, new_public_id, only_one, session
from portal.core.errors import InvalidInput, NotFound
from portal.messaging.models import Conversation, Message, MessageFile
from portal.messaging.privacy import texts_hidden
from portal.messaging.values import FileRow, FileState
from portal.rating.messages import MMS_FILES

# Whoever writes for longer than this adds the file again.
MOST_UPLOADS = 60
_COLUMNS = (
    MessageFile.public_id,
    MessageFile.state,
    MessageFile.name,
    MessageFile.mime,
    MessageFile.bytes,
    MessageFile.width,
    MessageFile.height,
    MessageFile.stored_as,
    MessageFile.thumbnail_as,
    MessageFile.problem,
)
_A_QUERY = 500


def keep_upload(client_id: int, person_id: int, file: FileRow) -> uuid.UUID:
    """Keep a converted file for a message that is still being written.

    Raises InvalidInput when the same person has too many lying about.
    """
    waiting = session().scalars(
        select(MessageFile.id).where(_of_writer(client_id, person_id)).limit(MOST_UPLOADS)
    )
    if len(list(waiting)) >= MOST_UPLOADS:
        raise InvalidInput("Too many files wait to be sent. Send or remove some.", field="files")
    session().add(MessageFile(client_id=client_id, person_id=person_id, **file._asdict()))
    session().flush()
    return file.public_id


def uploads(client_id: int, person_id: int | None, wanted: Sequence[uuid.UUID]) -> list[FileRow]:
    """Those of a person's uploads that are not sent yet, in the order asked for."""
    if not wanted:
        return []
    rows = session().execute(
        select(*_COLUMNS).where(
            _of_writer(client_id, person_id), MessageFile.public_id.in_(wanted[: MMS_FILES + 1])
        )
    )
    found = {row.public_id: FileRow._make(row) for row in rows}
    return [found[one] for one in dict.fromkeys(wanted) if one in found]


def drop_upload(client_id: int, person_id: int | None, public_id: uuid.UUID) -> None:
    """Take an upload away again."""
    which = _of_writer(client_id, person_id) & (MessageFile.public_id == public_id)
    storage.discard_later(_forget(which))


def keep_uploads_until(
    client_id: int, person_id: int | None, wanted: Sequence[uuid.UUID], at: datetime
) -> None:
    """Uploads of a text that waits for its moment are not forgotten before it."""
    if wanted:
        session().execute(
            update(MessageFile)
            .where(_of_writer(client_id, person_id), MessageFile.public_id.in_(wanted))
            .values(created_at=at),
            execution_options={"synchronize_session": False},
        )


def attach(message: Message, wanted: Sequence[uuid.UUID], *, person_id: int | None) -> None:
    """Make uploads the files of a message; raises InvalidInput when one is gone or sent already."""
    for place, public_id in enumerate(wanted):
        assert message.client_id is not None
        mine = only_one(
            update(MessageFile)
            .where(_of_writer(message.client_id, person_id), MessageFile.public_id == public_id)
            .values(message_id=message.id, did_id=message.did_id, place=place)
        )
        if not mine:
            raise InvalidInput("A file is not there any more. Add it again.", field="files")


def attach_again(message: Message, failed: Message) -> None:
    """Give a message that is sent again the files of the one that failed."""
    rows = session().execute(
        select(*_COLUMNS, MessageFile.place)
        .where(MessageFile.message_id == failed.id)
        .order_by(MessageFile.place)
    )
    copies = [
        row._asdict()
        | {
            "public_id": new_public_id(),
            "reseller_id": scope.reseller_id(),
            "client_id": message.client_id,
            "message_id": message.id,
            "did_id": message.did_id,
            "person_id": message.sent_by_id,
            "source": "",
            "created_at": clock.now(),
        }
        for row in rows
    ]
    insert_new(MessageFile, copies)


def of_message(message_id: int) -> tuple[FileRow, ...]:
    """The files of one message, in order."""
    return tuple(of_messages([message_id]).get(message_id, ()))


def of_messages(message_ids: Collection[int]) -> dict[int, list[FileRow]]:
    """The files of messages, by the message's id: one query."""
    if not message_ids or texts_hidden():
        return {}
    rows = session().execute(
        select(MessageFile.message_id, *_COLUMNS)
        .where(MessageFile.message_id.in_(message_ids))
        .order_by(MessageFile.message_id, MessageFile.place)
    )
    found: dict[int, list[FileRow]] = {}
    for message_id, *row in rows:
        found.setdefault(message_id or 0, []).append(FileRow._make(row))
    return found


def file(client_id: int, public_id: uuid.UUID, *, person_id: int | None) -> FileRow:
    """A file that is here, of a message of the client or an upload of the person; or NotFound.

    The message is asked for too: it says what somebody of a team may see.
    """
    row = (
        session()
        .execute(
            select(*_COLUMNS, MessageFile.message_id, MessageFile.person_id, Message.id)
            .outerjoin(Message, Message.id == MessageFile.message_id)
            .where(
                MessageFile.public_id == public_id,
                MessageFile.client_id == client_id,
                MessageFile.state == FileState.HERE,
            )
        )
        .first()
    )
    if row is None:
        raise NotFound("This file is gone.")
    *columns, message_id, uploader, seen = row
    is_own_upload = message_id is None and uploader == person_id
    if not is_own_upload and (seen is None or texts_hidden()):
        raise NotFound("This file is gone.")
    return FileRow._make(columns)


def forget_uploads(before: datetime) -> list[str]:
    """Forget uploads that were never sent; the names to discard afterwards. For all resellers."""
    return _forget(MessageFile.message_id.is_(None) & (MessageFile.created_at < before))


def shared(client_id: int, conversation: uuid.UUID, *, rows: int) -> list[FileRow]:
    """The latest files of a conversation, whoever sent them."""
    if texts_hidden():
        return []
    found = session().execute(
        select(*_COLUMNS)
        .join(Message, Message.id == MessageFile.message_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(
            Conversation.public_id == conversation,
            MessageFile.client_id == client_id,
            MessageFile.state == FileState.HERE,
        )
        .order_by(MessageFile.id.desc())
        .limit(rows)
    )
    return [FileRow._make(row) for row in found]


def forget_files_of(messages: Select[int]) -> list[str]:
    """Forget the files of these messages (a query of ids); the names to discard afterwards."""
    return _forget(MessageFile.message_id.in_(messages))


def _of_writer(client_id: int, person_id: int | None) -> ColumnElement[bool]:
    return (
        (MessageFile.client_id == client_id)
        & (MessageFile.person_id == person_id)
        & MessageFile.message_id.is_(None)
    )


def _forget(which: ColumnElement[bool]) -> list[str]:
    """Delete rows; the stored names that no other row needs."""
    rows = session().execute(select(MessageFile.stored_as, MessageFile.thumbnail_as).where(which))
    names = sorted({name for row in rows for name in row if name})
    session().execute(
        delete(MessageFile).where(which), execution_options={"synchronize_session": False}
    )
    return [name for name in names if name not in _still_needed(names)]


def _still_needed(names: Sequence[str]) -> set[str]:
    needed: set[str] = set()
    for first in range(0, len(names), _A_QUERY):
        some = names[first : first + _A_QUERY]
        for column in (MessageFile.stored_as, MessageFile.thumbnail_as):
            needed.update(session().scalars(select(column).where(column.in_(some))))
    return needed
