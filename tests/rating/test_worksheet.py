"""Every price can be recomputed from its worksheet and explained, to clients without the cost."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from portal.core.money import Money, rate_e8
from portal.rating import (
    AreaRate,
    DeckRate,
    FreeZone,
    PrefixTable,
    Rater,
    explain,
    rate_per_minute,
    rate_recording,
    recompute,
)
from tests.rating.calls import GUIDE, GUIDE_COST, inbound, outbound, rated

NAMED = replace(GUIDE, package="Office Standard", version="v7")
DECK = PrefixTable({"1": DeckRate(GUIDE_COST)})
AREA = replace(NAMED, areas=(AreaRate("country", "CA", rate_e8("0.02")),))
LIMIT = replace(NAMED, zones=(FreeZone("max_cost", max_cost_e8=GUIDE_COST),))

EVERY_KIND = [
    rated(NAMED, outbound(seconds=61, cost_total_e8=990_000)),
    rated(NAMED, outbound(seconds=61, cost_total_e8=990_000, exchange_e8=135_000_000)),
    rated(replace(NAMED, first_increment_seconds=30), outbound(seconds=31)),
    rated(NAMED, outbound(seconds=200, connected=False, cost_total_e8=1_234_567), 1),
    Rater(NAMED, deck=DECK).rate(outbound(cost_rate_e8=None)),
    rated(AREA, outbound(seconds=7)),
    rated(AREA, outbound(seconds=7), 1),
    rated(LIMIT, outbound()),
    rated(replace(NAMED, zones=(FreeZone("country", "CA"),)), outbound()),
    rated(NAMED, inbound(seconds=61)),
    rated(NAMED, outbound("911", cost_total_e8=rate_e8("1.5"))),
    rated(NAMED, outbound("911", cost_total_e8=rate_e8("1.5"), exchange_e8=135_000_000)),
    rated(NAMED, outbound("+18005550100")),
    rated(NAMED, outbound(internal=True)),
    rated(replace(NAMED, onnet_free=True), outbound(on_net=True)),
    rated(NAMED, outbound(connected=False)),
    rated(NAMED, outbound(cost_rate_e8=None)),
    rate_recording(61, rate_e8("0.01"), terms=NAMED),
]


def told(worksheet, audience):
    """The explanation as a page would write it."""
    return [(step.label, step.text % step.values) for step in explain(worksheet, audience=audience)]


@pytest.mark.parametrize("result", EVERY_KIND, ids=lambda result: result.rule.value)
def test_a_stored_worksheet_gives_the_posted_price_and_can_be_told(result):
    stored = json.loads(json.dumps(result.worksheet))

    assert recompute(stored) == result.price
    assert told(stored, "staff")
    assert told(stored, "client")


def test_staff_see_every_step_from_the_carriers_cost_to_the_profit():
    steps = told(EVERY_KIND[0].worksheet, "staff")

    assert steps == [
        ("Matched", "Markup of the package"),
        ("Length", "61 s, billed 66 s (pulse 6 s)"),
        ("Cost", "0.009 a minute, from the carrier's record"),
        ("Fixed markup", "+ 0.0025 = 0.0115"),
        ("Percent markup", "+ 20 % = 0.0138 a minute"),
        ("Price", "1.1 min × 0.0138 = 0.01518"),
        ("Rounded", "0.015180"),
        ("Carrier's charge", "0.009900"),
        ("Profit", "0.005280"),
    ]


def test_clients_see_what_they_pay_and_not_what_it_cost():
    steps = told(EVERY_KIND[0].worksheet, "client")

    assert steps == [
        ("Matched", "Rate of the package"),
        ("Length", "61 s, billed 66 s (pulse 6 s)"),
        ("Price", "1.1 min × 0.0138 = 0.01518"),
        ("Rounded", "0.015180"),
    ]


@pytest.mark.parametrize("result", EVERY_KIND, ids=lambda result: result.rule.value)
def test_no_explanation_for_a_client_carries_a_number_of_the_reseller(result):
    steps = explain(result.worksheet, audience="client")

    names = {name for step in steps for name in step.values}
    secret = {"profit", "fixed", "percent", "exchange", "own_cost", "limit_per_minute", "prefix"}
    assert not names & secret
    assert not [name for name in names if name.startswith("cost")]


def test_the_exchange_rate_is_a_step_of_its_own():
    steps = told(EVERY_KIND[1].worksheet, "staff")

    assert ("Exchange rate", "× 1.35 = 0.01215") in steps
    assert ("Carrier's charge", "0.0099 × 1.35 = 0.013365") in steps


def test_free_minutes_are_told_with_what_was_there_before():
    steps = told(EVERY_KIND[3].worksheet, "client")

    assert ("Free minutes", "1 of 1 used, 140 s left to charge") in steps
    assert ("Result", "Reported as failed, but connected: charged on its seconds") in steps


def test_a_worksheet_names_package_and_version():
    stamp = EVERY_KIND[0].worksheet["k"]

    assert stamp == (6, 250_000, 200_000, "Office Standard", "v7")


def test_the_rate_per_minute_is_exact_and_empty_for_calls_without_one():
    assert rate_per_minute(EVERY_KIND[0].worksheet) == Decimal("0.0138")
    assert rate_per_minute(EVERY_KIND[-5].worksheet) is None


def test_a_worksheet_that_was_tampered_with_no_longer_gives_the_price():
    sheet = dict(EVERY_KIND[0].worksheet)

    sheet["c"] += 100_000

    assert recompute(sheet) != Money.of("0.01518")
