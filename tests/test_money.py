"""Money is exact: what goes in comes out, and one function rounds."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.money import InvalidAmount, Money, half_up, percent_e4, plain, rate_e8

MICROS = st.integers(-(2**63) + 1, 2**63 - 1)


@pytest.mark.parametrize(
    "written, micros",
    [
        ("0.0138", 13_800),
        ("1234.5678", 1_234_567_800),
        ("-0.5", -500_000),
        ("+2", 2_000_000),
        (" 5 ", 5_000_000),
        ("0.00000100", 1),
        ("-0", 0),
        (Decimal("0.009"), 9_000),
        (Decimal("1E+3"), 1_000_000_000),
        (Decimal("0E-8"), 0),
        ("9223372036854.775807", 2**63 - 1),
    ],
)
def test_plain_amounts_are_read_exactly(written, micros):
    assert Money.of(written) == Money(micros)


@pytest.mark.parametrize(
    "written",
    [
        "", " ", ".", "1.", ".5", "abc", "NaN", "Infinity", "-inf", "1e5", "1E-3", "1,000", "1.000,5",
        "1_000", "0x10", "１", "٣", "1 000", "--1", "0.0000001", "9223372036854.775808", "1" * 5000,
        Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), Decimal("1e400"), Decimal("1e-7"),
        Decimal("1e-999999"), "5\n", "5\x00",
    ],
)  # fmt: skip
def test_what_is_no_exact_amount_is_refused(written):
    with pytest.raises(InvalidAmount):
        Money.of(written)


@pytest.mark.parametrize("given_value", [0.1, 1, True, None, b"1", [1]])
def test_only_text_and_decimals_are_amounts(given_value):
    with pytest.raises(TypeError):
        Money.of(given_value)


@pytest.mark.parametrize("micros", [1.0, True, "1", Decimal(1), None])
def test_money_counts_whole_micro_units(micros):
    with pytest.raises(TypeError):
        Money(micros)


def test_amounts_add_compare_negate_and_hash():
    a, b = Money.of("0.1"), Money.of("0.2")

    assert a + b == Money.of("0.3")
    assert b - a == a
    assert -a < Money(0) < a
    assert abs(-a) == a
    assert len({a, Money.of("0.10")}) == 1
    assert not Money(0)
    assert a


def test_money_does_not_mix_with_numbers():
    with pytest.raises(TypeError):
        Money(1) + 1
    with pytest.raises(TypeError):
        sum([Money(1)])


@given(MICROS)
def test_text_and_decimal_come_back_as_the_same_amount(micros):
    money = Money(micros)

    assert Money.of(str(money)) == money
    assert Money.of(money.decimal) == money


@pytest.mark.parametrize(
    "numerator, denominator, rounded",
    [
        (1, 2, 1),
        (-1, 2, -1),
        (3, 2, 2),
        (5, 2, 3),
        (49, 100, 0),
        (50, 100, 1),
        (0, 7, 0),
        (-149, 100, -1),
    ],
)
def test_a_half_rounds_away_from_zero(numerator, denominator, rounded):
    assert half_up(numerator, denominator) == rounded


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**9))
def test_rounding_is_the_nearest_and_a_reversal_rounds_alike(numerator, denominator):
    rounded = half_up(numerator, denominator)

    assert abs(Fraction(numerator, denominator) - rounded) <= Fraction(1, 2)
    assert half_up(-numerator, denominator) == -rounded


@given(st.integers(-(10**12), 10**12))
def test_rounding_agrees_with_decimals_half_up(numerator):
    expected = (Decimal(numerator) / 1000).quantize(Decimal(1), rounding=ROUND_HALF_UP)

    assert half_up(numerator, 1000) == int(expected)


def test_rates_keep_eight_decimals_and_percents_four():
    assert rate_e8("0.00000001") == 1
    assert percent_e4("20") == 200_000
    assert percent_e4("0.0001") == 1
    with pytest.raises(InvalidAmount):
        rate_e8("0.000000001")
    with pytest.raises(InvalidAmount):
        percent_e4("0.00001")


@pytest.mark.parametrize(
    "scaled, places, text",
    [(13_800, 6, "0.013800"), (-5, 2, "-0.05"), (7, 0, "7"), (100, 2, "1.00")],
)
def test_plain_text_has_no_exponent(scaled, places, text):
    assert plain(scaled, places) == text
