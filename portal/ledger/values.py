"""Words and values of the books."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from portal.core.money import Money


class AccountKind(StrEnum):
    """A client's wallet, and the reseller's accounts on the other side of every transfer."""

    WALLET = "wallet"
    PAYMENTS = "payments"
    CALLS = "calls"
    RECORDINGS = "recordings"
    MESSAGES = "messages"
    FAXES = "faxes"
    FEES = "fees"
    MANUAL = "manual"
    TAXES = "taxes"


class Reason(StrEnum):
    """What a transfer is, as the history shows it. Usage is folded into a line per posting day."""

    CALL = "call"
    RECORDING = "recording"
    SMS = "sms"
    MMS = "mms"
    FAX = "fax"
    PACKAGE_FEE = "package_fee"
    SETUP_FEE = "setup_fee"
    DID_FEE = "did_fee"
    FAX_FEE = "fax_fee"
    E911_FEE = "e911_fee"
    ADD_ON_FEE = "add_on_fee"
    PAYMENT = "payment"
    REFUND = "refund"
    CHARGE = "charge"
    REVERSAL = "reversal"
    CORRECTION = "correction"
    TAX = "tax"
    CREDIT_NOTE = "credit_note"


USAGE = (Reason.CALL, Reason.RECORDING, Reason.SMS, Reason.MMS, Reason.FAX)
FEES = (
    Reason.PACKAGE_FEE,
    Reason.SETUP_FEE,
    Reason.DID_FEE,
    Reason.FAX_FEE,
    Reason.E911_FEE,
    Reason.ADD_ON_FEE,
)
# What came in, and what of it went back: a refund, or a dispute that was opened, won or lost.
DEPOSITS = (Reason.PAYMENT, Reason.REFUND)
SINGLE = (
    *FEES,
    *DEPOSITS,
    Reason.CHARGE,
    Reason.REVERSAL,
    Reason.CORRECTION,
    Reason.TAX,
    Reason.CREDIT_NOTE,
)
REVERSIBLE = (*FEES, Reason.PAYMENT, Reason.CHARGE)

ACCOUNT_OF = {
    Reason.CALL: AccountKind.CALLS,
    Reason.RECORDING: AccountKind.RECORDINGS,
    Reason.SMS: AccountKind.MESSAGES,
    Reason.MMS: AccountKind.MESSAGES,
    Reason.FAX: AccountKind.FAXES,
    Reason.PACKAGE_FEE: AccountKind.FEES,
    Reason.SETUP_FEE: AccountKind.FEES,
    Reason.DID_FEE: AccountKind.FEES,
    Reason.FAX_FEE: AccountKind.FEES,
    Reason.E911_FEE: AccountKind.FEES,
    Reason.ADD_ON_FEE: AccountKind.FEES,
    Reason.PAYMENT: AccountKind.PAYMENTS,
    Reason.REFUND: AccountKind.PAYMENTS,
    Reason.CHARGE: AccountKind.MANUAL,
    Reason.TAX: AccountKind.TAXES,
    Reason.CREDIT_NOTE: AccountKind.MANUAL,
}


class FeeKind(StrEnum):
    """What a fee is for: the first word of its source in the books."""

    PACKAGE = "package"
    DID = "did"
    FAX = "fax"
    E911 = "e911"
    ADD_ON = "add_on"
    SETUP = "setup"
    E911_SETUP = "e911_setup"


FEE = "fee"  # the source type of every fee

REASON_OF_FEE = {
    FeeKind.PACKAGE: Reason.PACKAGE_FEE,
    FeeKind.DID: Reason.DID_FEE,
    FeeKind.FAX: Reason.FAX_FEE,
    FeeKind.E911: Reason.E911_FEE,
    FeeKind.ADD_ON: Reason.ADD_ON_FEE,
    FeeKind.SETUP: Reason.SETUP_FEE,
    FeeKind.E911_SETUP: Reason.SETUP_FEE,
}


class FeeSource(NamedTuple):
    """Which fee: its kind, the link, number or add-on it is for, the first day of its period.

    ``str`` of it is the ``source_id`` of the books, by which a fee is charged once for ever.
    """

    kind: FeeKind
    item: uuid.UUID
    first_day: date

    def __str__(self) -> str:
        return f"{self.kind.value}:{self.item}:{self.first_day.isoformat()}"

    @classmethod
    def parse(cls, source_id: str) -> FeeSource:
        """The fee of a ``source_id``."""
        kind, item, first_day = source_id.split(":")
        return cls(FeeKind(kind), uuid.UUID(item), date.fromisoformat(first_day))


class CostKind(StrEnum):
    """What the carrier takes money for."""

    CALL = "call"
    TEXT = "text"
    FAX = "fax"
    NUMBER = "number"
    OTHER = "other"


class HoldState(StrEnum):
    """Money a client has set aside: still held, paid, or given back."""

    HELD = "held"
    POSTED = "posted"
    VOIDED = "voided"


@dataclass(frozen=True, slots=True)
class Charge:
    """What a client owes for one thing. ``seconds`` only feeds the roll-up of usage.

    ``occurred_at`` is when the thing itself happened, where that is not the moment of posting.
    """

    client_id: int
    amount: Money
    reason: Reason
    source_type: str
    source_id: str
    kind: str
    description: str = ""
    occurred_at: datetime | None = None
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class Posted:
    """What the books hold for a source. ``new`` is false when it stood there already.

    Without a ``public_id`` nothing was to be paid, and nothing was written.
    """

    public_id: uuid.UUID | None
    amount: Money
    new: bool


@dataclass(frozen=True, slots=True)
class Held:
    """Money set aside for a source. ``new`` is false when the hold was there already."""

    amount: Money
    state: HoldState
    new: bool


@dataclass(frozen=True, slots=True)
class UsageDelta:
    """Usage that was posted: what one client owes more for one reason on one posting day."""

    client_id: int
    posting_day: date
    reason: Reason
    items: int
    seconds: int
    amount: Money


@dataclass(frozen=True, slots=True)
class CostDelta:
    """What the carrier took more for one thing; without a client it is nobody's."""

    client_id: int | None
    kind: CostKind
    amount: Money


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a client's wallet stands. ``floor`` is what the client may not go below by itself."""

    balance: Money
    held: Money
    floor: Money | None

    @property
    def available(self) -> Money:
        return self.balance - self.held

    @property
    def owed(self) -> Money:
        """A balance below zero as the positive amount that the client owes."""
        return max(-self.balance, Money(0))


class LowBalance(NamedTuple):
    """A client whose balance is below zero, or below the ``threshold`` they are warned at."""

    client_id: int
    balance: Money
    threshold: Money | None

    @property
    def owes(self) -> bool:
        """Is it below zero?"""
        return self.balance < Money(0)


class HistoryKind(StrEnum):
    """Which lines of a history to show. A reversal belongs to the kind of what it reverses."""

    ALL = "all"
    PAYMENTS = "payments"
    CHARGES = "charges"
    USAGE = "usage"
    FEES = "fees"


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """Posting days in the reseller's zone, both included; without them, everything.

    ``fold_reversed`` leaves out both halves of every reversed pair, as if neither had been. ``text``
    is looked for in descriptions, which usage has none of.
    """

    first: date | None = None
    last: date | None = None
    kind: HistoryKind = HistoryKind.ALL
    fold_reversed: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a history: a single transfer, or a posting day's usage of one reason.

    ``amount`` is above zero when the client is better off; ``balance`` is the wallet after it.
    Usage has ``items`` and ``seconds`` and no ``public_id``; ``usage_items`` lists what is in it.
    ``reversal_of`` or ``reversed_by`` names the other half of a reversed pair.
    """

    day: date
    reason: Reason
    amount: Money
    balance: Money
    description: str = ""
    items: int = 0
    seconds: int = 0
    public_id: uuid.UUID | None = None
    posted_at: datetime | None = None
    occurred_at: datetime | None = None
    reversal_of: uuid.UUID | None = None
    reversed_by: uuid.UUID | None = None

    @property
    def is_usage(self) -> bool:
        return self.reason in USAGE

    @property
    def can_be_reversed(self) -> bool:
        return self.reason in REVERSIBLE and self.reversed_by is None


@dataclass(frozen=True, slots=True)
class Totals:
    """A period in four numbers: opening + payments - charges = closing."""

    opening: Money
    payments: Money
    charges: Money
    closing: Money


@dataclass(frozen=True, slots=True)
class UsageItem:
    """One charge inside a line of usage. ``source_type`` and ``source_id`` say what it is for."""

    public_id: uuid.UUID
    source_type: str
    source_id: str
    description: str
    amount: Money
    posted_at: datetime
    occurred_at: datetime | None


class MonthSum(NamedTuple):
    """A month's transfers of one reason with one of the reseller's accounts.

    ``amount`` is above zero when clients owe more by it: charges, refunds; below: payments.
    """

    month: date
    account: AccountKind
    reason: Reason
    items: int
    seconds: int
    amount: Money


class ClientSum(NamedTuple):
    """The same of one client over a period."""

    client_id: int | None
    account: AccountKind
    reason: Reason
    amount: Money


@dataclass(frozen=True, slots=True)
class UsageSum:
    """Usage of one reason over some posting days."""

    reason: Reason
    items: int
    seconds: int
    amount: Money


class LateUsage(NamedTuple):
    """Usage that was posted after the days it belongs to."""

    reason: Reason
    source_type: str
    source_id: str
    occurred_at: datetime
    amount: Money


class Single(NamedTuple):
    """A transfer that is no usage, as a paper needs it; ``amount`` is above zero when it is owed.

    ``about`` is what it is or undoes; ``origin_day`` the posting day of what it undoes or corrects.
    """

    public_id: uuid.UUID
    reason: Reason
    about: Reason
    amount: Money
    description: str
    source_type: str
    source_id: str
    posted_at: datetime
    posting_day: date
    occurred_at: datetime | None
    origin_day: date | None
    origin: uuid.UUID | None
