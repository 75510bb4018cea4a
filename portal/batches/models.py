"""Work on many clients at once: what was asked for, and what became of each."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.batches.values import BatchState, RowState
from portal.core import clock
from portal.core.db import Base, BigId, ClientOwned, ResellerOwned, new_public_id


class Batch(ResellerOwned, Base):
    """One piece of work. Forgotten after a month, with the words and names in it."""

    __tablename__ = "batches"
    __table_args__ = (Index("ix_batches_latest", "reseller_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(8), default=BatchState.DRAFT)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    finished_at: Mapped[datetime | None]


class BatchRow(ClientOwned, Base):
    """One client, or one line of a file that becomes one."""

    __tablename__ = "batch_rows"
    __table_args__ = (
        UniqueConstraint("batch_id", "position"),
        Index("ix_batch_rows_state", "batch_id", "state", "position"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id", ondelete="CASCADE"))
    position: Mapped[int]
    cells: Mapped[list[str]] = mapped_column(JSON, default=list)
    name: Mapped[str] = mapped_column(String(180), default="")
    state: Mapped[str] = mapped_column(String(8), default=RowState.WAITING)
    problem: Mapped[str] = mapped_column(String(200), default="")
