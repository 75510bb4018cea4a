"""Whom a client knows: contacts, their numbers, and the groups they are in."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.contacts.values import NumberKind
from portal.core import clock
from portal.core.db import Base, BigId, SharedByTeam, new_public_id


class Contact(SharedByTeam, Base):
    """Somebody a client knows. ``search_key`` is everything one looks for, folded, with the numbers.

    A deleted one keeps its numbers in ``kept`` until its time is over, so that it can come back.
    """

    __tablename__ = "contacts"
    __table_args__ = (
        Index("ix_contacts_by_name", "reseller_id", "client_id", "sort_name", "id"),
        Index("ix_contacts_by_change", "reseller_id", "client_id", "updated_at", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    name: Mapped[str] = mapped_column(String(120))
    company: Mapped[str] = mapped_column(String(120), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    language: Mapped[str] = mapped_column(String(2), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    sort_name: Mapped[str] = mapped_column(String(60), default="")
    search_key: Mapped[str] = mapped_column(String(800), default="")
    kept: Mapped[list[Any]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now)
    deleted_at: Mapped[datetime | None]


class ContactNumber(SharedByTeam, Base):
    """A number is one contact's, so that a text or a call has one name."""

    __tablename__ = "contact_numbers"
    __table_args__ = (
        UniqueConstraint("reseller_id", "client_id", "number"),
        Index("ix_contact_numbers_contact", "contact_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    number: Mapped[str] = mapped_column(String(20))  # E.164, or a short code
    kind: Mapped[str] = mapped_column(String(6), default=NumberKind.MOBILE)
    position: Mapped[int] = mapped_column(default=0)


class ContactGroup(SharedByTeam, Base):
    """A word for some contacts; ``key`` is its name folded, once per client."""

    __tablename__ = "contact_groups"
    __table_args__ = (UniqueConstraint("reseller_id", "client_id", "key"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    name: Mapped[str] = mapped_column(String(60))
    key: Mapped[str] = mapped_column(String(60))


class ContactMember(SharedByTeam, Base):
    """This contact is in this group."""

    __tablename__ = "contact_members"
    __table_args__ = (
        UniqueConstraint("group_id", "contact_id"),
        Index("ix_contact_members_contact", "contact_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("contact_groups.id", ondelete="CASCADE"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))


class ContactImport(SharedByTeam, Base):
    """A file of contacts: its lines until they are brought in, and how far that is. Forgotten after a month."""

    __tablename__ = "contact_imports"
    __table_args__ = (Index("ix_contact_imports_created", "created_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    name: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(7), default="draft")  # draft, running, done
    country: Mapped[str] = mapped_column(String(2), default="US")
    head: Mapped[list[Any]] = mapped_column(JSON)
    mapping: Mapped[list[Any]] = mapped_column(JSON)
    rows: Mapped[list[Any]] = mapped_column(JSON)
    done: Mapped[int] = mapped_column(default=0)
    added: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    same: Mapped[int] = mapped_column(default=0)
    problems: Mapped[list[Any]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    finished_at: Mapped[datetime | None]
