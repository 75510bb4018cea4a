"""Markup, pulses, first increments and rounding: groups A and B of the rating cases."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from portal.core.money import Money, rate_e8
from portal.rating import Rater, Rule, State, Terms, billed_seconds, marked_up, price
from tests.rating.calls import GUIDE, GUIDE_COST, inbound, outbound, rated


def test_the_fixed_part_is_added_before_the_percentage():
    rate = marked_up(GUIDE_COST, fixed_e8=GUIDE.fixed_e8, percent_e4=GUIDE.percent_e4)

    assert rate == Decimal("0.0138")


def test_a_marked_up_rate_stays_exact_beyond_eight_decimals():
    rate = marked_up(rate_e8("0.00000001"), fixed_e8=0, percent_e4=1)

    assert rate == Decimal("0.00000001") * Decimal("1.000001")


@pytest.mark.parametrize(
    "pulse, billed, expected",
    [(1, 61, "0.01403"), (6, 66, "0.01518"), (10, 70, "0.0161"), (60, 120, "0.0276")],
)
def test_61_seconds_at_different_pulses(pulse, billed, expected):
    result = rated(replace(GUIDE, pulse_seconds=pulse), outbound(seconds=61))

    assert result.billed_seconds == billed
    assert result.price == Money.of(expected)


@pytest.mark.parametrize(
    "seconds, pulse, first, billed",
    [
        (0, 6, 0, 0),
        (1, 6, 0, 6),
        (6, 6, 0, 6),
        (7, 6, 0, 12),
        (27, 6, 0, 30),
        (31, 6, 0, 36),  # a pulse of 6 is steps of 6 seconds, not "every 10 seconds"
        (27, 60, 0, 60),
        (90, 60, 90, 90),
        (91, 60, 90, 150),  # not 120 or 180: steps count from the end of the first
        (150, 60, 90, 150),
        (151, 60, 90, 210),
        (6, 5, 7, 7),
        (7, 5, 7, 7),
        (8, 5, 7, 12),  # not 10
        (12, 5, 7, 12),
        (13, 5, 7, 17),
        (0, 6, 30, 0),
    ],
)
def test_a_call_is_charged_in_whole_steps(seconds, pulse, first, billed):
    assert billed_seconds(seconds, pulse, first=first) == billed


@pytest.mark.parametrize(
    "seconds, expected",
    [
        (1, "0.0030"),
        (29, "0.0030"),
        (30, "0.0030"),
        (31, "0.0036"),
        (32, "0.0036"),
        (36, "0.0036"),
        (37, "0.0042"),
        (57, "0.0060"),
        (75, "0.0078"),
    ],
)
def test_30_then_6_at_six_tenths_of_a_cent(seconds, expected):
    terms = Terms(first_increment_seconds=30, pulse_seconds=6)

    result = rated(terms, outbound(seconds=seconds, cost_rate_e8=rate_e8("0.006")))

    assert result.price == Money.of(expected)


@pytest.mark.parametrize(
    "seconds, expected", [(90, "0.09"), (91, "0.15"), (150, "0.15"), (151, "0.21")]
)
def test_90_then_60_at_six_cents(seconds, expected):
    terms = Terms(first_increment_seconds=90, pulse_seconds=60)

    result = rated(terms, outbound(seconds=seconds, cost_rate_e8=rate_e8("0.06")))

    assert result.price == Money.of(expected)


@pytest.mark.parametrize(
    "facts",
    [
        {"seconds": 0},
        {"seconds": 0, "connected": False},
        {"seconds": 30, "connected": False},
        {"seconds": -1},
    ],
)
def test_an_unanswered_call_costs_nothing_and_takes_no_free_minutes(facts):
    result = rated(GUIDE, outbound(**facts), 10)

    assert result.state is State.UNANSWERED
    assert result.price == Money(0)
    assert result.free_minutes == 0


def test_a_call_reported_as_failed_is_charged_when_the_carrier_took_money():
    row = {"seconds": 72, "connected": False}

    charged = rated(GUIDE, outbound(cost_total_e8=rate_e8("0.0108"), **row))
    spared = rated(GUIDE, outbound(cost_total_e8=0, **row))

    assert charged.state is State.RATED
    assert charged.price == Money.of("0.01656")
    assert charged.worksheet["e"] == 1
    assert spared.state is State.UNANSWERED


def test_price_and_cost_each_round_the_length_in_their_own_steps():
    terms = replace(GUIDE, pulse_seconds=60)
    carrier_total = rate_e8("0.0099")  # 66 s at 0.009

    result = rated(terms, outbound(seconds=61, cost_total_e8=carrier_total))

    assert result.price == Money.of("0.0276")
    assert result.cost == Money.of("0.0099")
    assert result.profit == Money.of("0.0177")


@pytest.mark.parametrize("seconds, expected", [(599, "0.499167"), (600, "0.50"), (601, "0.500833")])
def test_a_charge_is_rounded_once_not_every_second(seconds, expected):
    result = rated(Terms(pulse_seconds=1), outbound(seconds=seconds, cost_rate_e8=rate_e8("0.05")))

    assert result.price == Money.of(expected)


def test_a_hundred_thousand_charges_add_up_exactly():
    rater = Rater(GUIDE)

    total = sum((rater.rate(outbound()).price for _ in range(100_000)), Money(0))

    assert total == Money.of("1380")


def test_a_tiny_charge_is_posted_in_full_and_ten_thousand_do_not_vanish():
    result = rated(Terms(pulse_seconds=6), outbound(seconds=6, cost_rate_e8=rate_e8("0.0004")))

    assert result.price == Money(40)
    assert sum([result.price] * 10_000, Money(0)) == Money.of("0.40")


@pytest.mark.parametrize(
    "rate, expected", [("0.00000149", 1), ("0.0000015", 2), ("0.00000049", 0), ("0.0000005", 1)]
)
def test_half_a_micro_unit_rounds_up(rate, expected):
    assert price(Decimal(rate), 60).micros == expected


def test_an_exchange_rate_is_one_step_before_the_markup():
    exchange = rate_e8("1.35")
    call = outbound(exchange_e8=exchange, cost_total_e8=rate_e8("0.009"))

    result = rated(GUIDE, call)

    assert result.price == Money.of("0.01758")  # (0.009 × 1.35 + 0.0025) × 1.2
    assert result.cost == Money.of("0.01215")
    assert result.worksheet["x"] == exchange


def test_a_sub_account_without_a_package_pays_cost_in_steps_of_six_seconds():
    result = rated(Terms(), outbound(seconds=7))

    assert result.billed_seconds == 12
    assert result.price == Money.of("0.0018")


def test_an_inbound_call_uses_the_numbers_rate_and_the_packages_pulse_alone():
    terms = replace(GUIDE, pulse_seconds=60, first_increment_seconds=120)

    result = rated(terms, inbound(seconds=61))
    without_package = rated(Terms(), inbound(seconds=61))

    assert (result.rule, result.billed_seconds) == (Rule.INBOUND, 120)
    assert result.price == Money.of("0.010")
    assert without_package.billed_seconds == 66


def test_an_inbound_call_at_a_number_without_a_rate_is_unrated():
    result = rated(GUIDE, inbound(rate=None))

    assert result.state is State.UNRATED
    assert result.price is None


def test_a_forwarded_call_is_two_legs_each_charged_once():
    terms = replace(GUIDE, pulse_seconds=60)

    leg_in = rated(terms, inbound(seconds=120))
    leg_out = rated(terms, outbound(seconds=120))

    assert leg_in.price == Money.of("0.010")
    assert leg_out.price == Money.of("0.0276")
    assert leg_in.price + leg_out.price == Money.of("0.0376")


def test_a_credit_row_of_the_carrier_lowers_the_cost():
    result = rated(GUIDE, outbound(cost_total_e8=-rate_e8("0.0000005")))

    assert result.cost == Money(-1)
