"""What the page of a posting shows, and who reads it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from portal.core.money import Money

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks: staff see cost, profit, names and sources; and where things are for them.

    ``thing`` opens a call, a text (and the conversation it is in) or a fax, where they may see it.
    """

    staff: bool
    posting: Callable[[uuid.UUID], str]
    paper: Callable[[uuid.UUID], str]
    payment: Callable[[uuid.UUID], str]
    thing: Callable[[str, uuid.UUID, uuid.UUID | None], str]


@dataclass(frozen=True, slots=True)
class Step:
    """One posting of several for the same thing, with what the thing cost after it."""

    text: str
    at: str
    amount: Money
    so_far: Money
    url: str  # empty for the one that is open


@dataclass(slots=True)
class Sheet:
    """One posting explained: what it is, the steps of its amount, the facts, and where to look further."""

    title: str
    symbol: str
    amount: Money
    at: str
    facts: list[Pair] = field(default_factory=list)
    steps: list[Pair] = field(default_factory=list)
    now: list[Pair] = field(default_factory=list)  # of a correction: how the price is made today
    moved: list[Step] = field(default_factory=list)
    links: list[Pair] = field(default_factory=list)
    note: str = ""
