"""What a payment gateway is to the rest of the portal: one Protocol and plain values.

Every text in these values came from the outside and is hostile: the adapter has cut it to a sane
length, templates escape it. Amounts are what the payer pays, tax included (``Intent.total``).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from portal.core.errors import DomainError
from portal.core.money import ZERO, Money
from portal.payments.values import Intent, SavedCard

ARRIVED: Final = "x-arrived"
"""Our own note of when a message came, beside its headers: it may be read much later."""


class Forged(DomainError):
    """A message that the gateway did not write, or not to this reseller."""

    code = "forged"


class Unreadable(DomainError):
    """A message in which something is missing, or that is none at all."""

    code = "unreadable"


class GatewayAway(DomainError):
    """No usable answer. ``maybe_done`` says whether what was asked may have happened."""

    code = "gateway_away"

    def __init__(self, message: str, *, maybe_done: bool) -> None:
        super().__init__(message)
        self.maybe_done = maybe_done


class GatewayRefuses(DomainError):
    """The gateway does not accept our login, or what was asked; trying again would not mend it."""

    code = "gateway_refuses"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the payer comes back to, where the gateway calls us, and where a page of ours plays it."""

    back: str
    cancel: str
    notify: str
    practice: str


@dataclass(frozen=True, slots=True)
class Redirect:
    """Where the payer goes now, and what the gateway calls this payment."""

    url: str
    gateway_ref: str
    payee: str = ""  # whose account it will be, where only the gateway knows


@dataclass(frozen=True, slots=True)
class GivenBack:
    """A refund as the gateway lists it. ``ref`` names it for ever."""

    ref: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Capture:
    """Money that the gateway has for the reseller. ``payee`` is whose account it went to."""

    gateway_ref: str
    capture_ref: str
    amount: Money
    currency: str
    payee: str
    live: bool
    intent: uuid.UUID | None = None  # whose payment this is, as the gateway kept it for us
    fee: Money | None = None
    refunds: tuple[GivenBack, ...] = ()


@dataclass(frozen=True, slots=True)
class Pending:
    """Nothing is decided. ``paid``: the payer has done their part, the gateway waits for something."""

    paid: bool = False
    sentence: str = ""
    ref: str = ""  # of a refund that waits


@dataclass(frozen=True, slots=True)
class Refusal:
    """There will be no money. ``sentence`` is for the client's eyes."""

    code: str
    sentence: str = ""
    cancelled: bool = False  # by the payer


@dataclass(frozen=True, slots=True)
class Unknown:
    """No answer to a charge that may have happened. It is looked up, never asked for blindly again."""


Outcome = Capture | Pending | Refusal | Unknown


@dataclass(frozen=True, slots=True)
class CardSaved:
    """A card that its owner typed on the gateway's page, to be charged later."""

    customer_ref: str
    card_ref: str
    brand: str
    last4: str
    expires_month: int
    expires_year: int


class HeardKind(StrEnum):
    """What a message is about. A payment that moved is read from the gateway before anything happens."""

    MOVED = "moved"
    REFUNDED = "refunded"
    REFUND_FAILED = "refund_failed"  # after it was made: the money came back to the reseller
    DISPUTE_OPENED = "dispute_opened"
    DISPUTE_WON = "dispute_won"
    DISPUTE_LOST = "dispute_lost"
    REVERSED = "reversed"
    CARD_SAVED = "card_saved"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Heard:
    """A message whose sender is proven. ``ref`` names the refund or the dispute it is about.

    ``amount`` is what went back, or is in dispute. ``outcome``: a gateway that cannot be asked
    again says here what became of the payment.
    """

    event_id: str
    kind: HeardKind
    gateway_ref: str = ""
    capture_ref: str = ""
    intent: uuid.UUID | None = None
    ref: str = ""
    amount: Money = ZERO
    currency: str = ""
    at: datetime | None = None
    outcome: Capture | Pending | Refusal | None = None


class Gateway(Protocol):
    """One reseller's account at a gateway, ready to be asked. No transaction is open meanwhile.

    Any call but ``parse`` may raise GatewayAway or GatewayRefuses.
    """

    name: str

    def begin(self, intent: Intent, addresses: Addresses) -> Redirect:
        """Have the gateway expect this payment; again for the same intent is the same payment."""

    def read(self, intent: Intent) -> Outcome:
        """Ask what became of ``intent.gateway_ref``, and take the money where the payer agreed."""

    def parse(self, headers: Mapping[str, str], body: bytes) -> Heard:
        """What a message says; raises Forged or Unreadable. May ask the gateway whether it is real."""

    def refund(self, intent: Intent, amount: Money, *, key: str) -> GivenBack | Pending | Refusal:
        """Give part of a capture back, or all; the same ``key`` again is the same refund."""

    def charge_saved(self, intent: Intent, card: SavedCard) -> Outcome:
        """Take the money from a saved card, without the payer; twice for one intent is once."""

    def try_out(self) -> str:
        """Try the login: a sentence about what answered."""


class SavesCards(Protocol):
    """A gateway that keeps cards for their owners. The rules are those of Gateway."""

    name: str

    def new_customer(self, *, name: str, email: str, mark: str) -> str:
        """Whom cards are kept for; the same ``mark`` again is the same customer."""

    def begin_saving(self, customer_ref: str, *, mark: str, addresses: Addresses) -> Redirect:
        """A page on which a card is typed and nothing is paid."""

    def saved(self, gateway_ref: str) -> CardSaved | None:
        """The card that was typed on such a page; None while nobody has."""

    def charge_saved(self, intent: Intent, card: SavedCard) -> Outcome:
        """Take the money from a saved card, without the payer; twice for one intent is once."""

    def read(self, intent: Intent) -> Outcome:
        """What became of a charge; Unknown while the gateway knows of none."""

    def forget(self, card: SavedCard) -> None:
        """Let go of a card; one that is gone already is fine."""
