"""Words and values of payments."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from portal.core.money import Money
from portal.core.tax_parts import TaxPart

MANUAL = "manual"
PAYPAL = "paypal"
PAYPAL_EMAIL = "paypal_email"
STRIPE = "stripe"
PRACTICE = "practice"
GATEWAYS = (PAYPAL, PAYPAL_EMAIL, STRIPE, PRACTICE)
"""Those that a client may be offered, in this order."""


class IntentState(StrEnum):
    """How far a payment is."""

    NEW = "new"  # written down; the gateway does not know of it yet
    WAITING = "waiting"  # the payer is at the gateway
    PENDING = "pending"  # the payer has done their part, the gateway is not sure yet
    UNKNOWN = "unknown"  # a saved card was charged and no answer came
    PAID = "paid"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    FAILED = "failed"  # the gateway could not be reached; nothing was taken
    EXPIRED = "expired"  # nobody came back


class RefundState(StrEnum):
    """How far a refund is that staff asked for."""

    ASKED = "asked"
    PENDING = "pending"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"  # after the gateway had made it: the money is on the balance again


OPEN = (IntentState.NEW, IntentState.WAITING, IntentState.PENDING, IntentState.UNKNOWN)
"""Still to be decided. Money that arrives for the others is taken all the same: it is there."""


@dataclass(frozen=True, slots=True)
class Intent:
    """A payment that somebody began. ``amount`` is credited; ``total``, with the tax, is paid."""

    id: int
    public_id: uuid.UUID
    client_id: int
    gateway: str
    amount: Money
    tax: Money
    taxes: tuple[TaxPart, ...]  # each of what ``tax`` is
    currency: str
    payee: str
    live: bool
    automatic: bool  # a saved card, without the client
    state: IntentState
    gateway_ref: str
    capture_ref: str
    redirect_url: str
    problem: str
    taken_back: Money  # of ``amount``, by refunds and disputes
    description: str
    created_at: datetime
    settled_at: datetime | None

    @property
    def total(self) -> Money:
        """What the payer pays."""
        return self.amount + self.tax

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def left(self) -> Money:
        """What could still go back."""
        paid = self.amount if self.state is IntentState.PAID else Money(0)
        return paid - self.taken_back


@dataclass(frozen=True, slots=True)
class GatewayAccount:
    """A reseller's account at one gateway, unsealed. ``hook`` is the secret in its webhook's address."""

    name: str
    on: bool
    live: bool
    public: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)
    hook: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PaymentTerms:
    """Which amounts clients may pay: the list, or anything between two limits."""

    amounts: tuple[Money, ...]
    free_amount: bool
    minimum: Money
    maximum: Money


@dataclass(frozen=True, slots=True)
class SavedCard:
    """A card as the gateway keeps it: the customer's reference and the card's."""

    customer_ref: str
    card_ref: str


@dataclass(frozen=True, slots=True)
class Saving:
    """A page at a gateway on which a client types a card."""

    id: int
    public_id: uuid.UUID
    client_id: int
    gateway: str
    customer_ref: str
    gateway_ref: str
    began_at: datetime
    is_done: bool


@dataclass(frozen=True, slots=True)
class Card:
    """A client's card, as far as we know it. ``problem`` is why it was declined last."""

    id: int
    public_id: uuid.UUID
    gateway: str
    brand: str
    last4: str
    expires_month: int
    expires_year: int
    is_default: bool
    problem: str
    at_gateway: SavedCard = field(repr=False)

    @property
    def name(self) -> str:
        return f"{self.brand.title()} {self.last4}"


class RunState(StrEnum):
    """How far a top-up is that a fall below the threshold began."""

    WAITING = "waiting"  # for its next step
    CHARGING = "charging"
    PAID = "paid"
    NOT_NEEDED = "not_needed"  # the balance rose by itself
    STOPPED = "stopped"  # after the last step, or the client switched it off


@dataclass(frozen=True, slots=True)
class TopUpTerms:
    """What a client has chosen. ``stopped`` is why it switched itself off."""

    on: bool
    threshold: Money
    amount: Money
    ceiling: Money
    stopped: str = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a top-up, for the page. ``problem`` is empty when it went well or is not decided."""

    at: datetime
    amount: Money
    card: str
    state: IntentState | None
    problem: str
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Wish:
    """A charge that is to be made now."""

    intent: Intent
    card: SavedCard
