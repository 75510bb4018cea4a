"""The table that is the queue of record; Redis only rings the bell."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core import clock
from portal.core.db import Base, BigId


class OutboxState(StrEnum):
    """What became of a task."""

    QUEUED = "queued"
    DONE = "done"
    DEAD = "dead"
    DISMISSED = "dismissed"


class OutboxTask(Base):
    """One thing to do, accepted together with the rows it is about.

    Global: the sweeper looks at every reseller's. ``reseller_id`` is what the job runs as.
    """

    __tablename__ = "outbox_tasks"
    __table_args__ = (Index("ix_outbox_tasks_due", "state", "due_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    task: Mapped[str] = mapped_column(String(60))
    reseller_id: Mapped[int | None] = mapped_column(ForeignKey("resellers.id"))
    arguments: Mapped[dict[str, Any]] = mapped_column(JSON)
    once_key: Mapped[str | None] = mapped_column(String(120), unique=True)
    state: Mapped[str] = mapped_column(String(10), default=OutboxState.QUEUED)
    due_at: Mapped[datetime] = mapped_column(default=clock.now)
    rung_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    lease_number: Mapped[int] = mapped_column(default=0)
    attempt: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    finished_at: Mapped[datetime | None]
