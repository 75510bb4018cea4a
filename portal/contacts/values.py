"""Words and values of contacts."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

LONGEST = {"name": 120, "company": 120, "email": 254, "note": 2_000}
MOST_NUMBERS = 10
MOST_CONTACTS = 20_000
MOST_GROUPS = 100
LANGUAGES = ("", "en", "fr", "es")


class NumberKind(StrEnum):
    """What answers at a number."""

    MOBILE = "mobile"
    FAX = "fax"
    OTHER = "other"


class NumberFacts(NamedTuple):
    """One number of a contact: E.164, or a short code."""

    number: str
    kind: NumberKind = NumberKind.MOBILE


@dataclass(frozen=True, slots=True)
class ContactDraft:
    """A contact as somebody typed it. Without a name it is called by its company."""

    name: str = ""
    company: str = ""
    email: str = ""
    language: str = ""
    note: str = ""
    numbers: tuple[NumberFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class ContactCard:
    """A contact with all that is kept of it. ``groups`` are public ids with their names."""

    public_id: uuid.UUID
    name: str
    company: str
    email: str
    language: str
    note: str
    numbers: tuple[NumberFacts, ...]
    groups: Mapping[uuid.UUID, str]
    updated_at: datetime

    def number_for(self, kind: NumberKind) -> str:
        """The number to use for this: one of its kind, else one that may do; empty when there is none."""
        rest = [one.number for one in self.numbers if one.kind is not NumberKind.FAX]
        same = [one.number for one in self.numbers if one.kind is kind]
        return (same or ([] if kind is NumberKind.FAX else rest) or [""])[0]


class ContactChoice(NamedTuple):
    """One number of a contact, offered while somebody types."""

    public_id: uuid.UUID
    name: str
    number: str
    kind: NumberKind = NumberKind.MOBILE


def first_name(name: str, company: str = "") -> str:
    """How somebody is addressed; a company is addressed whole."""
    return name if name == company else name.partition(" ")[0]
