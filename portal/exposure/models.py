"""What clients' calls may cost, which alarms there were, and which countries a client has called."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core import clock
from portal.core.db import Base, BigId, ClientOwned, ResellerOwned, new_public_id
from portal.core.money import Money


class ExposureLimits(ResellerOwned, Base):
    """What calls may cost. The row of no client is the reseller's own."""

    __tablename__ = "exposure_limits"
    __table_args__ = (UniqueConstraint("reseller_id", "for_client"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    for_client: Mapped[int] = mapped_column(default=0)  # 0: every client without an own row
    daily_cap: Mapped[Money | None]
    speed_amount: Mapped[Money | None]
    speed_minutes: Mapped[int]
    abroad_minutes: Mapped[int | None]
    ceiling_e8: Mapped[int | None] = mapped_column(BigInteger)
    places: Mapped[list[str]] = mapped_column(JSON, default=list)
    new_places: Mapped[bool]
    at_once: Mapped[int]
    longest_minutes: Mapped[int]
    suspends: Mapped[bool]
    set_at: Mapped[datetime | None]  # when what is judged last changed


class ExposureAlarm(ClientOwned, Base):
    """Something that stood out, once for each client, kind and day, and once more after it was worked on."""

    __tablename__ = "exposure_alarms"
    __table_args__ = (
        UniqueConstraint("reseller_id", "client_id", "kind", "day", "round"),
        Index("ix_exposure_alarms_open", "reseller_id", "worked_at", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    kind: Mapped[str] = mapped_column(String(8))
    day: Mapped[date]  # in the reseller's zone
    round: Mapped[int]
    seen_at: Mapped[datetime] = mapped_column(default=clock.now)
    spent: Mapped[Money]
    seconds: Mapped[int]
    allowed: Mapped[int | None] = mapped_column(BigInteger)
    places: Mapped[list[str]] = mapped_column(JSON, default=list)
    call_ids: Mapped[list[str]] = mapped_column(JSON, default=list)  # the dearest, public ids
    calls: Mapped[int] = mapped_column(default=0)
    stopped: Mapped[bool] = mapped_column(default=False)
    worked_at: Mapped[datetime | None]
    worked: Mapped[str] = mapped_column(String(12), default="")  # acknowledged, resumed
    worked_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


class CalledPlace(ClientOwned, Base):
    """A country abroad that a client has called, and when last, as far as the guard has looked."""

    __tablename__ = "called_places"
    __table_args__ = (UniqueConstraint("reseller_id", "client_id", "place"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    place: Mapped[str] = mapped_column(String(2))
    last_at: Mapped[datetime]
