"""Conversations: made with their first message, read, and marked done."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import case, select, update

from portal import contacts
from portal.core import clock, live, scope
from portal.core.db import insert_once, new_public_id, only_one, session
from portal.core.errors import NotFound
from portal.messaging.models import Conversation

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


def note_message(conversation_id: int, *, text: str, direction: str, at: datetime) -> None:
    """Bring the list's line up to date; a late message does not push a newer one aside."""
    newer = Conversation.last_at <= at
    more = 1 if direction == "in" else 0
    session().execute(
        update(Conversation)
        .where(Conversation.id == conversation_id)
        .values(
            last_text=case((newer, text[:_PREVIEW_CHARACTERS]), else_=Conversation.last_text),
            last_direction=case((newer, direction), else_=Conversation.last_direction),
            last_at=case((newer, at), else_=Conversation.last_at),
            unread=Conversation.unread + more,
            done_at=None,
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


def set_done(client_id: int, public_id: uuid.UUID, done: bool) -> None:
    """Move a conversation out of the open ones, or back. NotFound when it is not theirs."""
    changed = only_one(
        update(Conversation)
        .where(Conversation.public_id == public_id, Conversation.client_id == client_id)
        .values(done_at=clock.now() if done else None, unread=0)
    )
    if not changed:
        raise NotFound("There is no such conversation.")
    live.tell("conversation-changed", client_id=client_id)


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
