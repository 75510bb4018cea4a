"""Words and plain data of papers: invoices, receipts and credit notes."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from portal.core.money import ZERO, Money
from portal.core.tax_parts import TaxPart


class Mode(StrEnum):
    """What a client gets: nothing, a receipt for each payment, or an invoice for each month."""

    NONE = "none"
    RECEIPT = "receipt"
    MONTHLY = "monthly"


class PaperKind(StrEnum):
    """Each kind has its own row of numbers."""

    INVOICE = "invoice"
    RECEIPT = "receipt"
    CREDIT = "credit"


class Month(StrEnum):
    """What became of a client's month."""

    ISSUED = "issued"
    EMPTY = "empty"  # nothing to charge: no paper, and no number used
    CARRIED = "carried"  # corrections outweigh the charges: they go on the next invoice


@dataclass(frozen=True, slots=True)
class InvoiceSettings:
    """How a reseller writes papers. ``since`` is the first day that the mode holds for."""

    mode: Mode = Mode.NONE
    since: date | None = None
    inclusive: bool = True
    invoice_prefix: str = "INV-"
    receipt_prefix: str = "RCT-"
    credit_prefix: str = "CN-"
    footer: str = ""

    def prefix_of(self, kind: PaperKind) -> str:
        """What stands before the year and the number."""
        return {
            PaperKind.INVOICE: self.invoice_prefix,
            PaperKind.RECEIPT: self.receipt_prefix,
            PaperKind.CREDIT: self.credit_prefix,
        }[kind]


@dataclass(frozen=True, slots=True)
class Wish:
    """A client's mode and since when; ``own`` when it differs from the reseller's."""

    mode: Mode
    since: date | None
    own: bool


@dataclass(frozen=True, slots=True)
class TaxDetails:
    """The form of a tax: whom it is for (country, regions; none are all), how much, and when."""

    name: str
    percent_e4: int
    number: str = ""
    country: str = "CA"
    regions: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class TaxRow:
    """A saved tax."""

    id: int
    public_id: uuid.UUID
    details: TaxDetails

    def in_force(self, day: date) -> bool:
        """Does it hold on this day?"""
        since, until = self.details.valid_from, self.details.valid_until
        return (since is None or since <= day) and (until is None or day <= until)


@dataclass(frozen=True, slots=True)
class ExemptionDetails:
    """Why a client does not pay a tax; without a tax, any."""

    tax: uuid.UUID | None
    reason: str
    number: str = ""


@dataclass(frozen=True, slots=True)
class ExemptionRow:
    """A saved exemption. ``tax_name`` is empty when it is for every tax."""

    public_id: uuid.UUID
    tax_id: int | None
    tax_name: str
    reason: str
    number: str


class Duty(NamedTuple):
    """A tax that a client pays on a day, or is exempt from: then with a reason."""

    name: str
    percent_e4: int
    number: str
    exempt_reason: str = ""
    exempt_number: str = ""


@dataclass(frozen=True, slots=True)
class Party:
    """Seller or buyer as the paper names them."""

    title: str
    lines: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    phone: str = ""
    email: str = ""
    website: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class PaperLine:
    """One line: words at issue, and amounts in micro-units. ``posting`` names what it is in the books, where
    that is one.
    """

    kind: str
    text: str
    amount: Money
    items: int = 0
    seconds: int = 0
    note: str = ""
    taxes: tuple[str, ...] = ()
    posting: str = ""


@dataclass(frozen=True, slots=True)
class PaperTax:
    """One tax of a paper: on what, how much, under which registration number."""

    name: str
    percent_e4: int
    number: str
    base: Money
    amount: Money


@dataclass(frozen=True, slots=True)
class PaperExemption:
    """A tax that is not on the paper, and why."""

    name: str
    reason: str
    number: str


@dataclass(frozen=True, slots=True)
class PaperPayment:
    """A payment of the period."""

    day: date
    text: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Content:
    """All that a paper says, as it was at issue. The PDF is made from it, now and in ten years."""

    kind: PaperKind
    number: str
    language: str
    paper: str
    currency: str
    digits: int
    zone: str
    issued: date
    first: date
    last: date
    seller: Party
    buyer: Party
    brand: str
    colours: dict[str, str]
    logo: str
    logo_is_name: bool
    inclusive: bool
    lines: tuple[PaperLine, ...]
    taxes: tuple[PaperTax, ...]
    exemptions: tuple[PaperExemption, ...]
    basis: Money  # the sum of the lines
    net: Money
    tax: Money
    total: Money
    payments: tuple[PaperPayment, ...] = ()
    due: Money = ZERO  # what the balance did not cover at issue
    footer: str = ""
    credits: str = ""  # the number of the paper that a credit note is for
    reason: str = ""
    covers: tuple[str, ...] = ()  # transfers that a credit note answers for
    tax_posted: bool = False  # the taxes are a charge of their own in the books


@dataclass(frozen=True, slots=True)
class PricePaid:
    """What paying in comes to: net + taxes = total, on top of what is credited or inside it."""

    net: Money
    taxes: tuple[TaxPart, ...]
    total: Money
    on_top: bool
    exemptions: tuple[PaperExemption, ...] = ()


class PaperRow(NamedTuple):
    """A paper in a list."""

    id: int
    public_id: uuid.UUID
    kind: PaperKind
    number: str
    client_id: int | None
    title: str
    issued_at: datetime
    issued_day: date
    first_day: date
    last_day: date
    net: Money
    tax: Money
    total: Money
    due: Money
    credits_number: str
    credited: Money


@dataclass(frozen=True, slots=True)
class PaperFilter:
    """What a list of papers shows. ``text`` is looked for in numbers and names."""

    client_id: int | None = None
    kind: PaperKind | None = None
    text: str = ""
    first: date | None = None
    last: date | None = None
    newest_first: bool = True


@dataclass(frozen=True, slots=True)
class MadePaper:
    """What a service says of a paper it made."""

    id: int
    public_id: uuid.UUID
    kind: PaperKind
    number: str
    total: Money


@dataclass(frozen=True, slots=True)
class MonthDone:
    """What became of one client's month: the papers it led to."""

    month: Month
    invoice: MadePaper | None = None
    credits: tuple[MadePaper, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """What a month would be, before it is issued."""

    client_id: int
    month: date
    outcome: Month
    content: Content | None = None
    credited: Money = ZERO


class LogoFile(NamedTuple):
    """The logo a paper was issued with."""

    content: bytes
    media_type: str


class FileState(NamedTuple):
    """The PDF of a paper: where it is, and whether it was mailed."""

    stored_as: str
    mailed_at: datetime | None


def as_json(value: Any) -> Any:
    """Plain data for the snapshot: money in micro-units, days in ISO."""
    if isinstance(value, Money):
        return value.micros
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value):
        return {one.name: as_json(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, dict):
        return {key: as_json(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_json(one) for one in value]
    return value
