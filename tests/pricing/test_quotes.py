"""The editor's preview, the simulator and warnings of what is sold below cost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask

from portal import pricing
from portal.core import clock
from portal.core.db import transaction
from portal.core.errors import InvalidInput
from portal.core.money import Money
from portal.core.scope import Scope, bind
from portal.pricing import DeckLine, PackageDetails
from portal.rating import AreaRate
from tests.pricing.market import make_reseller

GUIDE = PackageDetails("Guide", markup_fixed_e8=250_000, markup_percent_e4=200_000, pulse_seconds=6)
LINES = [
    DeckLine("1", "USA", 1_000_000),
    DeckLine("1416", "Canada - 416", 900_000),
    DeckLine("44", "United Kingdom", 1_050_000),
    DeckLine("447", "United Kingdom - Mobile", 15_000_000),
    DeckLine("52", "Mexico", 2_000_000, 60),
]


@pytest.fixture
def reseller_id(app: Flask) -> int:
    made = make_reseller()
    with bind(Scope(made)), transaction():
        for route in pricing.ROUTES:
            pricing.record_deck(route, LINES)
    return made


def test_the_guides_example_is_shown_step_by_step(reseller_id: int) -> None:
    with bind(Scope(reseller_id)):
        shown = pricing.preview(GUIDE, 900_000, seconds=102)

    assert (shown.cost_per_minute, shown.with_fixed, shown.factor, shown.rate_per_minute) == (
        Decimal("0.009"),
        Decimal("0.0115"),
        Decimal("1.2"),
        Decimal("0.0138"),
    )
    assert (shown.price, shown.cost) == (Money.of("0.02346"), Money.of("0.0153"))
    assert shown.profit == Money.of("0.00816")


def test_ten_destinations_show_cost_price_profit_and_margin(reseller_id: int) -> None:
    with bind(Scope(reseller_id)):
        with transaction():
            package = pricing.save_package(GUIDE)
            pricing.set_area_rate(package, "country", "GB", rate_e8=2_000_000)
        rows = pricing.destinations(GUIDE, package=package)

    canada, mobile = rows[0], rows[3]
    assert len(rows) == 10
    assert (canada.cost, canada.price, canada.profit, canada.margin_percent) == (
        Decimal("0.009"),
        Decimal("0.0138"),
        Decimal("0.0048"),
        Decimal("34.8"),
    )
    assert (mobile.own_rate, mobile.price, mobile.below_cost) == (True, Decimal("0.02"), True)
    assert rows[4].cost is None, "there is no rate for France in this deck"


def test_a_rate_below_the_cost_of_one_of_its_prefixes_is_warned_of(reseller_id: int) -> None:
    with bind(Scope(reseller_id)):
        with transaction():
            package = pricing.save_package(GUIDE)

        warned = pricing.below_cost(
            GUIDE, package=package, area=AreaRate("prefix", "44", 2_000_000)
        )
        fine = pricing.below_cost(GUIDE, package=package, area=AreaRate("prefix", "44", 15_000_000))

    assert [(row.area, row.prefix, row.prefixes) for row in warned] == [("44", "447", 1)]
    assert (warned[0].price, warned[0].cost) == (Decimal("0.02"), Decimal("0.15"))
    assert fine == []


def test_a_simulated_call_says_how_its_price_came_about(reseller_id: int) -> None:
    with bind(Scope(reseller_id)):
        with transaction():
            package = pricing.save_package(replace(GUIDE, pulse_seconds=60))
        call = pricing.Imagined("011 52 55 5555 0142", 27, clock.now())
        made = pricing.simulate(call, package=package)

    assert made.price == Money.of("0.027")
    assert made.quote.deck_prefix == "52"
    assert made.quote.rated.worksheet["d"] == "52"


def test_a_package_has_no_price_before_its_first_one(reseller_id: int) -> None:
    with bind(Scope(reseller_id)):
        with transaction():
            package = pricing.save_package(GUIDE)
        call = pricing.Imagined("+14165550142", 60, clock.now() - timedelta(days=1))

        with pytest.raises(InvalidInput) as refused:
            pricing.simulate(call, package=package)

    assert refused.value.field == "at"
