"""Conversations: made with their first message, read, done, put away, and deleted."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import case, select, update
from sqlalchemy import delete as sql_delete

from portal import contacts
from portal.core import clock, live, scope, storage
from portal.core.db import insert_once, new_public_id, only_one, session
from portal.core.errors import NotFound, Refused
from portal.core.sentences import N_
from portal.messaging.files import forget_files_of
from portal.messaging.models import Conversation, ConversationEntry, Message
from portal.messaging.values import UNSETTLED, EntryKind

_PREVIEW_CHARACTERS = 120


def conversation_for(client_id: int, did_id: int, contact: str, *, at: datetime) -> int:
    """The id of the conversation between a number and a contact, new or old.

    A new one begins with its first message, ``at`` its time: a later moment would make that
    message look late, and the list would show no text.
    """
    key = {"client_id": client_id, "did_id": did_id, "contact": contact}
    insert_once(
        Conversation,
        key
        | {
            "public_id": new_public_id(),
            "reseller_id": scope.reseller_id(),
            "last_at": at,
            "last_text": "",
            "last_direction": "",
            "unread": 0,
        },
    )
    found = session().scalar(
        select(Conversation.id).where(
            Conversation.client_id == client_id,
            Conversation.did_id == did_id,
            Conversation.contact == contact,
        )
    )
    assert found is not None
    return found


def note_message(
    conversation_id: int, *, text: str, direction: str, at: datetime, arrived: int | None = None
) -> None:
    """Bring the list's line up to date; a late message does not push a newer one aside.

    ``arrived`` says how many came with it, where it is the newest of several.
    """
    newer = Conversation.last_at <= at
    more = int(direction == "in") if arrived is None else arrived
    session().execute(
        update(Conversation)
        .where(Conversation.id == conversation_id)
        .values(
            last_text=case((newer, text[:_PREVIEW_CHARACTERS]), else_=Conversation.last_text),
            last_direction=case((newer, direction), else_=Conversation.last_direction),
            last_at=case((newer, at), else_=Conversation.last_at),
            unread=Conversation.unread + more,
            done_at=None,
            archived_at=None,
            deleted_at=None,
        ),
        execution_options={"synchronize_session": False},
    )


def mark_read(client_id: int, public_id: uuid.UUID) -> None:
    """Nothing in it is unread any more."""
    changed = only_one(
        update(Conversation)
        .where(
            Conversation.public_id == public_id,
            Conversation.client_id == client_id,
            Conversation.unread > 0,
        )
        .values(unread=0)
    )
    if changed:
        live.tell("conversation-changed", client_id=client_id)


def set_done(
    client_id: int, public_id: uuid.UUID, done: bool, *, person_id: int | None = None
) -> None:
    """Move a conversation out of the open ones, or back. NotFound when it is not theirs."""
    found = locked(client_id, public_id)
    if (found.done_at is not None) == done:
        return
    found.done_at = clock.now() if done else None
    found.unread = 0
    note_entry(found, EntryKind.DONE if done else EntryKind.REOPENED, person_id=person_id)
    tell(found)


def set_archived(client_id: int, public_id: uuid.UUID, archived: bool) -> None:
    """Put a conversation away until it is looked for, or a new text comes; or take it out again."""
    found = locked(client_id, public_id)
    found.archived_at = clock.now() if archived else None
    found.unread = 0
    tell(found)


def delete(client_id: int, public_id: uuid.UUID) -> None:
    """Take the texts, files and notes of a conversation away; what was paid and agreed to stays.

    Its address ends with it: the next text begins a conversation anew. Refused while a text of it is
    being sent, whose words are still needed.
    """
    found = locked(client_id, public_id)
    theirs = Message.conversation_id == found.id
    if session().scalar(select(Message.id).where(theirs, Message.state.in_(UNSETTLED)).limit(1)):
        raise Refused(N_("A text is still being sent. Delete the conversation when it is done."))
    at = clock.now()
    for statement in (
        update(Message)
        .where(theirs, Message.deleted_at.is_(None))
        .values(text="", search_text="", deleted_at=at),
        sql_delete(ConversationEntry).where(ConversationEntry.conversation_id == found.id),
    ):
        session().execute(statement, execution_options={"synchronize_session": False})
    storage.discard_later(forget_files_of(select(Message.id).where(theirs)))
    found.public_id = new_public_id()
    found.last_text = ""
    found.unread = 0
    found.assigned_to_id = found.done_at = found.archived_at = None
    found.deleted_at = at
    tell(found)


def locked(client_id: int, public_id: uuid.UUID) -> Conversation:
    """A conversation of theirs that nobody else changes until the end; NotFound for any other."""
    found = session().scalar(
        select(Conversation)
        .where(
            Conversation.public_id == public_id,
            Conversation.client_id == client_id,
            Conversation.deleted_at.is_(None),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound("There is no such conversation.")
    return found


def note_entry(
    found: Conversation,
    kind: EntryKind,
    *,
    person_id: int | None,
    other_id: int | None = None,
    text: str = "",
) -> None:
    """Write between the bubbles what somebody of the team did."""
    session().add(
        ConversationEntry(
            client_id=found.client_id, conversation_id=found.id, did_id=found.did_id,
            kind=kind, text=text, person_id=person_id, other_id=other_id,
        )
    )  # fmt: skip


def tell(found: Conversation) -> None:
    """Have open pages look again."""
    session().flush()
    live.tell("conversation-changed", client_id=found.client_id, did_id=found.did_id)


def name_contact(client_id: int, public_id: uuid.UUID, name: str) -> None:
    """Say who this is: the phonebook knows it from then on."""
    number = session().scalar(
        select(Conversation.contact).where(
            Conversation.public_id == public_id, Conversation.client_id == client_id
        )
    )
    if number is None:
        raise NotFound("There is no such conversation.")
    contacts.name_number(client_id, number, name)
