"""Papers that never change, the numbers they took, and what decides what is on them."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core import clock
from portal.core.db import Base, BigId, ClientOwned, ResellerOwned, new_public_id
from portal.core.money import Money


class TaxRate(ResellerOwned, Base):
    """A tax with its registration number: for whom, how much, from when to when."""

    __tablename__ = "tax_rates"
    __table_args__ = (Index("ix_tax_rates_of_reseller", "reseller_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    name: Mapped[str] = mapped_column(String(20))
    percent_e4: Mapped[int]
    number: Mapped[str] = mapped_column(String(40), default="")
    country: Mapped[str] = mapped_column(String(2))
    regions: Mapped[list[str]] = mapped_column(JSON, default=list)  # none: the whole country
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class TaxExemption(ClientOwned, Base):
    """Why a client does not pay a tax; without a tax, any."""

    __tablename__ = "tax_exemptions"
    __table_args__ = (Index("ix_tax_exemptions_of_client", "reseller_id", "client_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    tax_id: Mapped[int | None] = mapped_column(ForeignKey("tax_rates.id", ondelete="CASCADE"))
    reason: Mapped[str] = mapped_column(String(120))
    number: Mapped[str] = mapped_column(String(40), default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class InvoiceSetting(ResellerOwned, Base):
    """How a reseller writes papers."""

    __tablename__ = "invoice_settings"
    __table_args__ = (UniqueConstraint("reseller_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    mode: Mapped[str] = mapped_column(String(8))
    since: Mapped[date | None]
    inclusive: Mapped[bool] = mapped_column(default=True)
    invoice_prefix: Mapped[str] = mapped_column(String(12))
    receipt_prefix: Mapped[str] = mapped_column(String(12))
    credit_prefix: Mapped[str] = mapped_column(String(12))
    footer: Mapped[str] = mapped_column(String(500), default="")


class InvoiceChoice(ClientOwned, Base):
    """A client who gets something else than the reseller's other clients."""

    __tablename__ = "invoice_choices"
    __table_args__ = (UniqueConstraint("reseller_id", "client_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    mode: Mapped[str] = mapped_column(String(8))
    since: Mapped[date]


class PaperCounter(ResellerOwned, Base):
    """The last number of a kind in a year. Taken with the paper or not at all, so there is no gap."""

    __tablename__ = "paper_counters"
    __table_args__ = (UniqueConstraint("reseller_id", "kind", "year"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    year: Mapped[int]
    last: Mapped[int] = mapped_column(default=0)


class Paper(ClientOwned, Base):
    """An invoice, receipt or credit note as it was issued. Added; never changed."""

    __tablename__ = "papers"
    __table_args__ = (
        UniqueConstraint("reseller_id", "kind", "year", "serial"),
        UniqueConstraint("reseller_id", "source"),
        Index("ix_papers_latest", "reseller_id", "id"),
        Index("ix_papers_of_client", "reseller_id", "client_id", "id"),
        Index("ix_papers_credits", "credits_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    kind: Mapped[str] = mapped_column(String(8))
    year: Mapped[int]
    serial: Mapped[int]
    number: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(130))  # whom it is for
    search_words: Mapped[str] = mapped_column(String(200))
    issued_at: Mapped[datetime] = mapped_column(default=clock.now)
    issued_day: Mapped[date]
    first_day: Mapped[date]
    last_day: Mapped[date]
    basis: Mapped[Money]
    net: Mapped[Money]
    tax: Mapped[Money]
    total: Mapped[Money]
    due: Mapped[Money]
    # What led to it, so that it is made once: a month of a client, a payment, a form.
    source: Mapped[str] = mapped_column(String(120))
    credits_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("papers.id"))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)


class InvoiceMonth(ClientOwned, Base):
    """A client's month that was looked at: what became of it, and which days it covers."""

    __tablename__ = "invoice_months"
    __table_args__ = (UniqueConstraint("reseller_id", "client_id", "month"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    month: Mapped[date]
    first_day: Mapped[date]  # earlier than the month when earlier ones were carried into it
    outcome: Mapped[str] = mapped_column(String(8))
    paper_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("papers.id"))


class PaperLogo(ResellerOwned, Base):
    """A logo that papers were issued with, kept by its content."""

    __tablename__ = "paper_logos"
    __table_args__ = (UniqueConstraint("reseller_id", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    media_type: Mapped[str] = mapped_column(String(20))
    content: Mapped[bytes] = mapped_column(LargeBinary)


class PaperFile(ClientOwned, Base):
    """The PDF of a paper, which can be made again at any time, and when it was mailed."""

    __tablename__ = "paper_files"
    __table_args__ = (UniqueConstraint("paper_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    paper_id: Mapped[int] = mapped_column(BigId, ForeignKey("papers.id"))
    stored_as: Mapped[str] = mapped_column(String(60), default="")
    problem: Mapped[str] = mapped_column(String(200), default="")
    wants_mail: Mapped[bool] = mapped_column(default=False)
    mailed_at: Mapped[datetime | None]
