"""The carrier's own bookings as we keep them, and comparisons with what they found."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core import clock
from portal.core.db import Base, BigId, ClientOwned, ResellerOwned, new_public_id
from portal.core.money import Money


class CarrierCharge(ClientOwned, Base):
    """A fee the carrier took, or money it received. The client is who had the number then.

    ``amount_e8`` is the carrier's, below zero when it took money; ``cost`` is that in the reseller's
    currency at the exchange rate stored with it, and nothing for payments to the carrier.
    """

    __tablename__ = "carrier_charges"
    __table_args__ = (
        UniqueConstraint("reseller_id", "carrier_key"),
        Index("ix_carrier_charges_time", "reseller_id", "at", "id"),
        Index("ix_carrier_charges_number", "reseller_id", "number", "at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    carrier_key: Mapped[str] = mapped_column(String(220))
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(12))  # of the costs; empty for a payment
    number: Mapped[str] = mapped_column(String(20), default="")
    description: Mapped[str] = mapped_column(String(120), default="")
    amount_e8: Mapped[int] = mapped_column(BigInteger)
    exchange_e8: Mapped[int | None] = mapped_column(BigInteger)
    cost: Mapped[Money] = mapped_column(default=lambda: Money(0))


class Reconciliation(ResellerOwned, Base):
    """One comparison of a period with the carrier's lists, made by a job."""

    __tablename__ = "reconciliations"
    __table_args__ = (Index("ix_reconciliations_latest", "reseller_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    first_day: Mapped[date]
    last_day: Mapped[date]
    parts: Mapped[list[Any]] = mapped_column(JSON, default=list)
    state: Mapped[str] = mapped_column(String(8), default="asked")
    done_steps: Mapped[int] = mapped_column(default=0)
    all_steps: Mapped[int] = mapped_column(default=0)
    compared: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(String(300), default="")
    mending: Mapped[bool] = mapped_column(default=False)
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    finished_at: Mapped[datetime | None]


class ReconciliationLine(ResellerOwned, Base):
    """One difference that a comparison found; ``owner`` is the client's id, 0 when nobody's."""

    __tablename__ = "reconciliation_lines"
    __table_args__ = (
        UniqueConstraint("reconciliation_id", "part", "finding", "key"),
        Index("ix_reconciliation_lines_list", "reconciliation_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    reconciliation_id: Mapped[int] = mapped_column(ForeignKey("reconciliations.id"))
    part: Mapped[str] = mapped_column(String(8))
    finding: Mapped[str] = mapped_column(String(12))
    key: Mapped[str] = mapped_column(String(220))
    at: Mapped[datetime | None]
    what: Mapped[str] = mapped_column(String(120), default="")
    detail: Mapped[str] = mapped_column(String(120), default="")
    theirs_e8: Mapped[int | None] = mapped_column(BigInteger)
    ours_e8: Mapped[int | None] = mapped_column(BigInteger)
    owner: Mapped[int] = mapped_column(default=0)
    our_id: Mapped[uuid.UUID | None]
    mended_at: Mapped[datetime | None]
