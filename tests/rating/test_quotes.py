"""Prices before the call: simulator and the package editor's preview."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from portal.core.money import Money, rate_e8
from portal.rating import AreaRate, DeckRate, PrefixTable, Rater, Rule, Terms, preview, quote
from tests.rating.calls import GUIDE, GUIDE_COST, NOON

DECK = PrefixTable(
    {
        "1416": DeckRate(GUIDE_COST, 6, "Canada - Toronto"),
        "52": DeckRate(rate_e8("0.02"), 60, "Mexico"),
    }
)


def test_the_preview_shows_each_intermediate_number():
    shown = preview(GUIDE_COST, GUIDE, seconds=61, cost_pulse=6)

    assert (shown.cost_per_minute, shown.with_fixed) == (Decimal("0.009"), Decimal("0.0115"))
    assert (shown.factor, shown.rate_per_minute) == (Decimal("1.2"), Decimal("0.0138"))
    assert (shown.billed_seconds, shown.price) == (66, Money.of("0.01518"))
    assert (shown.cost, shown.profit) == (Money.of("0.0099"), Money.of("0.00528"))


def test_the_simulator_prices_a_number_as_a_person_types_it():
    result = quote("(416) 555-0123", 27, at=NOON, rater=Rater(GUIDE), deck=DECK)

    assert result.number.number == "+14165550123"
    assert (result.deck_prefix, result.deck_name) == ("1416", "Canada - Toronto")
    assert result.rate_per_minute == Decimal("0.0138")
    assert (result.rated.price, result.rated.cost) == (Money.of("0.0069"), Money.of("0.0045"))
    assert result.rated.profit == Money.of("0.0024")


def test_the_carriers_own_increments_make_the_cost():
    result = quote("011 52 55 5555 0100", 27, at=NOON, rater=Rater(GUIDE), deck=DECK)

    assert result.rated.cost == Money.of("0.02")


def test_a_number_outside_the_deck_is_unrated_and_a_service_code_keeps_its_rule():
    rater = Rater(GUIDE)

    assert quote("+442079460018", 60, at=NOON, rater=rater, deck=DECK).rated.rule is Rule.UNRATED
    assert quote("911", 60, at=NOON, rater=rater, deck=DECK).rated.price == Money(0)
    assert quote("nonsense", 60, at=NOON, rater=rater, deck=DECK).rated.rule is Rule.UNRATED


def test_the_simulator_at_local_noon_uses_that_instant():
    zone = ZoneInfo("America/Toronto")
    noon_here = datetime(2026, 7, 1, 12, tzinfo=zone)
    change = datetime(2026, 7, 1, 15, 30, tzinfo=UTC)  # 11:30 in Toronto
    rates = (
        AreaRate("prefix", "1", rate_e8("0.01"), valid_until=change),
        AreaRate("prefix", "1", rate_e8("0.02"), valid_from=change),
    )

    result = quote("4165550123", 60, at=noon_here, rater=Rater(Terms(areas=rates)), deck=DECK)

    assert result.rated.price == Money.of("0.02")


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(AssertionError):
        quote("4165550123", 60, at=datetime(2026, 7, 1, 12), rater=Rater(GUIDE), deck=DECK)
