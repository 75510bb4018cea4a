"""Reading conversations."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select

from portal.contacts.models import Contact, ContactNumber
from portal.contacts.queries import mentions
from portal.contacts.spelling import words_of
from portal.core import clock
from portal.core.db import session
from portal.core.errors import NotFound
from portal.core.money import Money
from portal.core.paging import Page
from portal.identity.models import Person
from portal.messaging.models import Conversation, Message, StrayMessage
from portal.messaging.values import ConversationRow, MessageRow, MessageState
from portal.numbers.models import Did, DidLink


class PastMessage(NamedTuple):
    """One message as an export has it."""

    id: int
    at: datetime
    direction: str
    kind: str
    own_number: str
    contact: str
    text: str
    state: str
    price: Money


CONVERSATIONS_A_PAGE = 30
MESSAGES_A_PAGE = 50


def conversations(
    client_id: int, *, show: str = "open", text: str = "", after: str | None = None
) -> Page[ConversationRow]:
    """A client's conversations, the latest first. ``show`` is open, unread or done."""
    statement = (
        select(
            Conversation.public_id,
            Conversation.contact,
            func.coalesce(Contact.name, ""),
            Did.number,
            func.coalesce(DidLink.label, ""),
            Conversation.last_at,
            Conversation.last_text,
            Conversation.last_direction,
            Conversation.unread,
            Conversation.done_at.is_not(None),
        )
        .join(Did, Did.id == Conversation.did_id)
        .outerjoin(
            DidLink,
            and_(
                DidLink.did_id == Did.id,
                DidLink.client_id == client_id,
                DidLink.valid_to.is_(None),
            ),
        )
        .outerjoin(ContactNumber, _is_known(Conversation))
        .outerjoin(Contact, Contact.id == ContactNumber.contact_id)
        .where(Conversation.client_id == client_id)
        .order_by(Conversation.last_at.desc(), Conversation.id.desc())
        .limit(CONVERSATIONS_A_PAGE + 1)
    )
    if show == "unread":
        statement = statement.where(Conversation.unread > 0)
    elif show == "done":
        statement = statement.where(Conversation.done_at.is_not(None))
    else:
        statement = statement.where(Conversation.done_at.is_(None))
    if text:
        statement = statement.where(_mentions(text))
    place = _place(after)
    if place is not None:
        statement = statement.where(_earlier(Conversation.last_at, Conversation.id, *place))
    rows = list(session().execute(statement))
    shown = rows[:CONVERSATIONS_A_PAGE]
    older = shown[-1].public_id.hex if len(rows) > CONVERSATIONS_A_PAGE else None
    return Page([ConversationRow._make(row) for row in shown], older=older)


def conversation(client_id: int, public_id: uuid.UUID) -> ConversationRow:
    """One conversation; NotFound when it is not theirs."""
    row = (
        session()
        .execute(
            select(Conversation, Did.number, func.coalesce(Contact.name, ""))
            .join(Did, Did.id == Conversation.did_id)
            .outerjoin(ContactNumber, _is_known(Conversation))
            .outerjoin(Contact, Contact.id == ContactNumber.contact_id)
            .where(Conversation.public_id == public_id, Conversation.client_id == client_id)
        )
        .first()
    )
    if row is None:
        raise NotFound("There is no such conversation.")
    found, number, name = row
    return ConversationRow(
        found.public_id, found.contact, name, number, "", found.last_at,
        found.last_text, found.last_direction, found.unread, found.done_at is not None,
    )  # fmt: skip


def find_conversation(client_id: int, own_number: str, contact: str) -> uuid.UUID | None:
    """The public id of the conversation between two numbers, if there is one."""
    found: uuid.UUID | None = session().scalar(
        select(Conversation.public_id)
        .join(Did, Did.id == Conversation.did_id)
        .where(
            Conversation.client_id == client_id,
            Conversation.contact == contact,
            Did.number == own_number,
        )
    )
    return found


def conversation_of(client_id: int, message: uuid.UUID) -> ConversationRow:
    """The conversation that a message belongs to; NotFound when it is not theirs."""
    found = session().scalar(
        select(Conversation.public_id)
        .join(Message, Message.conversation_id == Conversation.id)
        .where(Message.public_id == message, Conversation.client_id == client_id)
    )
    if found is None:
        raise NotFound("There is no such conversation.")
    return conversation(client_id, found)


def thread(
    client_id: int, public_id: uuid.UUID, *, before: uuid.UUID | None = None
) -> tuple[list[MessageRow], bool]:
    """The newest messages of a conversation, oldest first, and whether there are older ones.

    ``before`` is the public id of a message of it; an unknown one shows the newest.
    """
    statement = (
        select(
            Message.id,
            Message.public_id,
            Message.direction,
            Message.kind,
            Message.text,
            Message.state,
            Message.error_code,
            Message.reference,
            Message.price,
            Message.at,
            Person.name,
            Message.part,
            Message.parts,
        )
        .join(Conversation, Conversation.id == Message.conversation_id)
        .outerjoin(Person, Person.id == Message.sent_by_id)
        .where(Conversation.public_id == public_id, Message.client_id == client_id)
        .order_by(Message.at.desc(), Message.id.desc())
        .limit(MESSAGES_A_PAGE + 1)
    )
    place = (
        None
        if before is None
        else session()
        .execute(select(Message.at, Message.id).where(Message.public_id == before))
        .first()
    )
    if place is not None:
        statement = statement.where(_earlier(Message.at, Message.id, place.at, place.id))
    rows = [MessageRow(*row) for row in session().execute(statement)]
    more = len(rows) > MESSAGES_A_PAGE
    return rows[:MESSAGES_A_PAGE][::-1], more


def every(client_id: int, *, after_id: int = 0, rows: int = 5_000) -> list[PastMessage]:
    """The next of a client's messages, oldest first, for a long reading."""
    found = session().execute(
        select(
            Message.id,
            Message.at,
            Message.direction,
            Message.kind,
            Did.number,
            Message.contact,
            Message.text,
            Message.state,
            Message.price,
        )
        .join(Did, Did.id == Message.did_id)
        .where(Message.client_id == client_id, Message.id > after_id)
        .order_by(Message.id)
        .limit(rows)
    )
    return [PastMessage._make(row) for row in found]


def unread_count(client_id: int) -> int:
    """How many messages wait to be read."""
    total = session().scalar(
        select(func.sum(Conversation.unread)).where(
            Conversation.client_id == client_id, Conversation.unread > 0
        )
    )
    return int(total or 0)


def latest(client_id: int, rows: int = 4) -> list[ConversationRow]:
    """The latest conversations, for the dashboard."""
    return list(conversations(client_id).rows[:rows])


def unknown_count() -> int:
    """How many sends have an outcome nobody knows yet: for the staff's list."""
    return (
        session().scalar(
            select(func.count(Message.id)).where(Message.state == MessageState.UNKNOWN)
        )
        or 0
    )


def stray_count(days: int = 30) -> int:
    """How many texts came for numbers of nobody lately."""
    since: datetime = clock.now() - timedelta(days=days)
    return (
        session().scalar(select(func.count(StrayMessage.id)).where(StrayMessage.at >= since)) or 0
    )


def _mentions(text: str) -> ColumnElement[bool]:
    digits = "".join(character for character in text if character.isdigit())
    lowered = text.lower()
    in_text = (
        select(Message.id)
        .where(
            Message.conversation_id == Conversation.id,
            func.lower(Message.text).contains(lowered, autoescape=True),
        )
        .exists()
    )
    options = [and_(*mentions(words_of(text) or [lowered])), in_text]
    if digits:
        options.append(Conversation.contact.contains(digits, autoescape=True))
    return or_(*options)


def _is_known(model: type[Conversation]) -> ColumnElement[bool]:
    """The join to whoever has the number in the client's phonebook."""
    return and_(ContactNumber.client_id == model.client_id, ContactNumber.number == model.contact)


def _earlier(at: Any, row_id: Any, moment: datetime, last_id: int) -> ColumnElement[bool]:
    return or_(at < moment, and_(at == moment, row_id < last_id))


def _place(text: str | None) -> tuple[datetime, int] | None:
    """Where a page begins: after the conversation that its cursor names."""
    try:
        public_id = uuid.UUID(hex=text or "")
    except ValueError:
        return None
    row = (
        session()
        .execute(
            select(Conversation.last_at, Conversation.id).where(Conversation.public_id == public_id)
        )
        .first()
    )
    return None if row is None else (row.last_at, row.id)
