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
from portal.rating.arithmetic import MICRO_DENOMINATOR, in_own_currency
from portal.rating.tariffs import UNANSWERED, Tariff, is_answered
from portal.rating.values import CallFacts, Rated, Rule, State, Terms, Worksheet
from portal.rating.view import DIRECTORY_NUMBER, EMPTY_DECK, Deck, View

_KEPT_VIEWS: Final = 8
_ANY_TIME: Final = datetime(2000, 1, 1, tzinfo=UTC)
_OUTSIDE_ALLOWANCE: Final = frozenset({Category.PREMIUM, Category.DIRECTORY})
_FREE_WHEN_COSTLESS: Final = frozenset({Category.TOLL_FREE, Category.SERVICE})
_RATED, _ORDINARY = State.RATED, Category.ORDINARY
_AREA, _MARKUP = Rule.AREA, Rule.MARKUP
_UNRATED: Final = Tariff(Rule.UNRATED, State.UNRATED, {})
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
        if not is_answered(call.seconds, call.connected, call.cost_total_e8):
            return self._without_rate(call, UNANSWERED)
        tariff = self.tariff(call)
        if tariff.rate is None:
            return self._without_rate(call, tariff)
        return self._charged(call, tariff, minutes_left)

    def tariff(self, call: CallFacts) -> Tariff:
        """What an answered call costs whatever its length.

        Of its seconds nothing is asked, of the carrier's total only whether money was taken.
        """
        if call.internal:
            return Tariff(Rule.INTERNAL, State.FREE, {})
        if call.direction == "in":
            return self._inbound(call)
        if call.on_net and self.terms.onnet_free:
            return Tariff(Rule.ON_NET, State.FREE, {})
        return self._outbound(call)

    @property
    def moments(self) -> tuple[datetime, ...]:
        """When a rate, a zone or a deck begins or ends: between two of them a tariff stays."""
        return self._changes

    def view(self, at: datetime) -> View:
        """What holds for destinations at an instant."""
        stretch = bisect_right(self._changes, at) if self._changes else 0
        view = self._views.get(stretch)
        if view is None:
            if len(self._views) >= _KEPT_VIEWS:
                self._views.pop(next(iter(self._views)))
            view = self._views[stretch] = View(self.terms, self._deck, at)
        return view

    def _inbound(self, call: CallFacts) -> Tariff:
        """The DID's rate in steps of the package's pulse; a first increment is for outbound only."""
        rate = call.did_rate_e8
        if rate is None:
            return _UNRATED
        return self._by_minute(Rule.INBOUND, {"w": rate}, rate, MICRO_DENOMINATOR, first=0)

    def _outbound(self, call: CallFacts) -> Tariff:
        view = self.view(call.started_at)
        place = view.place(call.number)
        if place.category is not _ORDINARY:
            settled = _special(call, place)
            if settled is not None:
                return settled
        elif place.free:
            return Tariff(Rule.FREE_ZONE, State.FREE, {"z": place.free})
        cost_rate, stand_in = call.cost_rate_e8, None
        if cost_rate is None and (found := view.deck_rate(call.number)):
            stand_in, cost_rate = found[0], found[1].rate_e8
        if view.max_cost_e8 is not None and cost_rate is not None and place.category is _ORDINARY:
            exchange = RATE_E8_PER_UNIT if call.exchange_e8 is None else call.exchange_e8
            if cost_rate * exchange <= view.max_cost_e8 * RATE_E8_PER_UNIT:
                facts = {"c": cost_rate, "zc": view.max_cost_e8}
                return Tariff(Rule.FREE_ZONE, State.FREE, facts)
        if place.rate_e8 is not None:
            return self._by_area(call, place, place.rate_e8)
        if cost_rate is None:
            return _UNRATED
        return self._by_markup(call, place, cost_rate, stand_in)

    def _by_area(self, call: CallFacts, place: Place, rate: int) -> Tariff:
        facts: Worksheet = {
            "w": rate, "y": place.matched, "m": place.country, "c": call.cost_rate_e8,
        }  # fmt: skip
        return self._by_minute(_AREA, facts, rate, MICRO_DENOMINATOR, category=place.category)

    def _by_markup(
        self, call: CallFacts, place: Place, cost_rate: int, stand_in: str | None
    ) -> Tariff:
        fixed, exchange = self.terms.fixed_e8, call.exchange_e8
        rate = (cost_rate + fixed) * self._factor
        denominator = self._per_second
        facts: Worksheet = {"c": cost_rate, "m": place.country}
        if stand_in is not None:
            facts["d"] = stand_in
        if exchange is not None:
            rate = (cost_rate * exchange + fixed * RATE_E8_PER_UNIT) * self._factor
            denominator *= RATE_E8_PER_UNIT
        return self._by_minute(_MARKUP, facts, rate, denominator, category=place.category)

    def _by_minute(
        self, rule: Rule, facts: Worksheet, rate: int, denominator: int, *,
        first: int | None = None, category: Category = _ORDINARY,
    ) -> Tariff:  # fmt: skip
        terms = self.terms
        if first is None:
            first = terms.first_increment_seconds
        takes_minutes = category not in _OUTSIDE_ALLOWANCE
        return _new(
            Tariff,
            (rule, _RATED, facts, rate, denominator, terms.pulse_seconds, first, takes_minutes),
        )

    def _charged(self, call: CallFacts, tariff: Tariff, minutes_left: int) -> Rated:
        """The price of a call of this length with the worksheet that explains it."""
        price, billed, used, first = tariff.charge(call.seconds, minutes_left)
        sheet: Worksheet = {"r": tariff.rule.value, **tariff.facts}
        if used:
            sheet["g"], sheet["l"] = used, minutes_left
        if first:
            sheet["f"] = first
        sheet["s"], sheet["b"] = call.seconds, billed
        sheet["t"], sheet["k"] = call.cost_total_e8, self._stamp
        if call.exchange_e8 is not None:
            sheet["x"] = call.exchange_e8
        if not call.connected:
            sheet["e"] = 1
        return _new(Rated, (_RATED, tariff.rule, price, _cost(call), billed, used, sheet))

    def _without_rate(self, call: CallFacts, tariff: Tariff) -> Rated:
        """A call that is not charged by the minute: mostly 0, or empty when it could not be rated."""
        cost = _cost(call)
        state, price = tariff.without_rate(cost)
        sheet: Worksheet = {
            "r": tariff.rule.value, "s": call.seconds, "t": call.cost_total_e8, "k": self._stamp,
        }  # fmt: skip
        if call.exchange_e8 is not None:
            sheet["x"] = call.exchange_e8
        sheet.update(tariff.facts)
        return Rated(state, tariff.rule, price, cost, 0, 0, sheet)


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


def _special(call: CallFacts, place: Place) -> Tariff | None:
    """Numbers with rules of their own; None when the ordinary rates go on from here.

    Emergency (911, 933): never refused and never marked up; free, or exactly what the carrier
    took for the call. Voicemail pick-up, echo test, extensions: free. Toll-free and service
    codes (211, 811 …): free when the carrier takes nothing, else like 411 and 900: a package
    rate that names the prefix, else the markup on the row's rate; a row that costs money
    without a rate per minute is UNRATED, never given away and never guessed.
    """
    category = place.category
    if category is Category.EMERGENCY:
        return Tariff(Rule.EMERGENCY, State.FREE, {})
    if category is Category.INTERNAL:
        return Tariff(Rule.INTERNAL, State.FREE, {})
    if place.rate_e8 is not None or category is Category.UNKNOWN:
        return None
    total, cost_rate = call.cost_total_e8, call.cost_rate_e8
    takes_money = total > 0 if total is not None else bool(cost_rate)
    if category in _FREE_WHEN_COSTLESS and not takes_money:
        return Tariff(Rule.FREE_CALL, State.FREE, {"z": category.value})
    if takes_money and cost_rate == 0:
        return _UNRATED
    return None
