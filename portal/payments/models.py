"""Payments, what gateways said about them, and the resellers' accounts at gateways."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    literal_column,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.core import clock
from portal.core.db import Base, BigId, ClientOwned, ResellerOwned, new_public_id
from portal.core.money import Money
from portal.payments.values import IntentState


class GatewayLogin(ResellerOwned, Base):
    """A reseller's account at one gateway. Secrets are sealed for this row."""

    __tablename__ = "gateway_logins"
    __table_args__ = (UniqueConstraint("reseller_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20))
    on: Mapped[bool] = mapped_column("is_on", default=False)
    live: Mapped[bool] = mapped_column(default=False)
    public: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    sealed: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    hook_hash: Mapped[str] = mapped_column(String(64), unique=True)
    sealed_hook: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)


class PaymentSettings(ResellerOwned, Base):
    """Which amounts a reseller's clients may pay."""

    __tablename__ = "payment_settings"
    __table_args__ = (UniqueConstraint("reseller_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    amounts: Mapped[list[str]] = mapped_column(JSON, default=list)
    free_amount: Mapped[bool] = mapped_column(default=False)
    minimum: Mapped[Money]
    maximum: Mapped[Money]


class PaymentIntent(ClientOwned, Base):
    """One payment, from the moment somebody wants to pay. What staff write down is one, too."""

    __tablename__ = "payment_intents"
    __table_args__ = (
        CheckConstraint("amount > 0", name="moves_money"),
        CheckConstraint("taken_back >= 0 AND taken_back <= amount", name="no_more_than_came"),
        # What a gateway took is one payment of ours, whoever says so.
        Index(
            "uq_payment_intents_capture",
            "reseller_id",
            "gateway",
            "capture_ref",
            unique=True,
            sqlite_where=literal_column("capture_ref <> ''"),
            postgresql_where=literal_column("capture_ref <> ''"),
        ),
        Index("ix_payment_intents_ref", "reseller_id", "gateway", "gateway_ref"),
        Index("ix_payment_intents_client", "reseller_id", "client_id", "id"),
        Index("ix_payment_intents_list", "reseller_id", "id"),
        Index("ix_payment_intents_open", "state", "id"),
        Index("ix_payment_intents_transfer", "transfer"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    gateway: Mapped[str] = mapped_column(String(20))
    amount: Mapped[Money]
    tax: Mapped[Money] = mapped_column(default=lambda: Money(0))
    taxes: Mapped[list[list[Any]]] = mapped_column(JSON, default=list)  # name, rate, number, micros
    currency: Mapped[str] = mapped_column(String(3))
    payee: Mapped[str] = mapped_column(String(254), default="")
    live: Mapped[bool] = mapped_column(default=False)
    automatic: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(10), default=IntentState.NEW)
    gateway_ref: Mapped[str] = mapped_column(String(120), default="")
    capture_ref: Mapped[str] = mapped_column(String(120), default="")
    redirect_url: Mapped[str] = mapped_column(Text, default="")
    problem: Mapped[str] = mapped_column(String(200), default="")
    description: Mapped[str] = mapped_column(String(200), default="")
    fee: Mapped[Money | None]
    taken_back: Mapped[Money] = mapped_column(default=lambda: Money(0))
    moves: Mapped[int] = mapped_column(default=0)  # how often money went back, or returned
    gone: Mapped[list[int]] = mapped_column(JSON, default=list)  # after each move, tax included
    transfer: Mapped[uuid.UUID | None]  # the books' line that credited it
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    settled_at: Mapped[datetime | None]
    looked_at: Mapped[datetime | None]


class PaymentFact(ResellerOwned, Base):
    """What a gateway said of money that went back: added once, never changed.

    It waits here without an intent when it came before the capture it is about.
    """

    __tablename__ = "payment_facts"
    __table_args__ = (
        UniqueConstraint("reseller_id", "gateway", "kind", "ref"),
        Index("ix_payment_facts_capture", "reseller_id", "gateway", "capture_ref"),
        Index("ix_payment_facts_intent", "intent_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    gateway: Mapped[str] = mapped_column(String(20))
    intent_id: Mapped[int | None] = mapped_column(ForeignKey("payment_intents.id"))
    capture_ref: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(20))
    ref: Mapped[str] = mapped_column(String(120))
    amount: Mapped[Money]  # with its part of the tax, as the gateway counts
    at: Mapped[datetime]


class PaymentRefund(ClientOwned, Base):
    """A refund that staff asked for. The money leaves the wallet when the gateway has done it."""

    __tablename__ = "payment_refunds"
    __table_args__ = (Index("ix_payment_refunds_intent", "intent_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    intent_id: Mapped[int] = mapped_column(ForeignKey("payment_intents.id"))
    amount: Mapped[Money]  # of what was credited
    tax: Mapped[Money] = mapped_column(default=lambda: Money(0))  # goes back with it
    reason: Mapped[str] = mapped_column(String(200), default="")
    state: Mapped[str] = mapped_column(String(10))
    problem: Mapped[str] = mapped_column(String(200), default="")
    ref: Mapped[str] = mapped_column(String(120), default="")
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    settled_at: Mapped[datetime | None]


class PaymentMessage(ResellerOwned, Base):
    """A gateway's message as it arrived: stored, answered, and read afterwards."""

    __tablename__ = "payment_messages"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    gateway: Mapped[str] = mapped_column(String(20))
    headers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    body: Mapped[str] = mapped_column(Text)
    event_id: Mapped[str] = mapped_column(String(120), default="")
    problem: Mapped[str] = mapped_column(String(200), default="")
    received_at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
    handled_at: Mapped[datetime | None]


class PracticeOrder(ResellerOwned, Base):
    """What was pressed on the page that plays a gateway."""

    __tablename__ = "practice_orders"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ref: Mapped[str] = mapped_column(String(60), unique=True)
    intent: Mapped[uuid.UUID] = mapped_column(unique=True)
    amount: Mapped[Money]
    currency: Mapped[str] = mapped_column(String(3))
    state: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class KeptCard(ClientOwned, Base):
    """A card of a client, as its gateway keeps it: never the number, only what shows which it is."""

    __tablename__ = "kept_cards"
    __table_args__ = (
        UniqueConstraint("reseller_id", "gateway", "card_ref"),
        Index("ix_kept_cards_client", "reseller_id", "client_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    gateway: Mapped[str] = mapped_column(String(20))
    account: Mapped[str] = mapped_column(String(120), default="")  # of the reseller at the gateway
    customer_ref: Mapped[str] = mapped_column(String(120))
    card_ref: Mapped[str] = mapped_column(String(120))
    brand: Mapped[str] = mapped_column(String(20))
    last4: Mapped[str] = mapped_column(String(4))
    expires_month: Mapped[int]
    expires_year: Mapped[int]
    is_default: Mapped[bool] = mapped_column(default=False)
    problem: Mapped[str] = mapped_column(String(60), default="")  # why it was declined last
    added_at: Mapped[datetime] = mapped_column(default=clock.now)
    removed_at: Mapped[datetime | None]


class CardSaving(ClientOwned, Base):
    """A page at a gateway on which a client types a card. ``last4`` is what practice was told."""

    __tablename__ = "card_savings"
    __table_args__ = (
        Index("ix_card_savings_ref", "reseller_id", "gateway", "gateway_ref"),
        Index("ix_card_savings_client", "reseller_id", "client_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    gateway: Mapped[str] = mapped_column(String(20))
    account: Mapped[str] = mapped_column(String(120), default="")
    customer_ref: Mapped[str] = mapped_column(String(120), default="")
    gateway_ref: Mapped[str] = mapped_column(String(120), default="")
    last4: Mapped[str] = mapped_column(String(4), default="")
    began_at: Mapped[datetime] = mapped_column(default=clock.now)
    done_at: Mapped[datetime | None]


class TopUp(ClientOwned, Base):
    """How a client's balance is topped up by itself; the books watch the threshold."""

    __tablename__ = "top_ups"
    __table_args__ = (UniqueConstraint("reseller_id", "client_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    on: Mapped[bool] = mapped_column("is_on", default=False)
    threshold: Mapped[Money]
    amount: Mapped[Money]
    ceiling: Mapped[Money]  # of a month, in the reseller's zone
    stopped: Mapped[str] = mapped_column(String(60), default="")  # why it switched itself off
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)


class TopUpRun(ClientOwned, Base):
    """One fall below the threshold, and what is done about it: at most one charge that succeeds."""

    __tablename__ = "top_up_runs"
    __table_args__ = (
        Index(
            "uq_top_up_runs_open",
            "client_id",
            unique=True,
            sqlite_where=literal_column("ended_at IS NULL"),
            postgresql_where=literal_column("ended_at IS NULL"),
        ),
        Index("ix_top_up_runs_client", "reseller_id", "client_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    state: Mapped[str] = mapped_column(String(10))
    step: Mapped[int] = mapped_column(default=0)
    balance: Mapped[Money]  # when it was seen below
    due_at: Mapped[datetime | None]
    began_at: Mapped[datetime] = mapped_column(default=clock.now)
    ended_at: Mapped[datetime | None]


class TopUpTry(ClientOwned, Base):
    """One step of the ladder: the payment that it began, or why it began none."""

    __tablename__ = "top_up_tries"
    __table_args__ = (
        UniqueConstraint("run_id", "step"),
        Index("ix_top_up_tries_client", "reseller_id", "client_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("top_up_runs.id"))
    step: Mapped[int]
    intent_id: Mapped[int | None] = mapped_column(ForeignKey("payment_intents.id"))
    card_id: Mapped[int | None] = mapped_column(ForeignKey("kept_cards.id"))
    amount: Mapped[Money]
    problem: Mapped[str] = mapped_column(String(60), default="")
    at: Mapped[datetime] = mapped_column(default=clock.now)
    ended_at: Mapped[datetime | None]
