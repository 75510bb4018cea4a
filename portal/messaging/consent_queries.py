"""Reading the log of who stopped and allowed texts."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, or_, select

from portal.core.db import session
from portal.core.paging import Page
from portal.messaging.models import ConsentEvent, Conversation
from portal.numbers.models import Did

EVENTS_A_PAGE = 50


class ConsentRow(NamedTuple):
    """One line of the log. ``conversation`` is where its text can be read, if there is one."""

    id: int
    public_id: uuid.UUID
    at: datetime
    own_number: str
    contact: str
    change: str
    source: str
    word: str
    reason: str
    person_name: str
    conversation: uuid.UUID | None


def consent_log(
    client_id: int, *, text: str = "", change: str = "", after: str | None = None
) -> Page[ConsentRow]:
    """A client's log, newest first; ``text`` looks in both numbers, words, reasons and names."""
    statement = _found(client_id, text, change).order_by(ConsentEvent.id.desc())
    place = _place(after)
    if place is not None:
        statement = statement.where(ConsentEvent.id < place)
    rows = [ConsentRow._make(row) for row in session().execute(statement.limit(EVENTS_A_PAGE + 1))]
    shown = rows[:EVENTS_A_PAGE]
    return Page(shown, older=shown[-1].public_id.hex if len(rows) > len(shown) else None)


def every_consent(
    client_id: int, *, text: str = "", change: str = "", after_id: int = 0, rows: int = 5_000
) -> list[ConsentRow]:
    """The next of what a search finds, oldest first, for a long reading."""
    statement = _found(client_id, text, change).where(ConsentEvent.id > after_id)
    found = session().execute(statement.order_by(ConsentEvent.id).limit(rows))
    return [ConsentRow._make(row) for row in found]


def _found(client_id: int, text: str, change: str) -> Select[*tuple[Any, ...]]:
    statement = (
        select(
            ConsentEvent.id,
            ConsentEvent.public_id,
            ConsentEvent.at,
            Did.number,
            ConsentEvent.contact,
            ConsentEvent.change,
            ConsentEvent.source,
            ConsentEvent.word,
            ConsentEvent.reason,
            ConsentEvent.person_name,
            Conversation.public_id,
        )
        .join(Did, Did.id == ConsentEvent.did_id)
        .outerjoin(
            Conversation,
            and_(
                Conversation.client_id == ConsentEvent.client_id,
                Conversation.did_id == ConsentEvent.did_id,
                Conversation.contact == ConsentEvent.contact,
            ),
        )
        .where(ConsentEvent.client_id == client_id)
    )
    if change:
        statement = statement.where(ConsentEvent.change == change)
    if text:
        places = [
            column.icontains(text, autoescape=True)
            for column in (ConsentEvent.word, ConsentEvent.reason, ConsentEvent.person_name)
        ]
        digits = "".join(one for one in text if one.isdigit())
        if digits:
            places += [
                Did.number.contains(digits, autoescape=True),
                ConsentEvent.contact.contains(digits, autoescape=True),
            ]
        statement = statement.where(or_(*places))
    return statement


def _place(after: str | None) -> int | None:
    try:
        public_id = uuid.UUID(hex=after or "")
    except ValueError:
        return None
    found: int | None = session().scalar(
        select(ConsentEvent.id).where(ConsentEvent.public_id == public_id)
    )
    return found
