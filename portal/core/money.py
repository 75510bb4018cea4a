"""Money in whole micro-units, rates and percents as scaled integers, and the one rounding."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

MICROS_PER_UNIT: Final = 1_000_000
RATE_E8_PER_UNIT: Final = 100_000_000
PERCENT_E4_PER_WHOLE: Final = 1_000_000  # 100 % in 1e-4 percent points

_PLAIN = re.compile(r"([+-]?)([0-9]{1,18})(?:\.([0-9]{1,40}))?")
_LARGEST = 2**63 - 1  # what a BIGINT column holds


class InvalidAmount(ValueError):
    """Text or a number that is not an exact amount in the scale asked for."""


@dataclass(frozen=True, order=True, slots=True)
class Money:
    """An exact amount in micro-units (1e-6) of the reseller's one currency.

    `Money(13_800)` is 0.0138. Amounts add, subtract and negate; whatever multiplies or divides
    does so in plain integers and rounds once with `half_up`.
    """

    micros: int

    def __post_init__(self) -> None:
        if type(self.micros) is not int:
            raise TypeError(f"Money counts whole micro-units, not {type(self.micros).__name__}")

    @classmethod
    def of(cls, amount: str | Decimal) -> Money:
        """The amount written as plain decimal text or held in a Decimal: `Money.of("0.0138")`.

        Exact or refused: raises InvalidAmount for exponents, NaN, thousands marks, more than six
        decimals and what a 64-bit column cannot hold, TypeError for floats, integers (say
        `Money(micros)` or text, so that nobody mixes units and micro-units) and anything else.
        """
        return cls(_scaled(amount, 6))

    @property
    def decimal(self) -> Decimal:
        """The same amount as an exact Decimal with six decimals."""
        return Decimal(self.micros).scaleb(-6)

    def __add__(self, other: Money) -> Money:
        if not isinstance(other, Money):
            return NotImplemented
        return Money(self.micros + other.micros)

    def __sub__(self, other: Money) -> Money:
        if not isinstance(other, Money):
            return NotImplemented
        return Money(self.micros - other.micros)

    def __neg__(self) -> Money:
        return Money(-self.micros)

    def __abs__(self) -> Money:
        return Money(abs(self.micros))

    def __bool__(self) -> bool:
        return self.micros != 0

    def __str__(self) -> str:
        return plain(self.micros, 6)


ZERO: Final = Money(0)


def half_up(numerator: int, denominator: int) -> int:
    """The one rounding: to the nearest whole, a half away from zero.

    Symmetric, so a reversal rounds to exactly what it reverses. The denominator is above zero.
    """
    assert denominator > 0
    if numerator < 0:
        return -((-2 * numerator + denominator) // (2 * denominator))
    return (2 * numerator + denominator) // (2 * denominator)


def rate_e8(amount: str | Decimal) -> int:
    """A rate per minute (or an exchange rate) in 1e-8 units: "0.009" is 900_000. Exact or refused."""
    return _scaled(amount, 8)


def percent_e4(amount: str | Decimal) -> int:
    """A percentage in 1e-4 percent points: "20" is 200_000. Exact or refused."""
    return _scaled(amount, 4)


def plain(scaled: int, places: int) -> str:
    """A scaled integer as plain decimal text with exactly `places` decimals, never an exponent."""
    sign = "-" if scaled < 0 else ""
    digits = str(abs(scaled)).rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else sign + digits


def _scaled(amount: str | Decimal, places: int) -> int:
    """Exact scaling of text or a Decimal; trailing zeros beyond the scale lose nothing and pass."""
    if isinstance(amount, Decimal):
        if not amount.is_finite() or not -40 < amount.adjusted() < 19:
            raise InvalidAmount("not a finite amount of a reasonable size")
        text = format(amount, "f")
    elif isinstance(amount, str):
        text = amount.strip(" ")
    else:
        raise TypeError(f"an amount is text or a Decimal, not {type(amount).__name__}")
    found = _PLAIN.fullmatch(text)
    if found is None:
        raise InvalidAmount("not a plain decimal number")
    sign, whole, fraction = found[1], found[2], (found[3] or "").rstrip("0")
    if len(fraction) > places:
        raise InvalidAmount(f"more than {places} decimals")
    scaled = int(whole + fraction.ljust(places, "0"))
    if scaled > _LARGEST:
        raise InvalidAmount("larger than any amount that can be kept")
    return -scaled if sign == "-" else scaled
