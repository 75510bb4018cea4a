"""Addresses of files for a client's own system: sealed, without a login, and over after some days."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from portal.core import clock, registry, scope
from portal.core.db import session
from portal.core.scope import Scope, bind
from portal.core.secrets import CannotUnseal
from portal.messaging.models import Message, MessageFile
from portal.messaging.values import FileRow, FileState

GOOD_FOR = timedelta(days=7)
_CONTEXT = "message_files/link"
_LONGEST = 400


def links_of(files: Sequence[FileRow]) -> tuple[str, ...]:
    """Where each file that is kept can be fetched from now on; nobody can make such an address up."""
    until = int((clock.now() + GOOD_FOR).timestamp())
    return tuple(_link(file, until) for file in files if file.state == FileState.HERE)


def linked_file(word: str) -> FileRow | None:
    """The file that an address means; None for a false or an old one, and for what is deleted."""
    try:
        said = registry.key_ring().unseal(word[:_LONGEST], context=_CONTEXT)
        reseller, name, until = said.split("/")
        public_id, reseller_id, ends = uuid.UUID(name), int(reseller), int(until)
    except (ValueError, CannotUnseal):
        return None
    if clock.now().timestamp() > ends:
        return None
    with bind(Scope(reseller_id)):
        row = (
            session()
            .execute(
                select(
                    MessageFile.public_id, MessageFile.state, MessageFile.name, MessageFile.mime,
                    MessageFile.bytes, MessageFile.width, MessageFile.height,
                    MessageFile.stored_as, MessageFile.thumbnail_as, MessageFile.problem,
                )
                .join(Message, Message.id == MessageFile.message_id)
                .where(
                    MessageFile.public_id == public_id,
                    MessageFile.state == FileState.HERE,
                    Message.deleted_at.is_(None),
                )
            )
            .first()
        )  # fmt: skip
    return None if row is None else FileRow._make(row)


def _link(file: FileRow, until: int) -> str:
    said = f"{scope.reseller_id()}/{file.public_id.hex}/{until}"
    word = registry.key_ring().seal(said, context=_CONTEXT)
    return f"{registry.settings().portal_url}/hooks/media/{word}"
