"""Words and values of payments."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from portal.core.money import Money

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
