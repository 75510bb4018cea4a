"""Several people at one inbox: who takes a conversation, and what they tell each other in it."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from portal import identity, numbers
from portal.core import scope as scopes
from portal.core.db import session
from portal.core.errors import InvalidInput, NotFound
from portal.core.scope import Scope, bind
from portal.core.sentences import N_
from portal.identity.models import Person
from portal.messaging.conversations import locked, note_entry, tell
from portal.messaging.models import LONGEST_NOTE, Conversation, ConversationEntry
from portal.messaging.privacy import shown
from portal.messaging.values import Assignee, EntryKind, EntryRow

_MOST_ENTRIES = 200


def assignees(client_id: int, public_id: uuid.UUID) -> list[Assignee]:
    """Who of the team may see a conversation, by name: only they can have it."""
    did_id = session().scalar(
        select(Conversation.did_id).where(
            Conversation.public_id == public_id, Conversation.client_id == client_id
        )
    )
    if did_id is None:
        raise NotFound("There is no such conversation.")
    return who_sees(client_id, did_id)


def who_sees(client_id: int, did_id: int) -> list[Assignee]:
    """Those of a client's team who may see what belongs to a number, by name."""
    with bind(_whole_client()):  # a limited person may not read what the others are limited to
        owner = numbers.owner_of_did(did_id)
        team = identity.team(client_id)
    sub_account_id = owner.sub_account_id if owner and owner.client_id == client_id else None
    return [
        Assignee(one.public_id, one.name, one.id)
        for one in team
        if one.disabled_at is None
        and one.access is not None
        and (one.access.sub_account_ids is None or sub_account_id in one.access.sub_account_ids)
    ]


def assign(
    client_id: int, public_id: uuid.UUID, to: uuid.UUID | None, *, by_person_id: int | None
) -> str:
    """Give a conversation to somebody of the team who may see it, or to nobody; their name."""
    found = locked(client_id, public_id)
    chosen = None
    if to is not None:
        chosen = next(
            (one for one in who_sees(client_id, found.did_id) if one.public_id == to), None
        )
        if chosen is None:
            raise InvalidInput(N_("Choose somebody who may see this number."), field="person")
    new = chosen.person_id if chosen else None
    if found.assigned_to_id != new:
        found.assigned_to_id = new
        kind = EntryKind.GIVEN if chosen else EntryKind.RELEASED
        note_entry(found, kind, person_id=by_person_id, other_id=new)
        tell(found)
    return chosen.name if chosen else ""


def add_note(client_id: int, public_id: uuid.UUID, text: str, *, person_id: int | None) -> None:
    """Write something into a conversation that only the team reads; it is sent to nobody."""
    words = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if not words:
        raise InvalidInput(N_("Write a note first."), field="note")
    if len(words) > LONGEST_NOTE:
        raise InvalidInput(N_("A note has at most 2,000 characters."), field="note")
    found = locked(client_id, public_id)
    note_entry(found, EntryKind.NOTE, person_id=person_id, text=words)
    tell(found)


def entries(
    client_id: int,
    public_id: uuid.UUID,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[EntryRow]:
    """Notes and events of a conversation in [since, until), oldest first; the newest of too many."""
    other = aliased(Person)
    statement: Select[Any] = (
        select(
            ConversationEntry.public_id, ConversationEntry.kind, shown(ConversationEntry.text),
            ConversationEntry.person_id, Person.name, ConversationEntry.other_id, other.name,
            ConversationEntry.at,
        )
        .join(Conversation, Conversation.id == ConversationEntry.conversation_id)
        .outerjoin(Person, Person.id == ConversationEntry.person_id)
        .outerjoin(other, other.id == ConversationEntry.other_id)
        .where(Conversation.public_id == public_id, ConversationEntry.client_id == client_id)
        .order_by(ConversationEntry.at.desc(), ConversationEntry.id.desc())
        .limit(_MOST_ENTRIES)
    )  # fmt: skip
    if since is not None:
        statement = statement.where(ConversationEntry.at >= since)
    if until is not None:
        statement = statement.where(ConversationEntry.at < until)
    rows = [
        EntryRow(row[0], row[1], row[2], row[3], row[4] or "", row[5], row[6] or "", row[7])
        for row in session().execute(statement)
    ]
    return rows[::-1]


def _whole_client() -> Scope:
    bound = scopes.current()
    assert isinstance(bound, Scope)
    return replace(bound, only=None)
