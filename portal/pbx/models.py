"""Sub-accounts: what a phone registers with, and what a package is linked to."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core import clock
from portal.core.db import Base, ClientOwned, ResellerOwned, new_public_id
from portal.core.scope import Only


class SubAccount(ResellerOwned, Base):
    """A sub-account at the carrier; ``account`` is its whole login (``100482_reception``).

    Whose it is, and under which package, is a dated ``PackageLink``.
    """

    __tablename__ = "sub_accounts"
    __table_args__ = (UniqueConstraint("reseller_id", "account"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    carrier_id: Mapped[str] = mapped_column(String(20), default="")
    account: Mapped[str] = mapped_column(String(60))
    description: Mapped[str] = mapped_column(String(120), default="")
    device: Mapped[str] = mapped_column(String(80), default="")
    sealed_password: Mapped[str | None] = mapped_column(Text)
    registered: Mapped[bool | None]
    registered_checked_at: Mapped[datetime | None]
    pushed_at: Mapped[datetime | None]  # when the carrier last had the package's routes
    push_problem: Mapped[str] = mapped_column(String(300), default="")
    lock_found: Mapped[str] = mapped_column(
        String(6), default=""
    )  # before a suspension: open, locked
    locked_abroad: Mapped[bool | None]  # whether the carrier says that calls abroad are locked
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    removed_at: Mapped[datetime | None]

    @classmethod
    def limited_to(cls, only: Only) -> ColumnElement[bool]:
        return cls.id.in_(sorted(only.sub_accounts))


class SipServer(ResellerOwned, Base):
    """A point of presence of the carrier, and the reseller's own DNS name for it."""

    __tablename__ = "sip_servers"
    __table_args__ = (UniqueConstraint("reseller_id", "pop"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    pop: Mapped[str] = mapped_column(String(20))
    place: Mapped[str] = mapped_column(String(120))
    hostname: Mapped[str] = mapped_column(String(253))
    address: Mapped[str] = mapped_column(String(45))
    own_name: Mapped[str] = mapped_column(String(253), default="")
    found: Mapped[str] = mapped_column(String(300), default="")  # what DNS said of the own name
    is_right: Mapped[bool | None]  # None: nobody answered, or never asked
    checked_at: Mapped[datetime | None]
    gone_at: Mapped[datetime | None]


class AccountOrder(ClientOwned, Base):
    """A sub-account to be created at the carrier and given to a client; ``reference`` makes it one."""

    __tablename__ = "account_orders"
    __table_args__ = (
        UniqueConstraint("reseller_id", "reference"),
        Index("ix_account_orders_client", "reseller_id", "client_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    reference: Mapped[str] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(10))
    username: Mapped[str] = mapped_column(String(20))
    sealed_password: Mapped[str | None] = mapped_column(Text)
    wish: Mapped[dict[str, Any]] = mapped_column(JSON)
    asked: Mapped[bool] = mapped_column(default=False)
    problem: Mapped[str] = mapped_column(String(300), default="")
    lease_number: Mapped[int] = mapped_column(default=0)
    ordered_by: Mapped[str] = mapped_column(String(120), default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    finished_at: Mapped[datetime | None]
