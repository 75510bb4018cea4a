"""Reading conversations."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    and_,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from portal.contacts.models import Contact, ContactNumber
from portal.contacts.queries import mentions
from portal.contacts.spelling import words_of
from portal.core import clock
from portal.core.db import session
from portal.core.errors import NotFound
from portal.core.money import Money
from portal.core.paging import Page
from portal.identity.models import Person
from portal.identity.spelling import folded
from portal.messaging.models import Conversation, Message, StrayMessage
from portal.messaging.privacy import shown, texts_hidden
from portal.messaging.values import Arrived, ConversationRow, Inbox, MessageRow, MessageState, Show
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


class Thread(NamedTuple):
    """A part of a conversation, oldest first, and whether there is more on either side."""

    rows: list[MessageRow]
    has_older: bool
    has_newer: bool


CONVERSATIONS_A_PAGE = 30
MESSAGES_A_PAGE = 50
_MOST_WORDS = 6
# A word that stands in more texts than these finds the newest of them.
MOST_HITS = 1_000
# What came before this is no news: a long outage ends with hundreds of them.
_NEWS = timedelta(days=1)


def conversations(
    client_id: int, wanted: Inbox | None = None, *, after: str | None = None
) -> Page[ConversationRow]:
    """A client's conversations, the latest first."""
    wanted = wanted or Inbox()
    statement = (
        _listed(client_id)
        .where(*_shown(wanted))
        .order_by(Conversation.last_at.desc(), Conversation.id.desc())
        .limit(CONVERSATIONS_A_PAGE + 1)
    )
    if wanted.own_number:
        statement = statement.where(Did.number == wanted.own_number)
    hits: dict[int, int] = {}
    if wanted.text:
        hits = _hits(client_id, wanted.text)
        statement = statement.where(or_(Conversation.id.in_(hits), *_named(client_id, wanted.text)))
    place = _place(after)
    if place is not None:
        statement = statement.where(_earlier(Conversation.last_at, Conversation.id, *place))
    found = list(session().execute(statement.add_columns(Conversation.id)))
    texts = _texts_of([hits[row.id] for row in found if row.id in hits])
    rows = [
        ConversationRow(*row[:-1])._replace(**texts.get(hits.get(row.id, 0), {}))
        for row in found[:CONVERSATIONS_A_PAGE]
    ]
    older = rows[-1].public_id.hex if len(found) > CONVERSATIONS_A_PAGE else None
    return Page(rows, older=older)


def conversation(client_id: int, public_id: uuid.UUID) -> ConversationRow:
    """One conversation; NotFound when it is not theirs."""
    row = session().execute(_listed(client_id).where(Conversation.public_id == public_id)).first()
    if row is None:
        raise NotFound("There is no such conversation.")
    return ConversationRow(*row)


def find_conversation(client_id: int, own_number: str, contact: str) -> uuid.UUID | None:
    """The public id of the conversation between two numbers, if there is one."""
    found: uuid.UUID | None = session().scalar(
        select(Conversation.public_id)
        .join(Did, Did.id == Conversation.did_id)
        .where(
            Conversation.client_id == client_id,
            Conversation.contact == contact,
            Conversation.deleted_at.is_(None),
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
    client_id: int,
    public_id: uuid.UUID,
    *,
    before: uuid.UUID | None = None,
    around: uuid.UUID | None = None,
) -> Thread:
    """The newest messages of a conversation, oldest first.

    ``before`` is the public id of a message of it, and so is ``around``, which stands in what is
    shown; an unknown one shows the newest.
    """
    statement = (
        select(
            Message.id,
            Message.public_id,
            Message.direction,
            Message.kind,
            shown(Message.text),
            Message.state,
            Message.error_code,
            Message.reference,
            Message.price,
            Message.at,
            Person.name,
            Message.part,
            Message.parts,
            Message.odd_date != "",
        )
        .join(Conversation, Conversation.id == Message.conversation_id)
        .outerjoin(Person, Person.id == Message.sent_by_id)
        .where(
            Conversation.public_id == public_id,
            Message.client_id == client_id,
            Message.deleted_at.is_(None),
        )
        .order_by(Message.at.desc(), Message.id.desc())
        .limit(MESSAGES_A_PAGE + 1)
    )
    place, has_newer = _message_place(before), before is not None
    if around is not None and (found := _message_place(around)) is not None:
        newer = (
            session()
            .execute(
                select(Message.at, Message.id)
                .join(Conversation, Conversation.id == Message.conversation_id)
                .where(
                    Conversation.public_id == public_id,
                    Message.deleted_at.is_(None),
                    _later(Message.at, Message.id, *found),
                )
                .order_by(Message.at, Message.id)
                .limit(MESSAGES_A_PAGE // 2)
            )
            .all()
        )
        has_newer = len(newer) == MESSAGES_A_PAGE // 2
        place = (newer[-1].at, newer[-1].id) if has_newer else None
    if place is not None:
        statement = statement.where(_earlier(Message.at, Message.id, *place))
    rows = [MessageRow(*row) for row in session().execute(statement)]
    listed = rows[:MESSAGES_A_PAGE][::-1]
    return Thread(listed, len(rows) > MESSAGES_A_PAGE, has_newer and place is not None)


def arrived(message: uuid.UUID) -> Arrived | None:
    """A text that came in lately, as others are told of it; None when it is gone or an old one."""
    row = (
        session()
        .execute(
            select(
                Message.client_id,
                Message.did_id,
                Conversation.public_id,
                func.coalesce(Contact.name, Message.contact),
                Message.text,
                Conversation.assigned_to_id,
            )
            .join(Conversation, Conversation.id == Message.conversation_id)
            .outerjoin(ContactNumber, _is_known())
            .outerjoin(Contact, Contact.id == ContactNumber.contact_id)
            .where(
                Message.public_id == message,
                Message.deleted_at.is_(None),
                Message.at > clock.now() - _NEWS,
            )
        )
        .first()
    )
    return None if row is None else Arrived._make(row)


def first_contact(client_id: int, public_id: uuid.UUID) -> datetime | None:
    """When the first text of a conversation was written that is still there."""
    found: datetime | None = session().scalar(
        select(Message.at)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(
            Conversation.public_id == public_id,
            Message.client_id == client_id,
            Message.deleted_at.is_(None),
        )
        .order_by(Message.at)
        .limit(1)
    )
    return found


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


def sent_since(since: datetime) -> int:
    """How many texts were accepted for the carrier since then, of everybody the scope sees."""
    return (
        session().scalar(
            select(func.count(Message.id)).where(Message.at >= since, Message.direction == "out")
        )
        or 0
    )


def stray_count(days: int = 30) -> int:
    """How many texts came for numbers of nobody lately."""
    since: datetime = clock.now() - timedelta(days=days)
    return (
        session().scalar(select(func.count(StrayMessage.id)).where(StrayMessage.at >= since)) or 0
    )


def _listed(client_id: int) -> Select[Any]:
    """The columns of a ConversationRow; what was deleted is in no list."""
    columns: list[Any] = [
        Conversation.public_id,
        Conversation.contact,
        func.coalesce(Contact.name, ""),
        Did.number,
        func.coalesce(DidLink.label, ""),
        Conversation.last_at,
        shown(Conversation.last_text),
        Conversation.last_direction,
        Conversation.unread,
        Conversation.done_at.is_not(None),
        Conversation.archived_at.is_not(None),
        Conversation.assigned_to_id,
        func.coalesce(Person.name, ""),
        func.coalesce(Message.state, ""),
        func.coalesce(Message.kind, ""),
        func.coalesce(Message.id, 0),
    ]
    statement: Select[Any] = (
        select(*columns)
        .join(Did, Did.id == Conversation.did_id)
        .outerjoin(Person, Person.id == Conversation.assigned_to_id)
        .outerjoin(Message, Message.id == _newest_id())
        .outerjoin(
            DidLink,
            and_(
                DidLink.did_id == Did.id,
                DidLink.client_id == client_id,
                DidLink.valid_to.is_(None),
            ),
        )
        .outerjoin(ContactNumber, _is_known())
        .outerjoin(Contact, Contact.id == ContactNumber.contact_id)
        .where(Conversation.client_id == client_id, Conversation.deleted_at.is_(None))
    )
    return statement


def _is_known() -> ColumnElement[bool]:
    """The join to whoever has the number in the client's phonebook."""
    return and_(
        ContactNumber.reseller_id == Conversation.reseller_id,
        ContactNumber.client_id == Conversation.client_id,
        ContactNumber.number == Conversation.contact,
    )


def _newest_id() -> ScalarSelect[int]:
    """The message that a conversation's line shows: by the index of threads, one step each."""
    one = aliased(Message, name="one")
    return (
        select(one.id)
        .where(
            one.reseller_id == Conversation.reseller_id,
            one.conversation_id == Conversation.id,
        )
        .order_by(one.at.desc(), one.id.desc())
        .limit(1)
        .correlate(Conversation)
        .scalar_subquery()
    )


def _hits(client_id: int, text: str) -> dict[int, int]:
    """Conversations with their newest text that holds every word, of the newest texts that do."""
    words = folded(text).split()[:_MOST_WORDS]
    if texts_hidden() or not words:
        return {}
    found = session().execute(
        select(Message.conversation_id, Message.id)
        .where(
            Message.client_id == client_id,
            *(Message.search_text.contains(word, autoescape=True) for word in words),
        )
        .order_by(Message.id.desc())
        .limit(MOST_HITS)
    )
    hits: dict[int, int] = {}
    for conversation_id, message_id in found:
        hits.setdefault(conversation_id, message_id)
    return hits


def _texts_of(message_ids: list[int]) -> dict[int, dict[str, Any]]:
    """What a list shows of the texts that were found."""
    if not message_ids:
        return {}
    rows = session().execute(
        select(Message.id, Message.public_id, Message.text).where(Message.id.in_(message_ids))
    )
    return {row.id: {"found": row.public_id, "found_text": row.text} for row in rows}


def _named(client_id: int, text: str) -> list[ColumnElement[bool]]:
    """Conversations that a name or the digits of a number mean."""
    words, digits = words_of(text), "".join(one for one in text if one.isdigit())
    known = select(ContactNumber.number).join(Contact, Contact.id == ContactNumber.contact_id)
    options: list[ColumnElement[bool]] = [
        Conversation.contact.in_(
            known.where(ContactNumber.client_id == client_id, *(mentions(words) or [false()]))
        )
    ]
    if digits:
        options.append(Conversation.contact.contains(digits, autoescape=True))
    return options


def _shown(wanted: Inbox) -> list[ColumnElement[bool]]:
    archived = Conversation.archived_at.is_not(None)
    if wanted.show is Show.ARCHIVED:
        return [archived]
    if wanted.text and wanted.show is Show.OPEN:
        return []  # who looks for a word looks everywhere
    done = Conversation.done_at.is_not(None)
    which: dict[Show, list[ColumnElement[bool]]] = {
        Show.OPEN: [~done],
        Show.UNREAD: [Conversation.unread > 0],
        Show.MINE: [~done, Conversation.assigned_to_id == wanted.person_id],
        Show.UNASSIGNED: [~done, Conversation.assigned_to_id.is_(None)],
        Show.DONE: [done],
    }
    return [~archived, *which[wanted.show]]


def _message_place(public_id: uuid.UUID | None) -> tuple[datetime, int] | None:
    if public_id is None:
        return None
    row = (
        session()
        .execute(select(Message.at, Message.id).where(Message.public_id == public_id))
        .first()
    )
    return None if row is None else (row.at, row.id)


def _later(at: Any, row_id: Any, moment: datetime, last_id: int) -> ColumnElement[bool]:
    return or_(at > moment, and_(at == moment, row_id > last_id))


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
