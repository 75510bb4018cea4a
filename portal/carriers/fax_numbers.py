"""What a fax number is at the carrier, where it can be had, and what bringing one along takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class FaxSettings:
    """What happens when a fax arrives."""

    email: str = ""
    email_enabled: bool = False
    attach_file: bool = False
    callback: str = ""
    callback_enabled: bool = False
    callback_retry: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class CarrierFax:
    """One fax number that the carrier's customer holds."""

    id: str
    did: str
    description: str
    settings: FaxSettings = FaxSettings()


@dataclass(frozen=True, slots=True)
class FaxPlace:
    """A state or province in which fax numbers are sold."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class FaxCentre:
    """A rate centre, by the carrier's id of it."""

    location: str
    area_code: str
    name: str
    available: bool


@dataclass(frozen=True, slots=True)
class PortWish:
    """A fax number at another carrier, as its bill there says."""

    country: str  # US or CA
    number: str
    company: str
    first_name: str
    last_name: str
    street: str
    city: str
    region: str
    postal_code: str
    provider: str
    provider_account: str
    notes: str = ""


class PortNote(NamedTuple):
    """A line that the carrier writes about a number that is brought along."""

    at: datetime | None
    text: str


class CarrierPort(NamedTuple):
    """A request to bring numbers along, in the carrier's list."""

    id: str
    numbers: tuple[str, ...]
    status: str
