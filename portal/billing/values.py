"""What the rest of the portal is told of fees."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from portal.core.money import Money
from portal.ledger import FeeKind, FeeSource


class FeeState(StrEnum):
    """Charged; waiting for money; or not to be charged, with a ``SkipCause``."""

    PAID = "paid"
    UNPAID = "unpaid"
    SKIPPED = "skipped"


class SkipCause(StrEnum):
    """Why a period was not charged."""

    FREE = "free"  # the fee was zero
    LATE = "late"  # more periods were missed than are charged afterwards
    GONE = "gone"  # the number was no longer at the carrier
    WAIVED = "waived"  # somebody let the client off


class Ran(NamedTuple):
    """What a run did for one client."""

    paid: int = 0
    unpaid: int = 0
    skipped: int = 0
    amount: Money = Money(0)

    def __bool__(self) -> bool:
        return bool(self.paid or self.unpaid or self.skipped)

    def plus(self, *, skipped: int) -> Ran:
        """The same with more that was skipped."""
        return self._replace(skipped=self.skipped + skipped)


@dataclass(frozen=True, slots=True)
class FeeRow:
    """A fee that has fallen due, as a list shows it."""

    public_id: uuid.UUID
    client_id: int
    kind: FeeKind
    description: str
    first_day: date
    next_day: date
    amount: Money
    state: FeeState
    cause: str
    words: str
    tried_at: datetime | None
    item: uuid.UUID

    @property
    def source_id(self) -> str:
        """Its name in the books, once it is charged."""
        return str(FeeSource(self.kind, self.item, self.first_day))


@dataclass(frozen=True, slots=True)
class ComingFee:
    """A fee that will fall due; ``item`` is the link, number or add-on it is for."""

    client_id: int
    kind: FeeKind
    item: uuid.UUID
    description: str
    day: date
    amount: Money


@dataclass(frozen=True, slots=True)
class AddOnRow:
    """An add-on of a client; without a ``next_day`` it has ended."""

    public_id: uuid.UUID
    client_id: int
    description: str
    amount: Money
    anchor_day: int
    next_day: date | None
    until: date | None


@dataclass(frozen=True, slots=True)
class Rules:
    """How a reseller bills. ``most_periods``: of missed ones, how many of each item are charged."""

    most_periods: int = 3
    keeps_inbound: bool = True
