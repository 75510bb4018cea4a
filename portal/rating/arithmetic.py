"""The arithmetic of one charge: billed length, the rate with markup, the price, free minutes."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from portal.core.money import PERCENT_E4_PER_WHOLE, RATE_E8_PER_UNIT, Money, half_up

SECONDS_PER_MINUTE = 60
MICRO_DENOMINATOR = SECONDS_PER_MINUTE * 100  # rate in 1e-8 a minute × seconds → micro-units


class Split(NamedTuple):
    """A call's length at the allowance: whole minutes that are free, seconds left to charge."""

    free_minutes: int
    charged_seconds: int


def billed_seconds(seconds: int, pulse: int, *, first: int = 0) -> int:
    """The length that is charged: steps of `pulse` seconds, the first step `first` if given.

    A pulse of N charges in steps of N seconds: with pulse 6, 31 seconds are 36. After a first
    increment the steps count from its end (90/60: 91 s are 150 s, not 120 or 180). Nothing for 0.
    """
    assert seconds >= 0
    assert pulse > 0
    if seconds == 0:
        return 0
    if first and seconds <= first:
        return first
    return first - (first - seconds) // pulse * pulse


def marked_up(
    cost_e8: int, *, fixed_e8: int, percent_e4: int, exchange_e8: int | None = None
) -> Decimal:
    """The seller's rate per minute, exact: the fixed part first, then the percentage on the sum.

    The cost is in the carrier's currency and goes through the exchange rate first, if there is one.
    """
    numerator, denominator = rate_fraction(
        cost_e8, fixed_e8=fixed_e8, percent_e4=percent_e4, exchange_e8=exchange_e8
    )
    return exact_decimal(Fraction(numerator, denominator))


def rate_fraction(
    cost_e8: int, *, fixed_e8: int, percent_e4: int, exchange_e8: int | None = None
) -> tuple[int, int]:
    """`marked_up` as numerator and denominator in currency units per minute."""
    factor = PERCENT_E4_PER_WHOLE + percent_e4
    scale = RATE_E8_PER_UNIT * PERCENT_E4_PER_WHOLE
    if exchange_e8 is None:
        return (cost_e8 + fixed_e8) * factor, scale
    exchanged = cost_e8 * exchange_e8 + fixed_e8 * RATE_E8_PER_UNIT
    return exchanged * factor, scale * RATE_E8_PER_UNIT


def price(rate: Decimal, seconds: int) -> Money:
    """What billed seconds cost at a rate per minute: computed exactly, rounded once, half up."""
    exact = Fraction(rate) * seconds * 1_000_000 / SECONDS_PER_MINUTE
    return Money(half_up(exact.numerator, exact.denominator))


def price_micros(rate_e8: int, seconds: int) -> int:
    """The same in plain integers for a rate of 8 decimals."""
    return half_up(rate_e8 * seconds, MICRO_DENOMINATOR)


def in_own_currency(amount_e8: int, exchange_e8: int | None) -> int:
    """An amount of the carrier (1e-8 units of its currency) as micro-units of the reseller's."""
    if exchange_e8 is None:
        return half_up(amount_e8, 100)
    return half_up(amount_e8 * exchange_e8, 100 * RATE_E8_PER_UNIT)


def split_at_allowance(seconds: int, minutes_left: int) -> Split:
    """Divide a call at the end of the free minutes.

    The allowance counts each call in total rounded minutes (3:11 uses 4). When it ends inside the
    call, the seconds after it are charged as if the call began there.
    """
    assert seconds >= 0
    started = -(-seconds // SECONDS_PER_MINUTE)
    used = min(started, max(minutes_left, 0))
    return Split(used, max(seconds - used * SECONDS_PER_MINUTE, 0))


def after_free(first: int, free_minutes: int) -> int:
    """What is left of the first increment when its beginning was paid by free minutes."""
    return max(first - free_minutes * SECONDS_PER_MINUTE, 0)


def exact_decimal(value: Fraction, places: int = 24) -> Decimal:
    """A fraction as a Decimal without trailing zeros, exact when it ends within `places`."""
    scaled = half_up(value.numerator * 10**places, value.denominator)
    digits = Decimal(scaled).as_tuple()
    return _trimmed(Decimal((digits.sign, digits.digits, -places)))


def _trimmed(value: Decimal) -> Decimal:
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    while exponent < 0 and len(digits) > 1 and digits[-1] == 0:
        digits, exponent = digits[:-1], exponent + 1
    return Decimal((sign, digits, exponent)) if any(digits) else Decimal(0)
