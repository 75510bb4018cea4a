"""The books: accounts, transfers between them, balances with a floor, and money set aside."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    literal_column,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.core import clock
from portal.core.db import Base, BigId, ClientOwned, SharedByTeam, new_public_id
from portal.core.money import Money
from portal.ledger.values import HoldState


class Account(SharedByTeam, Base):
    """One side of a transfer: a client's wallet, or one of the reseller's accounts (no client)."""

    __tablename__ = "ledger_accounts"
    __table_args__ = (
        UniqueConstraint("reseller_id", "client_id", "kind"),
        # Without a client the constraint above sees no equals: NULL differs from NULL.
        Index(
            "uq_ledger_accounts_reseller_kind",
            "reseller_id",
            "kind",
            unique=True,
            sqlite_where=literal_column("client_id IS NULL"),
            postgresql_where=literal_column("client_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))


class Transfer(ClientOwned, Base):
    """An amount above zero from one account (debit) to another (credit). Added; never changed.

    The same source and kind is the same transfer for ever: posting it again changes nothing.
    """

    __tablename__ = "ledger_transfers"
    __table_args__ = (
        UniqueConstraint("reseller_id", "source_type", "source_id", "kind"),
        CheckConstraint("amount > 0", name="moves_money"),
        CheckConstraint("debit_account_id <> credit_account_id", name="two_accounts"),
        # A history reads what is not usage, and one line of usage at a time.
        Index(
            "ix_ledger_transfers_history", "reseller_id", "client_id", "reason", "posting_day", "id"
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    source_type: Mapped[str] = mapped_column(String(20))
    source_id: Mapped[str] = mapped_column(String(220))
    kind: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(20))
    debit_account_id: Mapped[int] = mapped_column(ForeignKey("ledger_accounts.id"))
    credit_account_id: Mapped[int] = mapped_column(ForeignKey("ledger_accounts.id"))
    amount: Mapped[Money]
    description: Mapped[str] = mapped_column(String(200), default="")
    posted_at: Mapped[datetime] = mapped_column(default=clock.now)
    posting_day: Mapped[date]  # in the reseller's zone
    occurred_at: Mapped[datetime | None]  # of the thing itself, which may have come late
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_transfers.id"), unique=True)


class Balance(SharedByTeam, Base):
    """A wallet's sum, kept beside it because it has a floor. The row is the lock."""

    __tablename__ = "ledger_balances"
    __table_args__ = (
        CheckConstraint("held >= 0", name="held_is_not_negative"),
        Index("ix_ledger_balances_client", "reseller_id", "client_id", "balance"),
    )

    account_id: Mapped[int] = mapped_column(ForeignKey("ledger_accounts.id"), primary_key=True)
    balance: Mapped[Money] = mapped_column(default=lambda: Money(0))
    held: Mapped[Money] = mapped_column(default=lambda: Money(0))
    floor: Mapped[Money | None]  # what a client starts may not go below it; None: no floor
    watched: Mapped[Money | None]  # a line whose crossing downwards somebody wants to hear of, once
    is_above: Mapped[bool] = mapped_column(default=True, server_default=true())  # of that line


class Hold(SharedByTeam, Base):
    """Money set aside for something whose outcome is not known yet."""

    __tablename__ = "ledger_holds"
    __table_args__ = (
        UniqueConstraint("reseller_id", "source_type", "source_id", "kind"),
        CheckConstraint("amount >= 0", name="is_not_negative"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    source_type: Mapped[str] = mapped_column(String(20))
    source_id: Mapped[str] = mapped_column(String(220))
    kind: Mapped[str] = mapped_column(String(20))
    amount: Mapped[Money]
    state: Mapped[str] = mapped_column(String(8), default=HoldState.HELD)
    held_at: Mapped[datetime] = mapped_column(default=clock.now)
    resolved_at: Mapped[datetime | None]


class UsageDay(ClientOwned, Base):
    """Roll-up of usage by posting day and reason: one line of a client's history."""

    __tablename__ = "ledger_usage_days"
    __table_args__ = (UniqueConstraint("reseller_id", "client_id", "posting_day", "reason"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    posting_day: Mapped[date]
    reason: Mapped[str] = mapped_column(String(20))
    items: Mapped[int] = mapped_column(default=0)
    seconds: Mapped[int] = mapped_column(BigId, default=0)
    amount: Mapped[Money] = mapped_column(default=lambda: Money(0))


class LedgerMonth(ClientOwned, Base):
    """Roll-up of everything by month of posting, other side and reason: what reports add up.

    ``account`` is the kind of the reseller's account, ``amount`` above zero when the client owes more.
    """

    __tablename__ = "ledger_months"
    __table_args__ = (
        UniqueConstraint("reseller_id", "client_id", "month", "account", "reason"),
        Index("ix_ledger_months_month", "reseller_id", "month"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    month: Mapped[date]  # its first day
    account: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(20))
    items: Mapped[int] = mapped_column(default=0)
    seconds: Mapped[int] = mapped_column(BigId, default=0)
    amount: Mapped[Money] = mapped_column(default=lambda: Money(0))


class CostMonth(ClientOwned, Base):
    """What the carrier took, in the reseller's currency, by the month in which the books learned of it.

    Beside the books: no wallet moves by it. ``owner`` is the client's id, 0 for what is nobody's.
    """

    __tablename__ = "cost_months"
    __table_args__ = (
        UniqueConstraint("reseller_id", "owner", "month", "kind"),
        Index("ix_cost_months_month", "reseller_id", "month"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    owner: Mapped[int] = mapped_column(default=0)
    month: Mapped[date]
    kind: Mapped[str] = mapped_column(String(12))
    amount: Mapped[Money] = mapped_column(default=lambda: Money(0))
