"""Report files, saved filters, and reports by mail."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core import clock
from portal.core.db import Base, BigId, ClientOwned, ResellerOwned, new_public_id


class ReportFile(ClientOwned, Base):
    """One document. Without a client it is the reseller's."""

    __tablename__ = "report_files"
    __table_args__ = (
        Index("ix_report_files_latest", "reseller_id", "client_id", "id"),
        UniqueConstraint("schedule_id", "round"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    report: Mapped[str] = mapped_column(String(40))
    format: Mapped[str] = mapped_column(String(4), default="pdf", server_default="pdf")
    filters: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    said: Mapped[list[Any]] = mapped_column(JSON, default=list, server_default="[]")
    language: Mapped[str] = mapped_column(String(5), default="en")
    state: Mapped[str] = mapped_column(String(8), default="asked")  # FileState
    done_rows: Mapped[int] = mapped_column(default=0)
    all_rows: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(String(200), default="")
    stored_as: Mapped[str | None] = mapped_column(String(200))
    size_bytes: Mapped[int] = mapped_column(default=0)
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    # Of which schedule, and of which of its periods: one file each.
    schedule_id: Mapped[
        int | None
    ]  # of report_schedules; SQLite adds no reference to a table that is there
    round: Mapped[str | None] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    seen_at: Mapped[datetime | None]  # when its maker last told that it lives
    ready_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]


class SavedFilter(ResellerOwned, Base):
    """A report's filter under a name: only an address. A shared one is the whole team's."""

    __tablename__ = "saved_filters"
    __table_args__ = (UniqueConstraint("person_id", "report", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    report: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(60))
    words: Mapped[dict[str, Any]] = mapped_column(JSON)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    shared: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class DefaultFilter(ResellerOwned, Base):
    """With which filter a report opens for a person."""

    __tablename__ = "default_filters"
    __table_args__ = (UniqueConstraint("person_id", "report"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    report: Mapped[str] = mapped_column(String(40))
    filter_id: Mapped[int] = mapped_column(ForeignKey("saved_filters.id"))


class ReportAddress(ResellerOwned, Base):
    """An address outside the team; gets reports once somebody who leads the team confirmed it."""

    __tablename__ = "report_addresses"
    __table_args__ = (UniqueConstraint("reseller_id", "email"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    email: Mapped[str] = mapped_column(String(254))
    confirmed_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class ReportSchedule(ResellerOwned, Base):
    """A report by mail. ``next_at`` moves on in the transaction that accepts the file of a round."""

    __tablename__ = "report_schedules"
    __table_args__ = (Index("ix_report_schedules_due", "paused", "next_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    report: Mapped[str] = mapped_column(String(40))
    words: Mapped[dict[str, Any]] = mapped_column(JSON)
    said: Mapped[list[Any]] = mapped_column(JSON, default=list)
    format: Mapped[str] = mapped_column(String(4))
    every: Mapped[str] = mapped_column(String(5))  # day, week, month
    on_day: Mapped[int] = mapped_column(default=1)  # 1 Monday to 7, or 1 to 31
    hour: Mapped[int]
    language: Mapped[str] = mapped_column(String(5))
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    paused: Mapped[bool] = mapped_column(default=False)
    next_at: Mapped[datetime]
    last_run_at: Mapped[datetime | None]
    problem: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class ScheduleRecipient(ResellerOwned, Base):
    """One of those a schedule mails to: a colleague or a confirmed address."""

    __tablename__ = "schedule_recipients"
    __table_args__ = (
        UniqueConstraint("schedule_id", "person_id"),
        UniqueConstraint("schedule_id", "address_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    schedule_id: Mapped[int] = mapped_column(ForeignKey("report_schedules.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    address_id: Mapped[int | None] = mapped_column(ForeignKey("report_addresses.id"))
