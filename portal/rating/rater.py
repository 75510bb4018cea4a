"""The price of one leg of a call, with its worksheet; prepared once per package version."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from math import gcd
from typing import Final

from portal.core.money import PERCENT_E4_PER_WHOLE, RATE_E8_PER_UNIT
from portal.core.phone import Category
from portal.rating.areas import Place, change_moments
from portal.rating.arithmetic import (
    MICRO_DENOMINATOR,
    after_free,
    billed_seconds,
    in_own_currency,
    split_at_allowance,
)
from portal.rating.values import CallFacts, Rated, Rule, State, Terms, Worksheet
from portal.rating.view import DIRECTORY_NUMBER, EMPTY_DECK, Deck, View

_KEPT_VIEWS: Final = 8
_ANY_TIME: Final = datetime(2000, 1, 1, tzinfo=UTC)
_OUTSIDE_ALLOWANCE: Final = frozenset({Category.PREMIUM, Category.DIRECTORY})
_FREE_WHEN_COSTLESS: Final = frozenset({Category.TOLL_FREE, Category.SERVICE})
_RATED, _ORDINARY = State.RATED, Category.ORDINARY
_AREA, _MARKUP = Rule.AREA, Rule.MARKUP
_new = tuple.__new__  # a named tuple at half the price of its constructor


class Rater:
    """Rates calls under one version of a package. Make one per version and keep it: it never changes.

    deck stands in for outbound rows without a rate of their own; without it such rows are UNRATED
    unless the package has a rate. Rates with effective dates are taken as they are in force when
    the call starts, however late it arrives.
    """

    def __init__(self, terms: Terms, *, deck: Deck = EMPTY_DECK) -> None:
        self.terms = terms
        self._deck = deck
        self._changes = tuple(sorted({*change_moments(terms), *deck.moments}))
        self._views: dict[int, View] = {}
        # The markup as a factor over a denominator, both as small as they go.
        factor = PERCENT_E4_PER_WHOLE + terms.percent_e4
        common = gcd(factor, PERCENT_E4_PER_WHOLE)
        self._factor = factor // common
        self._per_second = MICRO_DENOMINATOR * (PERCENT_E4_PER_WHOLE // common)
        limits = [zone for zone in terms.zones if zone.kind == "max_cost"]
        self._is_plain = terms.first_increment_seconds == 0 and not limits
        self._is_timeless = not self._changes
        self._fixed = terms.fixed_e8
        # What all calls of the version share: one object, not copied into each worksheet.
        self._stamp = (
            terms.pulse_seconds,
            terms.fixed_e8,
            terms.percent_e4,
            terms.package,
            terms.version,
        )

        if self._is_timeless:
            self._views[0] = View(terms, deck, _ANY_TIME)

    def rate(self, call: CallFacts, minutes_left: int = 0) -> Rated:
        """The price of one leg; minutes_left is what the client's allowance has before it.

        The order of rules: not answered → 0; between extensions → 0; inbound → the DID's rate;
        on-net when the package says so → 0; numbers with a rule of their own (`_special`); free
        zone → 0; the package's area rate; the markup on the row's rate; else UNRATED. Free minutes
        pay for inbound and outbound calls that would be charged, except 900, 411 and emergency.

        Answered means that the carrier says so and there are seconds; a row reported as failed is
        charged all the same when it has seconds and the carrier took money for it.
        """
        (
            direction, number, seconds, connected, cost_rate, total, started_at,
            on_net, internal, _, exchange,
        ) = call  # fmt: skip
        if (
            minutes_left or not connected or seconds <= 0 or direction != "out" or on_net
            or internal or total is None or total < 0 or exchange is not None
            or not self._is_plain
        ):  # fmt: skip
            return self.rate_in_full(call, minutes_left)
        # The common call, written out because there are millions of them: outbound, answered, no
        # allowance. Whatever is unusual goes the long way; a test holds both to the same answers.
        view = self._views[0] if self._is_timeless else self.view(started_at)
        places = view.places
        for length in view.lengths.get(number[1:2], ()):
            prefix = number[:length]
            if prefix in places:
                break
        else:
            return self.rate_in_full(call)
        category, rate, matched, country, free = places[prefix]
        if category is not _ORDINARY or free or number[-7:] == DIRECTORY_NUMBER:
            return self.rate_in_full(call)
        pulse = self.terms.pulse_seconds
        billed = -(-seconds // pulse) * pulse
        cost = (total + 50) // 100
        if rate is not None:
            price = (rate * billed + 3000) // MICRO_DENOMINATOR
            sheet: Worksheet = {
                "r": "area", "s": seconds, "b": billed, "w": rate, "y": matched, "m": country,
                "c": cost_rate, "t": total, "k": self._stamp,
            }  # fmt: skip
            return _new(Rated, (_RATED, _AREA, price, cost, billed, 0, sheet))
        stand_in = None
        if cost_rate is None:
            found = view.deck_rate(number)
            if found is None:
                return self.rate_in_full(call)
            stand_in, (cost_rate, _, _) = found
        denominator = self._per_second
        exact = 2 * (cost_rate + self._fixed) * self._factor * billed
        price = (exact + denominator) // (2 * denominator)
        sheet = {
            "r": "markup", "s": seconds, "b": billed, "c": cost_rate, "m": country, "t": total,
            "k": self._stamp,
        }  # fmt: skip
        if stand_in is not None:
            sheet["d"] = stand_in
        return _new(Rated, (_RATED, _MARKUP, price, cost, billed, 0, sheet))

    def rate_in_full(self, call: CallFacts, minutes_left: int = 0) -> Rated:
        """The same answers as `rate`, rule by rule and without its short way."""
        total = call.cost_total_e8
        if call.seconds <= 0 or not (call.connected or (total is not None and total > 0)):
            return self._nothing(call, State.UNANSWERED, Rule.UNANSWERED)
        if call.internal:
            return self._nothing(call, State.FREE, Rule.INTERNAL)
        if call.direction == "in":
            return self._inbound(call, minutes_left)
        if call.on_net and self.terms.onnet_free:
            return self._nothing(call, State.FREE, Rule.ON_NET)
        return self._outbound(call, minutes_left)

    def view(self, at: datetime) -> View:
        """What holds for destinations at an instant."""
        stretch = bisect_right(self._changes, at) if self._changes else 0
        view = self._views.get(stretch)
        if view is None:
            if len(self._views) >= _KEPT_VIEWS:
                self._views.pop(next(iter(self._views)))
            view = self._views[stretch] = View(self.terms, self._deck, at)
        return view

    def _inbound(self, call: CallFacts, minutes_left: int) -> Rated:
        """The DID's rate in steps of the package's pulse; a first increment is for outbound only."""
        rate = call.did_rate_e8
        if rate is None:
            return self._nothing(call, State.UNRATED, Rule.UNRATED)
        sheet: Worksheet = {"r": "inbound", "w": rate}
        return self._charged(call, Rule.INBOUND, rate, MICRO_DENOMINATOR, sheet, minutes_left, 0)

    def _outbound(self, call: CallFacts, minutes_left: int) -> Rated:
        view = self.view(call.started_at)
        place = view.place(call.number)
        if place.category is not _ORDINARY:
            settled = self._special(call, place)
            if settled is not None:
                return settled
            if place.category in _OUTSIDE_ALLOWANCE:
                minutes_left = 0
        elif place.free:
            return self._nothing(call, State.FREE, Rule.FREE_ZONE, z=place.free)
        cost_rate, stand_in = call.cost_rate_e8, None
        if cost_rate is None and (found := view.deck_rate(call.number)):
            stand_in, cost_rate = found[0], found[1].rate_e8
        if view.max_cost_e8 is not None and cost_rate is not None and place.category is _ORDINARY:
            exchange = RATE_E8_PER_UNIT if call.exchange_e8 is None else call.exchange_e8
            if cost_rate * exchange <= view.max_cost_e8 * RATE_E8_PER_UNIT:
                limit = view.max_cost_e8
                return self._nothing(call, State.FREE, Rule.FREE_ZONE, c=cost_rate, zc=limit)
        if place.rate_e8 is not None:
            return self._by_area(call, place, minutes_left)
        if cost_rate is None:
            return self._nothing(call, State.UNRATED, Rule.UNRATED)
        return self._by_markup(call, place.country, cost_rate, stand_in, minutes_left)

    def _special(self, call: CallFacts, place: Place) -> Rated | None:
        """Numbers with rules of their own; None when the ordinary rates go on from here.

        Emergency (911, 933): never refused and never marked up; free, or exactly what the carrier
        took for the call. Voicemail pick-up, echo test, extensions: free. Toll-free and service
        codes (211, 811 …): free when the carrier takes nothing, else like 411 and 900: a package
        rate that names the prefix, else the markup on the row's rate; a row that costs money
        without a rate per minute is UNRATED, never given away and never guessed.
        """
        category = place.category
        if category is Category.EMERGENCY:
            return self._passed_on(call)
        if category is Category.INTERNAL:
            return self._nothing(call, State.FREE, Rule.INTERNAL)
        if place.rate_e8 is not None or category is Category.UNKNOWN:
            return None
        total, cost_rate = call.cost_total_e8, call.cost_rate_e8
        takes_money = total > 0 if total is not None else bool(cost_rate)
        if category in _FREE_WHEN_COSTLESS and not takes_money:
            return self._nothing(call, State.FREE, Rule.FREE_CALL, z=category.value)
        if takes_money and cost_rate == 0:
            return self._nothing(call, State.UNRATED, Rule.UNRATED)
        return None

    def _by_area(self, call: CallFacts, place: Place, minutes_left: int) -> Rated:
        rate = place.rate_e8
        assert rate is not None
        sheet: Worksheet = {
            "r": "area", "w": rate, "y": place.matched, "m": place.country, "c": call.cost_rate_e8,
        }  # fmt: skip
        first = self.terms.first_increment_seconds
        return self._charged(call, Rule.AREA, rate, MICRO_DENOMINATOR, sheet, minutes_left, first)

    def _by_markup(
        self, call: CallFacts, country: str, cost_rate: int, stand_in: str | None, minutes_left: int
    ) -> Rated:
        terms, exchange = self.terms, call.exchange_e8
        rate = (cost_rate + terms.fixed_e8) * self._factor
        denominator = self._per_second
        sheet: Worksheet = {"r": "markup", "c": cost_rate, "m": country}
        if stand_in is not None:
            sheet["d"] = stand_in
        if exchange is not None:
            rate = (cost_rate * exchange + terms.fixed_e8 * RATE_E8_PER_UNIT) * self._factor
            denominator *= RATE_E8_PER_UNIT
        first = terms.first_increment_seconds
        return self._charged(call, Rule.MARKUP, rate, denominator, sheet, minutes_left, first)

    def _charged(
        self, call: CallFacts, rule: Rule, rate: int, denominator: int,
        sheet: Worksheet, minutes_left: int, first: int,
    ) -> Rated:  # fmt: skip
        """Free minutes, increments, one rounding: rate / denominator is micro-units a second."""
        _, _, seconds, connected, _, total, _, _, _, _, exchange = call
        pulse = self.terms.pulse_seconds
        used, rest = 0, seconds
        if minutes_left > 0:
            used, rest = split_at_allowance(seconds, minutes_left)
            first = after_free(first, used)
            sheet["g"], sheet["l"] = used, minutes_left
        if first:
            billed = billed_seconds(rest, pulse, first=first)
            sheet["f"] = first
        else:
            billed = -(-rest // pulse) * pulse
        price = (2 * rate * billed + denominator) // (2 * denominator)  # half_up, never below zero
        sheet["s"], sheet["b"], sheet["t"], sheet["k"] = seconds, billed, total, self._stamp
        if exchange is not None:
            sheet["x"] = exchange
        if not connected:
            sheet["e"] = 1
        return _new(Rated, (_RATED, rule, price, _cost(call), billed, used, sheet))

    def _passed_on(self, call: CallFacts) -> Rated:
        price = max(_cost(call) or 0, 0)
        state = State.RATED if price else State.FREE
        return self._nothing(call, state, Rule.EMERGENCY)._replace(price_micros=price)

    def _nothing(self, call: CallFacts, state: State, rule: Rule, **facts: object) -> Rated:
        """A call without a charge: price 0, or empty when it could not be rated."""
        sheet: Worksheet = {
            "r": rule.value, "s": call.seconds, "t": call.cost_total_e8, "k": self._stamp,
        }  # fmt: skip
        if call.exchange_e8 is not None:
            sheet["x"] = call.exchange_e8
        sheet.update(facts)
        price = None if state is State.UNRATED else 0
        return Rated(state, rule, price, _cost(call), 0, 0, sheet)


def rate_calls(rater: Rater, calls: Iterable[CallFacts], minutes_left: int = 0) -> Iterator[Rated]:
    """Rate calls of one allowance one after the other; each takes its minutes before the next."""
    for call in calls:
        rated = rater.rate(call, minutes_left)
        minutes_left -= rated.free_minutes
        yield rated


def _cost(call: CallFacts) -> int | None:
    """The carrier's total of the call in micro-units of the reseller's currency."""
    total = call.cost_total_e8
    if total is None:
        return None
    if call.exchange_e8 is None and total >= 0:
        return (total + 50) // 100
    return in_own_currency(total, call.exchange_e8)
