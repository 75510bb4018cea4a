"""DIDs a reseller has at the carrier, to whom each was connected, and the orders that do it."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.core import clock
from portal.core.db import Base, ClientOwned, ResellerOwned, SubAccountOwned, new_public_id
from portal.core.money import Money
from portal.core.scope import Only


class Did(ResellerOwned, Base):
    """A telephone number at the carrier, in E.164."""

    __tablename__ = "dids"
    __table_args__ = (UniqueConstraint("reseller_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    number: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(8), default="voice")  # voice, fax
    description: Mapped[str] = mapped_column(String(120), default="")  # rate centre, as sold
    routing: Mapped[str] = mapped_column(String(120), default="")
    pop: Mapped[str] = mapped_column(String(10), default="")
    sms_available: Mapped[bool] = mapped_column(default=False)
    sms_enabled: Mapped[bool] = mapped_column(default=False)
    texts_off: Mapped[bool] = mapped_column(default=False)  # switched off there by us, at a wish
    seen_at: Mapped[datetime] = mapped_column(default=clock.now)
    gone_at: Mapped[datetime | None]
    pushed_at: Mapped[datetime | None]  # when the carrier last had our callback for its texts
    push_problem: Mapped[str] = mapped_column(String(300), default="")
    held_routing: Mapped[str] = mapped_column(String(120), default="")  # before a suspension

    @classmethod
    def limited_to(cls, only: Only) -> ColumnElement[bool]:
        return cls.id.in_(sorted(only.dids))


class DidLink(SubAccountOwned, Base):
    """A DID connected to a client's sub-account, with the fees agreed for it."""

    __tablename__ = "did_links"
    __table_args__ = (
        UniqueConstraint("did_id", "valid_from"),
        Index("ix_did_links_client", "reseller_id", "client_id"),
        Index("ix_did_links_day", "reseller_id", "next_billing_day", "public_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    did_id: Mapped[int] = mapped_column(ForeignKey("dids.id"))
    sub_account_id: Mapped[int | None] = mapped_column(ForeignKey("sub_accounts.id"))
    label: Mapped[str] = mapped_column(String(60), default="")
    note: Mapped[str] = mapped_column(String(300), default="")
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    setup_fee: Mapped[Money] = mapped_column(default=lambda: Money(0))
    monthly_fee: Mapped[Money] = mapped_column(default=lambda: Money(0))
    e911_setup: Mapped[Money] = mapped_column(default=lambda: Money(0))
    e911_monthly: Mapped[Money | None]  # None: no e911 on this number
    minute_rate_e8: Mapped[int] = mapped_column(BigInteger, default=0)
    sms_in: Mapped[Money] = mapped_column(default=lambda: Money(0))
    sms_out: Mapped[Money] = mapped_column(default=lambda: Money(0))
    mms_in: Mapped[Money] = mapped_column(default=lambda: Money(0))
    mms_out: Mapped[Money] = mapped_column(default=lambda: Money(0))
    anchor_day: Mapped[int] = mapped_column(default=1)
    next_billing_day: Mapped[date | None]
    # What was made at the carrier for this connection, and goes with it when that is wished.
    made_forwarding: Mapped[str] = mapped_column(String(20), default="")
    made_mailbox: Mapped[str] = mapped_column(String(20), default="")


class NumberOrder(ClientOwned, Base):
    """Numbers to be connected to a client or let go, with work at the carrier that may take long.

    ``reference`` is the form's own random word: a form sent twice is one order. ``lease_number``
    grows with each run of the job; a run that lost it can settle nothing any more.
    """

    __tablename__ = "number_orders"
    __table_args__ = (
        UniqueConstraint("reseller_id", "reference"),
        Index("ix_number_orders_client", "reseller_id", "client_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    reference: Mapped[str] = mapped_column(String(60))
    action: Mapped[str] = mapped_column(String(10))  # connect, release
    state: Mapped[str] = mapped_column(String(10))
    sub_account_id: Mapped[int | None] = mapped_column(ForeignKey("sub_accounts.id"))
    wish: Mapped[dict[str, Any]] = mapped_column(JSON)
    sealed_pin: Mapped[str | None] = mapped_column(Text)
    problem: Mapped[str] = mapped_column(String(300), default="")
    problem_code: Mapped[str] = mapped_column(String(60), default="")
    lease_number: Mapped[int] = mapped_column(default=0)
    ordered_by: Mapped[str] = mapped_column(String(120), default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    finished_at: Mapped[datetime | None]


class NumberStep(ClientOwned, Base):
    """One step of an order. ``before`` is what stood at the carrier; ``result`` what was made there."""

    __tablename__ = "number_steps"
    __table_args__ = (UniqueConstraint("order_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("number_orders.id"))
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    did_id: Mapped[int | None] = mapped_column(ForeignKey("dids.id"))
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    before: Mapped[str] = mapped_column(String(120), default="")
    result: Mapped[str] = mapped_column(String(120), default="")
    problem: Mapped[str] = mapped_column(String(300), default="")


class DidReservation(ResellerOwned, Base):
    """A number that an order works on: as long as the row is there nobody else may have it."""

    __tablename__ = "did_reservations"

    did_id: Mapped[int] = mapped_column(ForeignKey("dids.id"), primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("number_orders.id"), index=True)


class FaxPort(ClientOwned, Base):
    """A fax number that a client asks to bring along; ``facts`` is what the bill there says.

    ``handed_at`` is written before the carrier is asked: with it and without ``carrier_port`` nobody
    knows whether the carrier has the request. ``lease_number`` grows with each run of the job.
    """

    __tablename__ = "fax_ports"
    __table_args__ = (
        UniqueConstraint("reseller_id", "reference"),
        Index("ix_fax_ports_client", "reseller_id", "client_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    reference: Mapped[str] = mapped_column(String(60))
    number: Mapped[str] = mapped_column(String(20))
    country: Mapped[str] = mapped_column(String(2))
    facts: Mapped[dict[str, str]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10))
    words: Mapped[str] = mapped_column(String(300), default="")
    asked_by: Mapped[str] = mapped_column(String(120), default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    changed_at: Mapped[datetime | None]
    bill: Mapped[str] = mapped_column(String(60), default="")  # the kept file
    bill_sent_at: Mapped[datetime | None]
    handed_at: Mapped[datetime | None]
    lease_number: Mapped[int] = mapped_column(default=0)
    carrier_port: Mapped[str] = mapped_column(String(20), default="")
    carrier_state: Mapped[str] = mapped_column(String(40), default="")
    carrier_notes: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    problem: Mapped[str] = mapped_column(String(300), default="")  # a message id


class CallTarget(ResellerOwned, Base):
    """A forwarding or a mailbox at the carrier, so that pages can say more than its number."""

    __tablename__ = "call_targets"
    __table_args__ = (UniqueConstraint("reseller_id", "kind", "target"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))  # fwd, vm: as in a routing
    target: Mapped[str] = mapped_column(String(20))
    words: Mapped[str] = mapped_column(String(120))
