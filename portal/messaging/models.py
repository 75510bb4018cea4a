"""Text messages, and the conversations they form between an own number and a contact."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    or_,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.core import clock
from portal.core.db import (
    Base,
    BigId,
    ClientOwned,
    DidOwned,
    ResellerOwned,
    SharedByTeam,
    new_public_id,
)
from portal.core.money import Money
from portal.core.scope import Only
from portal.identity.spelling import folded

LONGEST_NOTE = 2_000


def _folded_text(context: Any) -> str:
    """What a search looks through, from the text of the same row."""
    return folded(context.get_current_parameters()["text"])


class Conversation(DidOwned, Base):
    """Everything between one own number and one contact of a client."""

    __tablename__ = "conversations"
    __table_args__ = (
        UniqueConstraint("reseller_id", "client_id", "did_id", "contact"),
        Index("ix_conversations_latest", "reseller_id", "client_id", "last_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    did_id: Mapped[int] = mapped_column(ForeignKey("dids.id"))
    contact: Mapped[str] = mapped_column(String(20))  # E.164, or a short code
    last_at: Mapped[datetime] = mapped_column(default=clock.now)
    last_text: Mapped[str] = mapped_column(String(160), default="")
    last_direction: Mapped[str] = mapped_column(String(4), default="")
    unread: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
    archived_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]  # its texts are gone; the next one begins it anew
    assigned_to_id: Mapped[
        int | None
    ]  # of people; SQLite adds no reference to a table that is there


class ConversationEntry(DidOwned, Base):
    """What the team wrote and did in a conversation: never sent, never seen by the contact."""

    __tablename__ = "conversation_entries"
    __table_args__ = (
        Index("ix_conversation_entries_thread", "reseller_id", "conversation_id", "at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    did_id: Mapped[int] = mapped_column(ForeignKey("dids.id"))
    kind: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(String(LONGEST_NOTE), default="")
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    other_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))  # to whom it was given
    at: Mapped[datetime] = mapped_column(default=clock.now)


class Message(DidOwned, Base):
    """One SMS or MMS, in or out. ``reference`` is the browser's id of a send: it happens once.

    A text that goes out in several parts is a message for each of them: the first has the reference,
    the others the reference and their place.
    ``consent_word`` is the wish that a text of ours answers by itself: stop, start, help.
    """

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("reseller_id", "client_id", "reference"),
        UniqueConstraint("reseller_id", "kind", "direction", "carrier_ref"),
        Index("ix_messages_client", "reseller_id", "client_id", "id"),  # how they are searched
        Index("ix_messages_thread", "reseller_id", "conversation_id", "at", "id"),
        Index("ix_messages_log", "reseller_id", "at", "id"),
        Index("ix_messages_client_log", "reseller_id", "client_id", "at", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    did_id: Mapped[int] = mapped_column(ForeignKey("dids.id"))
    did_link_id: Mapped[int | None] = mapped_column(ForeignKey("did_links.id"))
    direction: Mapped[str] = mapped_column(String(4))  # in, out
    kind: Mapped[str] = mapped_column(String(4))  # sms, mms
    contact: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    search_text: Mapped[str] = mapped_column(Text, default=_folded_text, server_default="")
    state: Mapped[str] = mapped_column(String(10))
    reference: Mapped[str | None] = mapped_column(String(60))
    part: Mapped[int] = mapped_column(default=1)
    parts: Mapped[int] = mapped_column(default=1)
    carrier_ref: Mapped[str | None] = mapped_column(String(40))
    price: Mapped[Money] = mapped_column(default=lambda: Money(0))
    error_code: Mapped[str] = mapped_column(String(40), default="")
    lease_number: Mapped[int] = mapped_column(default=0)
    look_ups: Mapped[int] = mapped_column(default=0)
    # What the carrier takes for it, in the reseller's currency; stored when it is charged.
    cost: Mapped[Money | None]
    consent_word: Mapped[str] = mapped_column(String(8), default="", server_default="")
    sent_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime] = mapped_column(default=clock.now)
    handed_over_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]  # its conversation was deleted: only the books know it
    # What the carrier said for a date that cannot be right; ``at`` is then when it reached us.
    odd_date: Mapped[str] = mapped_column(String(40), default="", server_default="")


class MessageFile(ClientOwned, Base):
    """A picture, sound or document of a message; before it is sent, of whoever uploaded it.

    What came in waits until it is fetched from its ``source``. The file of a message that is sent
    again is kept once and named twice.
    """

    __tablename__ = "message_files"
    __table_args__ = (
        UniqueConstraint("message_id", "place"),
        Index("ix_message_files_stored", "reseller_id", "stored_as"),
        Index("ix_message_files_uploads", "message_id", "created_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    did_id: Mapped[int | None] = mapped_column(ForeignKey("dids.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    place: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(8))  # waiting, here, gone, refused
    source: Mapped[str] = mapped_column(Text, default="")
    name: Mapped[str] = mapped_column(String(120), default="")
    mime: Mapped[str] = mapped_column(String(60), default="")
    bytes: Mapped[int] = mapped_column(default=0)
    width: Mapped[int] = mapped_column(default=0)
    height: Mapped[int] = mapped_column(default=0)
    stored_as: Mapped[str] = mapped_column(String(60), default="")
    thumbnail_as: Mapped[str] = mapped_column(String(60), default="")
    problem: Mapped[str] = mapped_column(String(40), default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    @classmethod
    def limited_to(cls, only: Only) -> ColumnElement[bool]:
        """Those of the numbers somebody may see, and uploads, which are asked for by person."""
        return or_(cls.message_id.is_(None), cls.did_id.in_(sorted(only.dids)))


class InboundEvent(ResellerOwned, Base):
    """What a carrier's webhook said, stored before it is answered and handled afterwards."""

    __tablename__ = "inbound_events"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    body: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(default=clock.now)
    handled_at: Mapped[datetime | None]
    problem: Mapped[str] = mapped_column(String(200), default="")


class StrayMessage(ResellerOwned, Base):
    """A text for a number that no client had: kept for the reseller, charged to nobody."""

    __tablename__ = "stray_messages"
    __table_args__ = (UniqueConstraint("reseller_id", "kind", "carrier_ref"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(4))
    carrier_ref: Mapped[str] = mapped_column(String(40))
    did_number: Mapped[str] = mapped_column(String(20))
    contact: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class Consent(DidOwned, Base):
    """Whether a contact wants texts of a number now. Locked by whoever changes it or hands a text over."""

    __tablename__ = "consents"
    __table_args__ = (UniqueConstraint("reseller_id", "client_id", "did_id", "contact"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    did_id: Mapped[int] = mapped_column(ForeignKey("dids.id"))
    contact: Mapped[str] = mapped_column(String(20))
    stopped_at: Mapped[datetime | None]  # when we took the stop in; None: texts are allowed
    word_at: Mapped[datetime | None]  # when the newest word of the contact was said


class ConsentEvent(DidOwned, Base):
    """Who stopped or allowed texts, when, and how we know. Added to, never changed."""

    __tablename__ = "consent_events"
    __table_args__ = (
        Index("ix_consent_events_client", "reseller_id", "client_id", "id"),
        Index("ix_consent_events_pair", "did_id", "contact", "at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    did_id: Mapped[int] = mapped_column(ForeignKey("dids.id"))
    contact: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(default=clock.now)
    change: Mapped[str] = mapped_column(String(10))  # stopped, allowed
    source: Mapped[str] = mapped_column(String(10))  # contact, client, staff
    word: Mapped[str] = mapped_column(String(40), default="")
    reason: Mapped[str] = mapped_column(String(200), default="")
    message: Mapped[uuid.UUID | None]  # the public id of the text that said so
    person_name: Mapped[str] = mapped_column(String(120), default="")


class TextSettings(SharedByTeam, Base):
    """What a client wants of their texts: own words of the answers, and whether staff may read."""

    __tablename__ = "text_settings"
    __table_args__ = (UniqueConstraint("reseller_id", "client_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    answers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # language: {wish: words}
    staff_may_read: Mapped[bool] = mapped_column(default=False)


class TextLimits(ResellerOwned, Base):
    """How many texts a client may send, and where to. The row of no client is the reseller's own."""

    __tablename__ = "text_limits"
    __table_args__ = (UniqueConstraint("reseller_id", "for_client"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    for_client: Mapped[int] = mapped_column(default=0)  # 0: every client without an own row
    per_hour: Mapped[int]
    per_day: Mapped[int]
    per_contact: Mapped[int]
    places: Mapped[list[str]] = mapped_column(JSON, default=list)  # countries, and prefixes with +


class TextUsage(SharedByTeam, Base):
    """How many texts a client has sent in this hour and day. Locked by whoever sends one more."""

    __tablename__ = "text_usages"
    __table_args__ = (UniqueConstraint("reseller_id", "client_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    hour: Mapped[datetime]
    in_hour: Mapped[int] = mapped_column(default=0)
    day: Mapped[datetime]
    in_day: Mapped[int] = mapped_column(default=0)
    full_at: Mapped[datetime | None]  # when a limit was last reached


class NumberTexts(DidOwned, Base):
    """What a client wants done with the texts that arrive at a number."""

    __tablename__ = "number_texts"
    __table_args__ = (UniqueConstraint("reseller_id", "client_id", "did_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    did_id: Mapped[int] = mapped_column(ForeignKey("dids.id"))
    is_on: Mapped[bool] = mapped_column(default=True)
    email: Mapped[str] = mapped_column(String(254), default="")
    forward_to: Mapped[str] = mapped_column(String(20), default="")
    callback_url: Mapped[str] = mapped_column(Text, default="")
    callback_form: Mapped[str] = mapped_column(String(8), default="get")  # get, json, form
    sealed_secret: Mapped[str] = mapped_column(Text, default="")
    give_up_hours: Mapped[int] = mapped_column(default=24)


class TextRelay(DidOwned, Base):
    """An arrived text on its way on: by e-mail, to a phone, or to the client's own system."""

    __tablename__ = "text_relays"
    __table_args__ = (
        UniqueConstraint("reseller_id", "message_id", "way"),
        Index("ix_text_relays_number", "reseller_id", "client_id", "did_id", "id"),
        Index("ix_text_relays_due", "client_id", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    did_id: Mapped[int] = mapped_column(ForeignKey("dids.id"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))  # None: a test
    way: Mapped[str] = mapped_column(String(8))  # email, forward, url
    state: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(default=0)
    lease_number: Mapped[int] = mapped_column(default=0)
    last_answer: Mapped[str] = mapped_column(String(200), default="")
    tried_since: Mapped[datetime] = mapped_column(default=clock.now)
    tried_at: Mapped[datetime | None]
    due_at: Mapped[
        datetime | None
    ]  # for the client's system: the next try, or when this one is lost
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class CallbackLine(ClientOwned, Base):
    """Where a client's callbacks wait for their turn: one is tried at a time, by the run of this number."""

    __tablename__ = "callback_lines"
    __table_args__ = (UniqueConstraint("reseller_id", "client_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    run: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None]  # of that run, past while it is at work; None: nothing waits
