"""Notices of a person, how they want them, and the browsers that show them. Always asked for by person."""

from __future__ import annotations

import uuid
from datetime import datetime, time

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core import clock
from portal.core.db import Base, BigId, SharedByTeam, new_public_id


class Notice(SharedByTeam, Base):
    """Something a person may want to know; the same thing again, before it was read, is the same row."""

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("person_id", "kind", "about", "unread_key"),
        Index("ix_notices_person", "reseller_id", "person_id", "at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    did_id: Mapped[int | None] = mapped_column(ForeignKey("dids.id"))
    kind: Mapped[str] = mapped_column(String(10))
    about: Mapped[uuid.UUID]
    who: Mapped[str] = mapped_column(String(120), default="")
    text: Mapped[str] = mapped_column(String(160), default="")
    times: Mapped[int] = mapped_column(default=1)
    # Empty while it is unread, then its own name: so there is one unread row of a thing at most.
    unread_key: Mapped[str] = mapped_column(String(36), default="")
    at: Mapped[datetime] = mapped_column(default=clock.now)
    read_at: Mapped[datetime | None]
    mailed_at: Mapped[datetime | None]


class NoticeWish(SharedByTeam, Base):
    """How a person wants to be told; whoever has no row has the usual."""

    __tablename__ = "notice_wishes"
    __table_args__ = (UniqueConstraint("person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    mail_texts: Mapped[bool]
    mail_faxes: Mapped[bool]
    minutes: Mapped[int]
    push_texts: Mapped[bool]
    push_faxes: Mapped[bool]
    push_shows_text: Mapped[bool]
    only_mine: Mapped[bool]
    quiet_from: Mapped[time | None]
    quiet_until: Mapped[time | None]


class PushSubscription(SharedByTeam, Base):
    """A browser that shows notices of a person: where its maker's server takes them, and its keys."""

    __tablename__ = "push_subscriptions"
    __table_args__ = (
        UniqueConstraint("endpoint_hash"),
        Index("ix_push_subscriptions_person", "person_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    endpoint: Mapped[str] = mapped_column(Text)
    endpoint_hash: Mapped[str] = mapped_column(String(64))
    browser_key: Mapped[str] = mapped_column(String(100))
    browser_secret: Mapped[str] = mapped_column(String(40))
    browser: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class PushKey(Base):
    """What proves to push services that a notice is this installation's. Global: one for all."""

    __tablename__ = "push_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    sealed_key: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
