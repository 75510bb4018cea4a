"""Call detail records as rated, their roll-ups, and how far the import has come."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.core import clock
from portal.core.db import Base, BigId, ClientOwned, ResellerOwned, SubAccountOwned, new_public_id
from portal.core.money import Money


class Call(SubAccountOwned, Base):
    """One leg of a call. Without a client its owner was unknown when it arrived.

    ``carrier_key`` is uniqueid, direction and account (rulings 13). Cost is in the carrier's
    currency; ``cost`` is that cost in the reseller's, at the exchange rate stored with it.
    """

    __tablename__ = "calls"
    __table_args__ = (
        UniqueConstraint("reseller_id", "carrier_key"),
        Index("ix_calls_reseller_time", "reseller_id", "started_at", "id"),
        Index("ix_calls_client_time", "reseller_id", "client_id", "started_at", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    carrier_key: Mapped[str] = mapped_column(String(220))
    direction: Mapped[str] = mapped_column(String(8))  # in, out, internal
    account: Mapped[str] = mapped_column(String(60), default="")
    sub_account_id: Mapped[int | None] = mapped_column(ForeignKey("sub_accounts.id"))
    did_id: Mapped[int | None] = mapped_column(ForeignKey("dids.id"))
    package_version_id: Mapped[int | None] = mapped_column(ForeignKey("package_versions.id"))
    started_at: Mapped[datetime]
    local_day: Mapped[date]  # of the start, in the reseller's zone
    ambiguous_hour: Mapped[bool] = mapped_column(default=False)
    caller_name: Mapped[str] = mapped_column(String(80), default="")
    caller_number: Mapped[str] = mapped_column(String(40), default="")
    destination: Mapped[str] = mapped_column(String(80), default="")
    description: Mapped[str] = mapped_column(String(120), default="")
    disposition: Mapped[str] = mapped_column(String(12))  # answered, no_answer, busy, failed
    seconds: Mapped[int] = mapped_column(default=0)
    billed_seconds: Mapped[int] = mapped_column(default=0)
    free_minutes: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(12))  # rated, free, unanswered, unrated, unowned
    rate_e8: Mapped[int | None] = mapped_column(BigInteger)
    price: Mapped[Money | None]
    cost: Mapped[Money] = mapped_column(default=lambda: Money(0))
    carrier_cost_e8: Mapped[int] = mapped_column(BigInteger, default=0)
    carrier_rate_e8: Mapped[int | None] = mapped_column(BigInteger)
    onnet: Mapped[bool] = mapped_column(default=False)
    worksheet: Mapped[str] = mapped_column(Text, default="")
    corrections: Mapped[int] = mapped_column(default=0)  # how often the carrier changed its row
    imported_at: Mapped[datetime] = mapped_column(default=clock.now)


class CallRecording(ClientOwned, Base):
    """A recorded call as the carrier lists it; without a call it waits for the call to be known.

    Its client is the call's. ``fee_since`` is when the fee that it was charged at began; without
    ``allowed`` the client's package has no call recordings, and it costs nothing.
    """

    __tablename__ = "call_recordings"
    __table_args__ = (
        UniqueConstraint("reseller_id", "carrier_ref"),
        Index("ix_call_recordings_call", "reseller_id", "call_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    carrier_ref: Mapped[str] = mapped_column(String(255))
    account: Mapped[str] = mapped_column(String(80))
    direction: Mapped[str] = mapped_column(String(8))  # in, out
    number: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]
    seconds: Mapped[int]
    call_id: Mapped[int | None] = mapped_column(ForeignKey("calls.id"))
    price: Mapped[Money | None]
    fee_since: Mapped[datetime | None]
    allowed: Mapped[bool] = mapped_column(default=True, server_default=true())
    worksheet: Mapped[str] = mapped_column(Text, default="")
    dismissed_at: Mapped[datetime | None]  # staff let it rest without a call
    found_at: Mapped[datetime] = mapped_column(default=clock.now)


class RollUp:
    """What calls come to together, kept in the transaction that posts them.

    ``owner`` is the client's id, or 0 for calls whose owner is unknown: a key must not be empty.
    """

    owner: Mapped[int] = mapped_column(default=0)
    calls: Mapped[int] = mapped_column(default=0)
    answered: Mapped[int] = mapped_column(default=0)
    seconds: Mapped[int] = mapped_column(BigInteger, default=0)
    billed_seconds: Mapped[int] = mapped_column(BigInteger, default=0)
    price: Mapped[Money] = mapped_column(default=lambda: Money(0))
    cost: Mapped[Money] = mapped_column(default=lambda: Money(0))


class CallDay(RollUp, ClientOwned, Base):
    """Calls by the day they started, in the reseller's zone."""

    __tablename__ = "call_days"
    __table_args__ = (
        UniqueConstraint("reseller_id", "owner", "day", "direction"),
        Index("ix_call_days_day", "reseller_id", "day"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    day: Mapped[date]
    direction: Mapped[str] = mapped_column(String(8))
    no_answer: Mapped[int] = mapped_column(default=0)
    busy: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)


class CallMonth(RollUp, ClientOwned, Base):
    """The same by month (its first day)."""

    __tablename__ = "call_months"
    __table_args__ = (
        UniqueConstraint("reseller_id", "owner", "month", "direction"),
        Index("ix_call_months_month", "reseller_id", "month"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    month: Mapped[date]
    direction: Mapped[str] = mapped_column(String(8))
    no_answer: Mapped[int] = mapped_column(default=0)
    busy: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)


class CallLineDay(RollUp, ClientOwned, Base):
    """Calls by day, sub-account and number (ids, 0 for none): what is told of these is read from here."""

    __tablename__ = "call_line_days"
    __table_args__ = (UniqueConstraint("reseller_id", "day", "owner", "sub_account", "did"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    sub_account: Mapped[int] = mapped_column(default=0)
    did: Mapped[int] = mapped_column(default=0)
    day: Mapped[date]


class CallLineMonth(RollUp, ClientOwned, Base):
    """The same by month (its first day)."""

    __tablename__ = "call_line_months"
    __table_args__ = (UniqueConstraint("reseller_id", "month", "owner", "sub_account", "did"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    sub_account: Mapped[int] = mapped_column(default=0)
    did: Mapped[int] = mapped_column(default=0)
    month: Mapped[date]


class ImportMark(ResellerOwned, Base):
    """How far a reseller's calls are known to be complete; the next window begins before it."""

    __tablename__ = "import_marks"
    __table_args__ = (UniqueConstraint("reseller_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))  # calls, recordings, sms, fax
    complete_until: Mapped[datetime | None]
    last_run_at: Mapped[datetime | None]
    last_new: Mapped[int] = mapped_column(default=0)


class RatingRun(ResellerOwned, Base):
    """Calls of a package over some days, priced once more: on paper, or for real.

    ``details`` are the terms in the editor of a run on paper. ``done_client_id`` is how far a run
    for real has come: the clients up to it have their new prices.
    """

    __tablename__ = "rating_runs"
    __table_args__ = (Index("ix_rating_runs_package", "package_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    package_id: Mapped[int] = mapped_column(ForeignKey("packages.id", ondelete="CASCADE"))
    for_real: Mapped[bool]
    details: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    first_day: Mapped[date]  # both days included, in the reseller's zone
    last_day: Mapped[date]
    state: Mapped[str] = mapped_column(String(8), default="asked")  # asked, running, done
    all_calls: Mapped[int] = mapped_column(default=0)
    done_calls: Mapped[int] = mapped_column(default=0)
    done_client_id: Mapped[int] = mapped_column(default=0)
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    done_at: Mapped[datetime | None]


class RatingRunLine(ClientOwned, Base):
    """What a run says of one client's calls."""

    __tablename__ = "rating_run_lines"
    __table_args__ = (UniqueConstraint("run_id", "client_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("rating_runs.id", ondelete="CASCADE"))
    calls: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    seconds: Mapped[int] = mapped_column(BigInteger, default=0)
    before: Mapped[Money] = mapped_column(default=lambda: Money(0))
    after: Mapped[Money] = mapped_column(default=lambda: Money(0))
    cost: Mapped[Money] = mapped_column(default=lambda: Money(0))
