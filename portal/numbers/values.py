"""What the rest of the portal is told of numbers."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from portal.core.money import ZERO, Money


class DidOwner(NamedTuple):
    """To whom a number was connected at a moment, and at which fees.

    ``minute_rate_e8`` is what the client pays per minute of an inbound call, in 1e-8 units.
    """

    did_id: int
    link_id: int
    number: str
    client_id: int
    sub_account_id: int | None
    label: str
    minute_rate_e8: int
    sms_in: Money
    sms_out: Money
    mms_in: Money
    mms_out: Money
    valid_from: datetime
    valid_to: datetime | None


class Routing(NamedTuple):
    """Where calls go, as the carrier writes it: ``account:100482_front`` is a kind and a target."""

    kind: str
    target: str


@dataclass(frozen=True, slots=True)
class DidRow:
    """One line of a list of numbers; without a client it is free to be connected."""

    id: int
    public_id: uuid.UUID
    number: str
    description: str
    routing: Routing
    sms_available: bool
    sms_enabled: bool
    is_gone: bool
    link_public_id: uuid.UUID | None
    client_id: int | None
    sub_account_id: int | None
    label: str
    setup_fee: Money
    monthly_fee: Money
    minute_rate_e8: int
    sms_in: Money
    sms_out: Money
    mms_in: Money
    mms_out: Money
    next_billing_day: date | None

    @property
    def is_free(self) -> bool:
        """Is nobody connected to it?"""
        return self.client_id is None and not self.is_gone


@dataclass(frozen=True, slots=True)
class DidFees:
    """The fees agreed for a number; prefilled from the reseller's defaults."""

    setup: Money = ZERO
    monthly: Money = ZERO
    minute_e8: int = 0
    sms_in: Money = ZERO
    sms_out: Money = ZERO
    mms_in: Money = ZERO
    mms_out: Money = ZERO


class SmsChoice(NamedTuple):
    """A number that a client may send texts from."""

    did_id: int
    public_id: uuid.UUID
    number: str
    label: str


@dataclass(frozen=True, slots=True)
class CallbackPush:
    """The callback the carrier is to have for a number; the address carries a secret."""

    did_id: int
    number: str
    url: str = field(repr=False)


class PushProblem(NamedTuple):
    """A number the carrier has not taken the callback of; ``problem`` is a message id."""

    public_id: uuid.UUID
    number: str
    client_id: int | None
    problem: str


class Inventory(NamedTuple):
    """What a look at the carrier's list changed."""

    new: int
    changed: int
    gone: int


class DidBook:
    """Who had which number when, for a window of time: look-ups without the database."""

    def __init__(self, owners: Sequence[DidOwner], dids: dict[str, int]) -> None:
        self._owners: dict[str, list[DidOwner]] = {}
        for owner in owners:
            self._owners.setdefault(owner.number, []).append(owner)
        self._dids = dids

    def at(self, number: str, moment: datetime) -> DidOwner | None:
        """The owner of a number (E.164) at a moment; None when it was nobody's or is not ours."""
        for owner in reversed(self._owners.get(number, ())):
            if owner.valid_from <= moment and (owner.valid_to is None or moment < owner.valid_to):
                return owner
        return None

    def did_id(self, number: str) -> int | None:
        """The id of a number the reseller has or had, whoever it belonged to."""
        return self._dids.get(number)


def routing_of(text: str) -> Routing:
    """Read the carrier's ``header:value``; ``none:`` and nonsense go nowhere."""
    kind, _, target = text.partition(":")
    return Routing(kind or "none", target)
