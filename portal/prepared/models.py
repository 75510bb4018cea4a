"""Texts prepared ahead: to begin with, for later, and for many."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core import clock
from portal.core.db import Base, BigId, DidOwned, ResellerOwned, SharedByTeam, new_public_id
from portal.core.money import Money
from portal.prepared.values import BulkState, LaterState, RowState


class MessageTemplate(SharedByTeam, Base):
    """A text that a client's team begins with, with variables in square brackets."""

    __tablename__ = "message_templates"
    __table_args__ = (Index("ix_message_templates_order", "reseller_id", "client_id", "position"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    name: Mapped[str] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(Text)
    position: Mapped[int]
    updated_at: Mapped[datetime] = mapped_column(default=clock.now)


class LaterText(DidOwned, Base):
    """A text that goes out at its moment. ``version`` is its last change: a task of an older one does nothing."""

    __tablename__ = "later_texts"
    __table_args__ = (
        Index("ix_later_texts_due", "reseller_id", "client_id", "state", "due_at", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    did_id: Mapped[int] = mapped_column(ForeignKey("dids.id"))
    contact: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    send_as: Mapped[str] = mapped_column(String(5), default="")
    files: Mapped[list[Any]] = mapped_column(JSON, default=list)
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(9), default=LaterState.WAITING)
    version: Mapped[int] = mapped_column(default=1)
    problem: Mapped[str] = mapped_column(String(200), default="")
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    finished_at: Mapped[datetime | None]


class BulkText(DidOwned, Base):
    """One text to many. ``left_out`` counts those of the list that never became rows, by reason."""

    __tablename__ = "bulk_texts"
    __table_args__ = (Index("ix_bulk_texts_latest", "reseller_id", "client_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    did_id: Mapped[int] = mapped_column(ForeignKey("dids.id"))
    name: Mapped[str] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(Text, default="")
    send_as: Mapped[str] = mapped_column(String(5), default="")
    state: Mapped[str] = mapped_column(String(8), default=BulkState.DRAFT)
    pause: Mapped[str] = mapped_column(String(14), default="")
    paused_until: Mapped[datetime | None]
    left_out: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class BulkRow(DidOwned, Base):
    """One recipient. ``attempt`` is part of its message's reference: a new one begins only when the last has certainly failed."""

    __tablename__ = "bulk_rows"
    __table_args__ = (
        UniqueConstraint("bulk_id", "number"),
        Index("ix_bulk_rows_state", "bulk_id", "state", "position"),
        Index("ix_bulk_rows_queued", "reseller_id", "queued_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    bulk_id: Mapped[int] = mapped_column(ForeignKey("bulk_texts.id", ondelete="CASCADE"))
    did_id: Mapped[int] = mapped_column(ForeignKey("dids.id"))
    position: Mapped[int]
    number: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(120), default="")
    values: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    text: Mapped[str] = mapped_column(Text, default="")
    kind: Mapped[str] = mapped_column(String(4), default="")
    bytes: Mapped[int] = mapped_column(default=0)
    parts: Mapped[int] = mapped_column(default=1)
    price: Mapped[Money] = mapped_column(default=lambda: Money(0))
    state: Mapped[str] = mapped_column(String(8), default=RowState.WAITING)
    problem: Mapped[str] = mapped_column(String(200), default="")
    attempt: Mapped[int] = mapped_column(default=1)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    queued_at: Mapped[datetime | None]


class BulkLimits(ResellerOwned, Base):
    """How fast a reseller's clients may send to many."""

    __tablename__ = "bulk_limits"
    __table_args__ = (UniqueConstraint("reseller_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    a_minute: Mapped[int]
    a_day: Mapped[int]
