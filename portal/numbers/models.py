"""DIDs a reseller has at the carrier, and to whom each was connected from when to when."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core import clock
from portal.core.db import Base, ClientOwned, ResellerOwned, new_public_id
from portal.core.money import Money


class Did(ResellerOwned, Base):
    """A telephone number at the carrier, in E.164."""

    __tablename__ = "dids"
    __table_args__ = (UniqueConstraint("reseller_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    number: Mapped[str] = mapped_column(String(20))
    description: Mapped[str] = mapped_column(String(120), default="")  # rate centre, as sold
    routing: Mapped[str] = mapped_column(String(120), default="")
    pop: Mapped[str] = mapped_column(String(10), default="")
    sms_available: Mapped[bool] = mapped_column(default=False)
    sms_enabled: Mapped[bool] = mapped_column(default=False)
    seen_at: Mapped[datetime] = mapped_column(default=clock.now)
    gone_at: Mapped[datetime | None]
    pushed_at: Mapped[datetime | None]  # when the carrier last had our callback for its texts
    push_problem: Mapped[str] = mapped_column(String(300), default="")


class DidLink(ClientOwned, Base):
    """A DID connected to a client's sub-account, with the fees agreed for it."""

    __tablename__ = "did_links"
    __table_args__ = (
        UniqueConstraint("did_id", "valid_from"),
        Index("ix_did_links_client", "reseller_id", "client_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    did_id: Mapped[int] = mapped_column(ForeignKey("dids.id"))
    sub_account_id: Mapped[int | None] = mapped_column(ForeignKey("sub_accounts.id"))
    label: Mapped[str] = mapped_column(String(60), default="")
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    setup_fee: Mapped[Money] = mapped_column(default=lambda: Money(0))
    monthly_fee: Mapped[Money] = mapped_column(default=lambda: Money(0))
    minute_rate_e8: Mapped[int] = mapped_column(BigInteger, default=0)
    sms_in: Mapped[Money] = mapped_column(default=lambda: Money(0))
    sms_out: Mapped[Money] = mapped_column(default=lambda: Money(0))
    mms_in: Mapped[Money] = mapped_column(default=lambda: Money(0))
    mms_out: Mapped[Money] = mapped_column(default=lambda: Money(0))
    anchor_day: Mapped[int] = mapped_column(default=1)
    next_billing_day: Mapped[date | None]
