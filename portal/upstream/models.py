"""A reseller's account at the carrier: how to reach it, and how it is doing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core import clock
from portal.core.db import Base, ResellerOwned
from portal.core.money import Money


class CarrierLogin(ResellerOwned, Base):
    """Credentials and health of one carrier account. The password is sealed for this row."""

    __tablename__ = "carrier_logins"
    __table_args__ = (UniqueConstraint("reseller_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), default="voipms")
    base_url: Mapped[str] = mapped_column(String(300))
    username: Mapped[str] = mapped_column(String(254))
    sealed_password: Mapped[str] = mapped_column(Text)
    hook_secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    sealed_hook_secret: Mapped[str] = mapped_column(Text)
    balance: Mapped[Money | None]  # in the carrier's currency
    balance_at: Mapped[datetime | None]
    last_ok_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(String(300), default="")
    last_error_at: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0, server_default="0")  # rounds in a row
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
