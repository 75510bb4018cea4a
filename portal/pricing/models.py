"""Price lists a reseller keeps. Everything that prices a call says from when on it is in force."""

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
    UniqueConstraint,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.core import clock
from portal.core.db import Base, BigId, ClientOwned, ResellerOwned, SubAccountOwned, new_public_id
from portal.core.money import Money
from portal.core.scope import Only


class Package(ResellerOwned, Base):
    """A name for a row of versions; ``sequence`` is its number in the reseller's API."""

    __tablename__ = "packages"
    __table_args__ = (UniqueConstraint("reseller_id", "sequence"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    sequence: Mapped[int]
    name: Mapped[str] = mapped_column(String(80))
    retired_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class PackageVersion(ResellerOwned, Base):
    """The terms of a package from an instant on; saved anew, never edited (rulings 2)."""

    __tablename__ = "package_versions"
    __table_args__ = (UniqueConstraint("package_id", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    package_id: Mapped[int] = mapped_column(ForeignKey("packages.id"))
    valid_from: Mapped[datetime]
    markup_fixed_e8: Mapped[int] = mapped_column(BigInteger, default=0)  # per minute
    markup_percent_e4: Mapped[int] = mapped_column(BigInteger, default=0)  # 20 % is 200,000
    pulse_seconds: Mapped[int] = mapped_column(default=6)
    first_increment_seconds: Mapped[int | None]
    canada_route: Mapped[str] = mapped_column(String(8), default="premium")  # value, premium
    international_route: Mapped[str] = mapped_column(String(8), default="value")
    onnet_free: Mapped[bool] = mapped_column(default=False)
    monthly_fee: Mapped[Money] = mapped_column(default=lambda: Money(0))
    setup_fee: Mapped[Money] = mapped_column(default=lambda: Money(0))
    free_minutes: Mapped[int] = mapped_column(default=0)
    client_may_edit: Mapped[bool] = mapped_column(default=False)
    own_services: Mapped[bool] = mapped_column(default=False)  # else the reseller's default
    view: Mapped[str] = mapped_column(String(20), default="standard")
    services: Mapped[list[str]] = mapped_column(JSON, default=list)
    hide_money: Mapped[bool] = mapped_column(default=False)
    saved_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


class AreaRate(ResellerOwned, Base):
    """A package's own rate for an area: ``usa``, ``canada``, a country (``FR``) or a prefix.

    ``country`` is where the area lies (empty for what lies nowhere) and ``name`` what a file called
    it: both only to be found by.
    """

    __tablename__ = "area_rates"
    __table_args__ = (
        UniqueConstraint("package_id", "area_kind", "area", "valid_from"),
        Index("ix_area_rates_by_rate", "package_id", "rate_e8", "id"),
        Index("ix_area_rates_by_name", "package_id", "name", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    package_id: Mapped[int] = mapped_column(ForeignKey("packages.id"))
    area_kind: Mapped[str] = mapped_column(String(8))  # usa, canada, country, prefix
    area: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(120), default="")
    country: Mapped[str] = mapped_column(String(2), default="")
    rate_e8: Mapped[int] = mapped_column(BigInteger)
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]


class RateImport(ResellerOwned, Base):
    """A file of area rates on its way into a package: looked at, compared, then applied whole."""

    __tablename__ = "rate_imports"
    __table_args__ = (Index("ix_rate_imports_package", "package_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    package_id: Mapped[int] = mapped_column(ForeignKey("packages.id"))
    file_name: Mapped[str] = mapped_column(String(120))
    stored_as: Mapped[str] = mapped_column(String(200), default="")
    sheet: Mapped[dict[str, Any]] = mapped_column(JSON)  # rate_files.Sheet
    columns: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    # columns, comparing, compared, applying, applied, failed
    state: Mapped[str] = mapped_column(String(10), default="columns")
    ends_missing: Mapped[bool] = mapped_column(default=False)
    valid_from: Mapped[datetime | None]  # None: from the moment it is applied
    all_rows: Mapped[int] = mapped_column(default=0)
    done_rows: Mapped[int] = mapped_column(default=0)
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)  # by outcome
    problem: Mapped[str] = mapped_column(String(200), default="")
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    applied_at: Mapped[datetime | None]


class RateImportLine(ResellerOwned, Base):
    """What one line of the file means for the package; rates that the file lacks follow its last line."""

    __tablename__ = "rate_import_lines"
    __table_args__ = (
        UniqueConstraint("import_id", "line"),
        Index("ix_rate_import_lines_outcome", "import_id", "outcome", "line"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("rate_imports.id"))
    line: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(8))  # added, changed, same, ended, wrong
    area_kind: Mapped[str] = mapped_column(String(8), default="")
    area: Mapped[str] = mapped_column(String(20), default="")
    name: Mapped[str] = mapped_column(String(120), default="")
    rate_e8: Mapped[int | None] = mapped_column(BigInteger)
    old_rate_e8: Mapped[int | None] = mapped_column(BigInteger)
    problem: Mapped[str] = mapped_column(String(120), default="")


class BackdatedTerms(ResellerOwned, Base):
    """Calls that start in [since, until) are priced by what the package said at ``as_of``.

    Added and never changed; of several that cover a call the newest counts.
    """

    __tablename__ = "backdated_terms"
    __table_args__ = (Index("ix_backdated_terms_package", "package_id", "since"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    package_id: Mapped[int] = mapped_column(ForeignKey("packages.id", ondelete="CASCADE"))
    since: Mapped[datetime]
    until: Mapped[datetime]
    as_of: Mapped[datetime]
    saved_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    saved_at: Mapped[datetime] = mapped_column(default=clock.now)


class FreeZone(ResellerOwned, Base):
    """Calls a package gives away: to a country, a prefix, or up to a cost per minute."""

    __tablename__ = "free_zones"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    package_id: Mapped[int] = mapped_column(ForeignKey("packages.id"), index=True)
    zone_kind: Mapped[str] = mapped_column(String(10))  # country, prefix, max_cost
    zone: Mapped[str] = mapped_column(String(20), default="")
    max_cost_e8: Mapped[int | None] = mapped_column(BigInteger)
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]


class PackageLink(SubAccountOwned, Base):
    """Which client and package a sub-account belonged to, from when to when."""

    __tablename__ = "package_links"
    __table_args__ = (
        UniqueConstraint("sub_account_id", "valid_from"),
        Index("ix_package_links_client", "reseller_id", "client_id"),
        Index("ix_package_links_day", "reseller_id", "next_billing_day", "public_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    sub_account_id: Mapped[int] = mapped_column(ForeignKey("sub_accounts.id"))
    package_id: Mapped[int | None] = mapped_column(ForeignKey("packages.id"), index=True)
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    anchor_day: Mapped[int] = mapped_column(default=1)  # 1 to 31; short months end earlier
    next_billing_day: Mapped[date | None]


class Allowance(ClientOwned, Base):
    """Free minutes used up in one period of one link. The row is the lock."""

    __tablename__ = "allowances"
    __table_args__ = (UniqueConstraint("package_link_id", "period_start"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    package_link_id: Mapped[int] = mapped_column(ForeignKey("package_links.id"))
    period_start: Mapped[date]
    used_minutes: Mapped[int] = mapped_column(default=0)

    @classmethod
    def limited_to(cls, only: Only) -> ColumnElement[bool]:
        theirs = select(PackageLink.id).where(
            PackageLink.sub_account_id.in_(sorted(only.sub_accounts))
        )
        return cls.package_link_id.in_(theirs)


class DefaultFees(ResellerOwned, Base):
    """What numbers, messages and recordings cost where nothing else is said, from an instant on."""

    __tablename__ = "default_fees"
    __table_args__ = (UniqueConstraint("reseller_id", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    valid_from: Mapped[datetime]
    did_setup: Mapped[Money] = mapped_column(default=lambda: Money(0))
    did_monthly: Mapped[Money] = mapped_column(default=lambda: Money(0))
    did_minute_e8: Mapped[int] = mapped_column(BigInteger, default=0)
    fax_setup: Mapped[Money] = mapped_column(default=lambda: Money(0))
    fax_monthly: Mapped[Money] = mapped_column(default=lambda: Money(0))
    fax_minute_e8: Mapped[int] = mapped_column(BigInteger, default=0)
    e911_setup: Mapped[Money] = mapped_column(default=lambda: Money(0))
    e911_monthly: Mapped[Money] = mapped_column(default=lambda: Money(0))
    sms_in: Mapped[Money] = mapped_column(default=lambda: Money(0))
    sms_out: Mapped[Money] = mapped_column(default=lambda: Money(0))
    mms_in: Mapped[Money] = mapped_column(default=lambda: Money(0))
    mms_out: Mapped[Money] = mapped_column(default=lambda: Money(0))
    recording_minute_e8: Mapped[int] = mapped_column(BigInteger, default=0)


class ExchangeRate(ResellerOwned, Base):
    """One unit of the carrier's currency in the reseller's, from an instant on (rulings 8)."""

    __tablename__ = "exchange_rates"
    __table_args__ = (UniqueConstraint("reseller_id", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    valid_from: Mapped[datetime]
    rate_e8: Mapped[int] = mapped_column(BigInteger)


class RateDeck(ResellerOwned, Base):
    """The carrier's rates of one route as they were read; a new reading is a new deck."""

    __tablename__ = "rate_decks"
    __table_args__ = (UniqueConstraint("reseller_id", "route", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    route: Mapped[str] = mapped_column(String(8))  # value, premium
    version: Mapped[int]
    valid_from: Mapped[datetime]
    prefixes: Mapped[int] = mapped_column(default=0)


class DeckRate(ResellerOwned, Base):
    """One prefix of a deck: what a minute costs there."""

    __tablename__ = "deck_rates"
    __table_args__ = (UniqueConstraint("deck_id", "prefix"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    deck_id: Mapped[int] = mapped_column(ForeignKey("rate_decks.id"))
    prefix: Mapped[str] = mapped_column(String(12))
    destination: Mapped[str] = mapped_column(String(120))
    rate_e8: Mapped[int] = mapped_column(BigInteger)
    increment_seconds: Mapped[int] = mapped_column(default=6)


class ServiceDefaults(ResellerOwned, Base):
    """What clients see where their package says nothing of its own."""

    __tablename__ = "service_defaults"
    __table_args__ = (UniqueConstraint("reseller_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    view: Mapped[str] = mapped_column(String(20), default="standard")
    services: Mapped[list[Any]] = mapped_column(JSON, default=list)
    hide_money: Mapped[bool] = mapped_column(default=False)


class TextCosts(ResellerOwned, Base):
    """What the carrier takes for a text from a moment on, in its own currency."""

    __tablename__ = "text_costs"
    __table_args__ = (UniqueConstraint("reseller_id", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    valid_from: Mapped[datetime]
    sms_in: Mapped[Money]
    sms_out: Mapped[Money]
    mms_in: Mapped[Money]
    mms_out: Mapped[Money]
