"""What pricing answers with: links, fees, package details."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, NamedTuple, Protocol

from portal.core.money import ZERO, Money
from portal.rating import Rater

Route = Literal["value", "premium"]
ROUTES: tuple[Route, ...] = ("value", "premium")


class Link(NamedTuple):
    """A sub-account as it belonged to a client, under a package or none, from when to when.

    ``zone`` is the reseller's time zone by name: free minutes are counted from its midnights, and a
    client's own zone changes only how times are shown (rulings 11).
    """

    id: int
    sub_account_id: int
    client_id: int
    package_id: int | None
    valid_from: datetime
    valid_to: datetime | None
    anchor_day: int
    zone: str


class Version(NamedTuple):
    """The terms in force, ready to rate with. ``id`` is None without a package."""

    id: int | None
    package_id: int | None
    package: str
    valid_from: datetime | None
    free_minutes: int
    rater: Rater
    canada_route: str = "premium"
    international_route: str = "value"


class Holder(NamedTuple):
    """Who held a sub-account at a moment, and the terms of a call that started then.

    ``terms_at`` is the moment at which those terms are read: the call's start, unless they were
    backdated.
    """

    link: Link
    version: Version
    terms_at: datetime


class MessageFees(Protocol):
    """Whatever says what a text costs: a connected number, or the reseller's defaults."""

    @property
    def sms_in(self) -> Money: ...
    @property
    def sms_out(self) -> Money: ...
    @property
    def mms_in(self) -> Money: ...
    @property
    def mms_out(self) -> Money: ...


@dataclass(frozen=True, slots=True)
class Fees:
    """A reseller's default fees; ``…_minute_e8`` is per minute in 1e-8 units."""

    did_setup: Money = ZERO
    did_monthly: Money = ZERO
    did_minute_e8: int = 0
    fax_setup: Money = ZERO
    fax_monthly: Money = ZERO
    fax_minute_e8: int = 0
    e911_setup: Money = ZERO
    e911_monthly: Money = ZERO
    sms_in: Money = ZERO
    sms_out: Money = ZERO
    mms_in: Money = ZERO
    mms_out: Money = ZERO
    recording_minute_e8: int = 0


@dataclass(frozen=True, slots=True)
class PackageDetails:
    """Everything a version of a package says, as the editor gives and gets it.

    Rates per minute in 1e-8 units, percent in 1e-4 percent points (20 % is 200,000).
    ``first_increment_seconds`` None: the first step is a pulse. ``services`` and ``view`` count only
    with ``own_services``; else the reseller's defaults hold.
    """

    name: str
    markup_fixed_e8: int = 0
    markup_percent_e4: int = 0
    pulse_seconds: int = 6
    first_increment_seconds: int | None = None
    canada_route: str = "premium"
    international_route: str = "value"
    onnet_free: bool = False
    monthly_fee: Money = ZERO
    setup_fee: Money = ZERO
    free_minutes: int = 0
    client_may_edit: bool = False
    own_services: bool = False
    view: str = "standard"
    services: tuple[str, ...] = field(default=())
    hide_money: bool = False


@dataclass(frozen=True, slots=True)
class PackageRow:
    """One line of the list of packages; ``users`` counts the sub-accounts on it now.

    ``newest_from`` is since when the newest terms hold, or will: later than now, they are planned.
    """

    id: int
    public_id: uuid.UUID
    sequence: int
    retired_at: datetime | None
    details: PackageDetails
    users: int
    clients: int
    area_rates: int
    free_zones: int
    newest_from: datetime


@dataclass(frozen=True, slots=True)
class AreaRateRow:
    """A package's own rate for an area, in force or to come. ``valid_to`` None: until further notice."""

    public_id: uuid.UUID
    kind: str
    area: str
    rate_e8: int
    valid_from: datetime
    valid_to: datetime | None
    name: str = ""
    country: str = ""


class ImportState(StrEnum):
    """How far a file of rates has come."""

    COLUMNS = "columns"
    COMPARING = "comparing"
    COMPARED = "compared"
    APPLYING = "applying"
    APPLIED = "applied"
    FAILED = "failed"


class Outcome(StrEnum):
    """What one line of a file means for the package."""

    ADDED = "added"
    CHANGED = "changed"
    ENDED = "ended"
    SAME = "same"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class RateImportRow:
    """A file of area rates; ``percent`` while it is worked on, ``counts`` of lines by outcome."""

    id: int
    public_id: uuid.UUID
    file_name: str
    stored_as: str
    sheet: dict[str, Any]
    columns: dict[str, int]
    state: ImportState
    ends_missing: bool
    valid_from: datetime | None
    all_rows: int
    percent: int | None
    counts: dict[str, int]
    problem: str
    created_at: datetime
    applied_at: datetime | None


class RateImportLineRow(NamedTuple):
    """One line of a comparison."""

    line: int
    outcome: str
    kind: str
    area: str
    name: str
    rate_e8: int | None
    old_rate_e8: int | None
    problem: str


@dataclass(frozen=True, slots=True)
class FreeZoneRow:
    """Where a package's calls are free."""

    public_id: uuid.UUID
    kind: str
    zone: str
    max_cost_e8: int | None
    valid_from: datetime
    valid_to: datetime | None
