"""The carrier's rate decks: read once per process, chosen by route and moment."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from portal.core import clock
from portal.core.db import insert_all, session
from portal.core.errors import InvalidInput
from portal.core.phone import country_of
from portal.pricing.models import DeckRate as DeckRateRow
from portal.pricing.models import RateDeck
from portal.pricing.values import ROUTES, Route
from portal.rating import CallFacts, Deck, DeckRate, PrefixTable, Rater, Tariff, Terms
from portal.rating.view import EMPTY_DECK

_KEPT_TABLES = 8
_LONGEST_PREFIX = 12
_tables: OrderedDict[tuple[object, ...], PrefixTable[DeckRate]] = OrderedDict()


class DeckAt(NamedTuple):
    """A deck and the moment from which it holds, until the next of its route."""

    id: int
    route: str
    valid_from: datetime


class DeckLine(NamedTuple):
    """One line of a deck to be kept."""

    prefix: str
    destination: str
    rate_e8: int
    increment_seconds: int = 6


def decks_until(until: datetime) -> list[DeckAt]:
    """The decks of the bound reseller that began before a moment, oldest first."""
    rows = session().execute(
        select(RateDeck.id, RateDeck.route, RateDeck.valid_from)
        .where(RateDeck.valid_from < until)
        .order_by(RateDeck.valid_from, RateDeck.version)
    )
    return [DeckAt(*row) for row in rows]


class RoutedDeck:
    """Decks as one package sees them: each country on the route that the package takes there.

    The United States have one route, Premium. Where a route has no deck at all, the other one
    stands in; before the first deck of a route, its first one holds.
    """

    def __init__(self, decks: Sequence[DeckAt], *, canada: str, international: str) -> None:
        self._canada, self._international = canada, international
        self.moments = tuple(sorted({deck.valid_from for deck in decks}))
        self._by_route = {route: [d for d in decks if d.route == route] for route in ROUTES}

    def at(self, instant: datetime) -> PrefixTable[DeckRate]:
        """The table in force, of both routes."""
        ids = {
            route: decks[max(bisect_right([d.valid_from for d in decks], instant) - 1, 0)].id
            for route, decks in self._by_route.items()
            if decks
        }
        if not ids:
            return EMPTY_DECK
        if len(ids) == 1:
            return deck_table(next(iter(ids.values())))
        key = (_database(), ids["value"], ids["premium"], self._canada, self._international)
        return _kept(key, lambda: self._merged(ids))

    def _merged(self, ids: dict[Route, int]) -> PrefixTable[DeckRate]:
        merged: dict[str, DeckRate] = {}
        for route, deck_id in ids.items():
            for prefix, rate in deck_table(deck_id).by_prefix.items():
                taken = route_of(prefix, canada=self._canada, international=self._international)
                if taken == route:
                    merged[prefix] = rate
        return PrefixTable(merged)


class StandInRater(Rater):
    """A rater that reads the deck only when a row without a rate of its own comes along."""

    def __init__(self, terms: Terms, deck: Deck) -> None:
        super().__init__(terms)
        self._stand_in = deck
        self._complete: Rater | None = None

    def tariff(self, call: CallFacts) -> Tariff:
        """What an unusual leg costs; ``rate`` sends every row without a rate this way."""
        if call.cost_rate_e8 is None and call.direction == "out":
            if self._complete is None:
                self._complete = Rater(self.terms, deck=self._stand_in)
            return self._complete.tariff(call)
        return super().tariff(call)

    @property
    def moments(self) -> tuple[datetime, ...]:
        return tuple(sorted({*super().moments, *self._stand_in.moments}))


def route_of(digits: str, *, canada: str, international: str) -> str:
    """The route that a number (digits, no "+") takes under a package."""
    country = country_of("+" + digits)
    if country == "CA":
        return canada
    if country == "US" or (country is None and digits.startswith("1")):
        return "premium"
    return international


def deck_table(deck_id: int) -> PrefixTable[DeckRate]:
    """A deck's prefixes; kept per process, because a deck never changes once written."""
    return _kept((_database(), deck_id), lambda: _read(deck_id))


def _read(deck_id: int) -> PrefixTable[DeckRate]:
    rows = session().execute(
        select(
            DeckRateRow.prefix,
            DeckRateRow.rate_e8,
            DeckRateRow.increment_seconds,
            DeckRateRow.destination,
        ).where(DeckRateRow.deck_id == deck_id)
    )
    return PrefixTable({row[0]: DeckRate(row[1], row[2], row[3]) for row in rows})


def _kept(
    key: tuple[object, ...], make: Callable[[], PrefixTable[DeckRate]]
) -> PrefixTable[DeckRate]:
    table = _tables.get(key)
    if table is None:
        table = make()
        while len(_tables) >= _KEPT_TABLES:
            _tables.popitem(last=False)
        _tables[key] = table
    _tables.move_to_end(key)
    return table


def _database() -> str:
    """Deck ids mean something within one database only."""
    return str(session().get_bind().engine.url)


def deck_for(route: str, at: datetime | None = None) -> PrefixTable[DeckRate] | None:
    """The deck of one route in force at a moment (now); None when there never was one."""
    deck_id = session().scalar(
        select(RateDeck.id)
        .where(RateDeck.route == route, RateDeck.valid_from <= (at or clock.now()))
        .order_by(RateDeck.valid_from.desc(), RateDeck.version.desc())
        .limit(1)
    )
    return None if deck_id is None else deck_table(deck_id)


def record_deck(
    route: str, lines: Iterable[DeckLine], *, valid_from: datetime | None = None
) -> int | None:
    """Keep a reading of the carrier's rates as a new deck; its number of prefixes.

    None when it says what the newest deck of the route says already. The old decks stay: a call is
    explained with the one of its time. InvalidInput for an empty deck, for a prefix that occurs
    with two rates, and for rates that are no rates.
    """
    if route not in ROUTES:
        raise InvalidInput("The route is Value or Premium.", field="route")
    table = _checked(lines)
    newest = (
        session()
        .execute(
            select(RateDeck.id, RateDeck.version)
            .where(RateDeck.route == route)
            .order_by(RateDeck.version.desc())
            .limit(1)
        )
        .first()
    )
    if newest is not None and _same(table, deck_table(newest.id)):
        return None
    deck = RateDeck(
        route=route,
        version=newest.version + 1 if newest else 1,
        valid_from=valid_from or clock.now(),
        prefixes=len(table),
    )
    session().add(deck)
    session().flush()
    insert_all(
        DeckRateRow,
        [
            {
                "reseller_id": deck.reseller_id,
                "deck_id": deck.id,
                "prefix": line.prefix,
                "destination": line.destination[:120],
                "rate_e8": line.rate_e8,
                "increment_seconds": line.increment_seconds,
            }
            for line in table.values()
        ],
    )
    return len(table)


def _checked(lines: Iterable[DeckLine]) -> dict[str, DeckLine]:
    table: dict[str, DeckLine] = {}
    for line in lines:
        prefix = line.prefix
        if not (prefix.isascii() and prefix.isdigit() and len(prefix) <= _LONGEST_PREFIX):
            raise InvalidInput(f"{prefix[:20]!r} is no calling code or prefix.", field="prefix")
        if not 0 <= line.rate_e8 < 10**12 or not 0 < line.increment_seconds <= 3600:
            raise InvalidInput(f"The rate of prefix {prefix} is out of range.", field="rate")
        known = table.setdefault(prefix, line)
        if (known.rate_e8, known.increment_seconds) != (line.rate_e8, line.increment_seconds):
            raise InvalidInput(
                f"Prefix {prefix} is there twice with different rates.", field="prefix"
            )
    if not table:
        raise InvalidInput("There is no rate in this deck.", field="prefix")
    return table


def _same(table: dict[str, DeckLine], kept: PrefixTable[DeckRate]) -> bool:
    if len(table) != len(kept):
        return False
    return all(
        kept.by_prefix.get(prefix) == (line.rate_e8, line.increment_seconds, line.destination[:120])
        for prefix, line in table.items()
    )
