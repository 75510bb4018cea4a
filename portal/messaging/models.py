"""Text messages, and the conversations they form between an own number and a contact."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core import clock
from portal.core.db import Base, BigId, DidOwned, ResellerOwned, new_public_id
from portal.core.money import Money


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


class Message(DidOwned, Base):
    """One SMS or MMS, in or out. ``reference`` is the browser's id of a send: it happens once."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("reseller_id", "client_id", "reference"),
        UniqueConstraint("reseller_id", "kind", "direction", "carrier_ref"),
        Index("ix_messages_thread", "reseller_id", "conversation_id", "at", "id"),
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
    state: Mapped[str] = mapped_column(String(10))
    reference: Mapped[str | None] = mapped_column(String(60))
    carrier_ref: Mapped[str | None] = mapped_column(String(40))
    price: Mapped[Money] = mapped_column(default=lambda: Money(0))
    error_code: Mapped[str] = mapped_column(String(40), default="")
    lease_number: Mapped[int] = mapped_column(default=0)
    look_ups: Mapped[int] = mapped_column(default=0)
    sent_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime] = mapped_column(default=clock.now)
    handed_over_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]


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
