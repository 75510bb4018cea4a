"""Fees that have fallen due, add-ons of clients, and how a reseller bills."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core import clock
from portal.core.db import Base, BigId, ClientOwned, ResellerOwned, new_public_id
from portal.core.money import Money


class Fee(ClientOwned, Base):
    """One item for one period that has fallen due: paid, waiting for money, or skipped and why.

    The unique key makes it one for ever; ``ledger.FeeSource`` of the same three words is its source
    in the books. Kept for ever, so that no period is ever passed over in silence (I7).
    """

    __tablename__ = "fees"
    __table_args__ = (
        UniqueConstraint("reseller_id", "kind", "item", "first_day"),
        CheckConstraint("amount >= 0", name="is_not_negative"),
        Index("ix_fees_client", "reseller_id", "client_id", "state", "first_day"),
        Index("ix_fees_state", "reseller_id", "state", "first_day", "public_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    item: Mapped[uuid.UUID]
    first_day: Mapped[date]
    next_day: Mapped[date]
    amount: Mapped[Money]
    description: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(8))  # paid, unpaid, skipped
    cause: Mapped[str] = mapped_column(String(10), default="")  # why it was skipped
    words: Mapped[str] = mapped_column(String(200), default="")  # of who waived it
    noted_at: Mapped[datetime] = mapped_column(default=clock.now)
    tried_at: Mapped[datetime | None]  # when the balance last did not cover it
    settled_at: Mapped[datetime | None]


class AddOn(ClientOwned, Base):
    """Something by name that a client pays every month, until a day or until it is ended."""

    __tablename__ = "add_ons"
    __table_args__ = (
        UniqueConstraint("reseller_id", "reference"),
        CheckConstraint("amount > 0", name="costs_something"),
        Index("ix_add_ons_client", "reseller_id", "client_id", "id"),
        Index("ix_add_ons_day", "reseller_id", "next_billing_day", "public_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    reference: Mapped[str] = mapped_column(String(60))
    description: Mapped[str] = mapped_column(String(80))
    amount: Mapped[Money]
    anchor_day: Mapped[int]  # 1 to 31; short months end earlier
    next_billing_day: Mapped[date | None]  # None: it has ended
    until: Mapped[date | None]  # the last day on which it may fall due
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    ended_at: Mapped[datetime | None]


class BillingRules(ResellerOwned, Base):
    """How a reseller bills, and how far its runs have come."""

    __tablename__ = "billing_rules"
    __table_args__ = (UniqueConstraint("reseller_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    most_periods: Mapped[int] = mapped_column(default=3)
    keeps_inbound: Mapped[bool] = mapped_column(default=True)
    listed_day: Mapped[date | None]  # of the last run that accepted a task for every client
