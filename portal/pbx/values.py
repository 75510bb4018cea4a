"""What the rest of the portal is told of sub-accounts."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from portal.carriers import Route
from portal.core.money import Money


@dataclass(frozen=True, slots=True)
class SubAccountRow:
    """One line of a list of sub-accounts; without ``client_id`` nobody is linked to it.

    ``registered`` is True (green), False (red) or None (never asked).
    """

    id: int
    public_id: uuid.UUID
    account: str
    description: str
    device: str
    registered: bool | None
    registered_checked_at: datetime | None
    is_removed: bool
    has_password: bool
    link_public_id: uuid.UUID | None
    client_id: int | None
    package_id: int | None
    package_public_id: uuid.UUID | None
    package: str
    monthly_fee: Money | None
    linked_from: datetime | None
    next_billing_day: date | None

    @property
    def username(self) -> str:
        """The part of the login after the carrier's account number."""
        return self.account.partition("_")[2] or self.account


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What creating a sub-account asks of staff."""

    username: str
    password: str
    description: str = ""
    device: str = ""

    def __repr__(self) -> str:
        return f"NewAccount(username={self.username!r}, password=…)"


class Refreshed(NamedTuple):
    """What a look at the carrier's list changed."""

    new: int
    changed: int
    removed: int


class RoutePush(NamedTuple):
    """What the carrier is to write for a sub-account: Canada's and the international route.

    ``lock`` makes sure that international calls are locked; without it the lock stays as it is.
    """

    sub_account_id: int
    account: str
    routes: tuple[Route, Route]
    lock: bool


class PushProblem(NamedTuple):
    """A sub-account the carrier has not taken the routes of; ``problem`` is a message id."""

    public_id: uuid.UUID
    account: str
    client_id: int | None
    problem: str
