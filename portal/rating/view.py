"""What holds for a destination in one stretch of time: area rates, zones, rate deck."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final, Protocol

from portal.core.phone import Category, category_of
from portal.rating.areas import ELSEWHERE, Areas, Place
from portal.rating.prefixes import PrefixTable
from portal.rating.values import DeckRate, Terms

EMPTY_DECK: Final[PrefixTable[DeckRate]] = PrefixTable({})
DIRECTORY_NUMBER: Final = "5551212"


class Deck(Protocol):
    """The carrier's rate deck, dated or not: DatedPrefixes or PrefixTable of DeckRate."""

    @property
    def moments(self) -> tuple[datetime, ...]: ...

    def at(self, instant: datetime) -> PrefixTable[DeckRate]: ...


class View:
    """Area rates, zones and deck, compiled to one longest-prefix table."""

    __slots__ = ("_deck", "_deck_lengths", "areas", "lengths", "max_cost_e8", "places")

    def __init__(self, terms: Terms, deck: Deck, at: datetime) -> None:
        self.areas = Areas(terms, at)
        self.max_cost_e8 = self.areas.max_cost_e8
        self.places = self.areas.compiled()
        self.lengths = _lengths_by_lead(self.places)
        table = deck.at(at)
        self._deck = {"+" + prefix: rate for prefix, rate in table.by_prefix.items()}
        self._deck_lengths = _lengths_by_lead(self._deck)

    def place(self, number: str) -> Place:
        """Where an outbound number belongs; any text may be asked."""
        if number[:1] != "+" or number[-7:] == DIRECTORY_NUMBER:
            return self._unusual(number)
        places = self.places
        for length in self.lengths.get(number[1:2], ()):
            prefix = number[:length]
            if prefix in places:
                return places[prefix]
        return ELSEWHERE

    def deck_rate(self, number: str) -> tuple[str, DeckRate] | None:
        """The deck's longest prefix of a number with its rate."""
        number = number if number[:1] == "+" else "+" + number
        deck = self._deck
        for length in self._deck_lengths.get(number[1:2], ()):
            prefix = number[:length]
            if prefix in deck:
                return prefix[1:], deck[prefix]
        return None

    def _unusual(self, number: str) -> Place:
        """Numbers outside the one spelling: service codes, 555-1212, bare digits, text."""
        category = category_of(number)
        if category is Category.ORDINARY:
            return self.areas.place(number.removeprefix("+"))
        code = number
        if category is Category.DIRECTORY:
            code = "411"
        elif number[:1] == "+":
            return self.areas.place(number[1:])
        rate = self.areas.code_rate(code)
        return Place(category, rate, "" if rate is None else code)


def _lengths_by_lead(prefixes: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """The lengths that occur per first digit, longest first: +1 has few, so it is asked little."""
    lengths: dict[str, set[int]] = {}
    for prefix in prefixes:
        lengths.setdefault(prefix[1:2], set()).add(len(prefix))
    return {lead: tuple(sorted(found, reverse=True)) for lead, found in lengths.items()}
