"""Sub-accounts: what a phone registers with, and what a package is linked to."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ColumnElement, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core import clock
from portal.core.db import Base, ResellerOwned, new_public_id
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
