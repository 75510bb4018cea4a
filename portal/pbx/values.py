"""What the rest of the portal is told of sub-accounts."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from portal.carriers import LineSettings, Route
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


class LineLock(NamedTuple):
    """Whether calls abroad are locked at the carrier, as it said last; not known is not locked."""

    client_id: int
    package_id: int | None
    locked: bool


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What creating a sub-account asks of staff."""

    username: str
    password: str
    description: str = ""
    device: str = ""
    line: LineSettings = field(default_factory=LineSettings)

    def __repr__(self) -> str:
        return f"NewAccount(username={self.username!r}, password=…)"


# What the carrier takes, value by value; the words for them are the pages' business.
PROTOCOLS = ("1", "3")
AUTH_TYPES = ("1", "2")
DEVICE_TYPES = ("2", "1")
CODECS = ("ulaw", "alaw", "g729", "gsm", "g722", "opus")
DTMF_MODES = ("auto", "rfc2833", "inband", "info")
NAT_MODES = ("yes", "no", "route", "never")
MUSIC = ("default", "jazz", "classical")
LANGUAGES = ("en", "fr", "es")


class AccountOrderState(StrEnum):
    """How far the creation of a sub-account is."""

    WORKING = "working"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class AccountOrderRow:
    """A sub-account on its way to the carrier, as pages show it."""

    public_id: uuid.UUID
    client_id: int
    username: str
    state: AccountOrderState
    problem: str
    ordered_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class AccountWork:
    """The same in the hands of one run of its job. ``asked``: the carrier may have made it already."""

    id: int
    new: NewAccount
    asked: bool
    lease_number: int


class Refreshed(NamedTuple):
    """What a look at the carrier's list changed."""

    new: int
    changed: int
    removed: int


class RoutePush(NamedTuple):
    """What the carrier is to write for a sub-account: Canada's and the international route.

    ``lock`` closes or opens the lock on international calls; None leaves it as it is, like ``routes``.
    ``look_first``: how it stands has to be remembered before it is closed.
    """

    sub_account_id: int
    account: str
    routes: tuple[Route, Route] | None
    lock: bool | None
    look_first: bool = False


class PushProblem(NamedTuple):
    """A sub-account the carrier has not taken the routes of; ``problem`` is a message id."""

    public_id: uuid.UUID
    account: str
    client_id: int | None
    problem: str
