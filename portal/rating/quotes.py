"""Prices before a call happens: simulator, package preview, recording fee, below-cost warnings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Final

from portal.core.money import PERCENT_E4_PER_WHOLE, RATE_E8_PER_UNIT, Money, half_up
from portal.core.phone import Dialled, dialled
from portal.rating.arithmetic import (
    SECONDS_PER_MINUTE,
    billed_seconds,
    exact_decimal,
    in_own_currency,
    marked_up,
    price,
    price_micros,
)
from portal.rating.rater import Rater
from portal.rating.values import CallFacts, DeckRate, Direction, Rated, Rule, State, Terms
from portal.rating.view import EMPTY_DECK, Deck
from portal.rating.worksheet import rate_per_minute

_NO_PACKAGE: Final = Terms()


@dataclass(frozen=True, slots=True)
class Quote:
    """What a call would cost. rate_per_minute is None when it is not charged by the minute."""

    number: Dialled
    rated: Rated
    rate_per_minute: Decimal | None
    deck_prefix: str
    deck_name: str


@dataclass(frozen=True, slots=True)
class Preview:
    """The package editor's example with each intermediate number; rates are exact, per minute."""

    cost_per_minute: Decimal
    with_fixed: Decimal
    factor: Decimal
    rate_per_minute: Decimal
    billed_seconds: int
    price: Money
    cost_seconds: int
    cost: Money
    profit: Money


@dataclass(frozen=True, slots=True)
class BelowCost:
    """A prefix that the package sells for less than the deck's cost (both exact, per minute)."""

    prefix: str
    area: str
    rate_per_minute: Decimal
    cost_per_minute: Decimal
    name: str


def quote(
    number: str, seconds: int, *, at: datetime, rater: Rater, deck: Deck = EMPTY_DECK,
    minutes_left: int = 0, exchange_e8: int | None = None, default_country: str = "US",
    direction: Direction = "out", on_net: bool = False, cost_e8: int | None = None,
    did_rate_e8: int | None = None,
) -> Quote:  # fmt: skip
    """The price of an answered call of `seconds` that starts at an aware instant.

    The deck gives the cost of an outbound one: its rate per minute and, in its own increments, the
    total. `cost_e8` is a rate per minute to be used instead, as the carrier's record would say it.
    """
    assert at.tzinfo is not None
    destination = dialled(number, default_country=default_country)
    found = deck.at(at).match(destination.number.removeprefix("+"))
    is_number = destination.number.startswith("+") and direction == "out"
    prefix, rate = found if found and is_number else ("", None)
    name = rate.name if rate else ""
    if cost_e8 is not None:
        rate = DeckRate(cost_e8, rate.increment_seconds) if rate else DeckRate(cost_e8)
    total = None if rate is None else _cost_total_e8(rate, seconds)
    facts = CallFacts(
        direction, destination.number, seconds, True, rate.rate_e8 if rate else None, total, at,
        on_net, did_rate_e8=did_rate_e8, exchange_e8=exchange_e8,
    )  # fmt: skip
    rated = rater.rate(facts, minutes_left)
    if prefix and cost_e8 is None and rated.rule is Rule.MARKUP:
        rated.worksheet["d"] = (
            prefix  # there is no record of the carrier: say where the cost is from
        )
    return Quote(destination, rated, rate_per_minute(rated.worksheet), prefix, name)


def preview(
    cost_e8: int, terms: Terms, *, seconds: int = 60, cost_pulse: int = 6,
    exchange_e8: int | None = None,
) -> Preview:  # fmt: skip
    """The markup on one cost: 0.009 + 0.0025 = 0.0115, × 1.20 = 0.0138, and a sample call.

    The client's length is rounded by the package, the carrier's by its own increments; the profit
    comes from both.
    """
    with_fixed = marked_up(cost_e8, fixed_e8=terms.fixed_e8, percent_e4=0, exchange_e8=exchange_e8)
    rate = marked_up(
        cost_e8, fixed_e8=terms.fixed_e8, percent_e4=terms.percent_e4, exchange_e8=exchange_e8
    )
    billed = billed_seconds(seconds, terms.pulse_seconds, first=terms.first_increment_seconds)
    cost_seconds = billed_seconds(seconds, cost_pulse)
    total_e8 = half_up(cost_e8 * cost_seconds, SECONDS_PER_MINUTE)
    cost = Money(in_own_currency(total_e8, exchange_e8))
    sold = price(rate, billed)
    return Preview(
        cost_per_minute=_per_minute(cost_e8, exchange_e8),
        with_fixed=with_fixed,
        factor=exact_decimal(
            Fraction(PERCENT_E4_PER_WHOLE + terms.percent_e4, PERCENT_E4_PER_WHOLE)
        ),
        rate_per_minute=rate,
        billed_seconds=billed,
        price=sold,
        cost_seconds=cost_seconds,
        cost=cost,
        profit=sold - cost,
    )


def rate_recording(seconds: int, rate_e8: int, *, terms: Terms = _NO_PACKAGE) -> Rated:
    """The fee for a recorded leg: the number's recording rate for each started minute."""
    billed = billed_seconds(max(seconds, 0), SECONDS_PER_MINUTE)
    stamp = (SECONDS_PER_MINUTE, 0, 0, terms.package, terms.version)
    sheet = {
        "r": "recording",
        "s": max(seconds, 0),
        "b": billed,
        "w": rate_e8,
        "t": None,
        "k": stamp,
    }
    micros = price_micros(rate_e8, billed)
    return Rated(State.RATED, Rule.RECORDING, micros, None, billed, 0, sheet)


def below_cost(
    rater: Rater, deck: Deck, *, at: datetime, exchange_e8: int | None = None
) -> Iterator[BelowCost]:
    """Where the package's own area rates are lower than the deck's cost, prefix by prefix.

    Every prefix of the deck and of the package is asked, so a rate for 44 is compared with the
    dearer 447 too. Free zones are meant to cost money and are left out.
    """
    table = deck.at(at)
    view = rater.view(at)
    prefixes = {*table.by_prefix, *(a.key for a in rater.terms.areas if a.kind == "prefix")}
    for prefix in sorted(prefixes):
        place, found = view.place("+" + prefix), table.match(prefix)
        if place.rate_e8 is None or place.free or found is None:
            continue
        rate = exact_decimal(Fraction(place.rate_e8, RATE_E8_PER_UNIT))
        cost = _per_minute(found[1].rate_e8, exchange_e8)
        if rate < cost:
            yield BelowCost(prefix, place.matched, rate, cost, found[1].name)


def _cost_total_e8(rate: DeckRate, seconds: int) -> int:
    billed = billed_seconds(max(seconds, 0), rate.increment_seconds)
    return half_up(rate.rate_e8 * billed, SECONDS_PER_MINUTE)


def _per_minute(cost_e8: int, exchange_e8: int | None) -> Decimal:
    return marked_up(cost_e8, fixed_e8=0, percent_e4=0, exchange_e8=exchange_e8)
