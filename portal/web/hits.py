"""What a search over everything has found, for its page."""

from __future__ import annotations

from dataclasses import dataclass

MOST_HITS = 8
LONGEST_TEXT = 80


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that was found, and where it is."""

    symbol: str
    title: str
    note: str
    url: str


@dataclass(frozen=True, slots=True)
class Hits:
    """What was found of one kind; ``more_url`` leads to the rest."""

    title: str
    hits: list[Hit]
    more_url: str = ""
