"""Taxes as plain arithmetic: once for each tax, on the sum of what it is on, half up to the currency.

A line may have several taxes, none of which is on another. On top: each is its share of the lines'
sum. Inside: a line of 115 with 5 and 10 percent holds 5 and 10. Amounts of lines are exact
micro-units; a tax is a whole number of the currency's smallest coin.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from portal.core.money import PERCENT_E4_PER_WHOLE, Money, half_up

_MICRO_PLACES = 6


class Taxed(NamedTuple):
    """An amount, and which of the taxes are on it by their place in the list."""

    amount: Money
    taxes: tuple[int, ...]


class Sums(NamedTuple):
    """``basis`` is the sum of the lines; net + the taxes = total, exactly."""

    basis: Money
    net: Money
    taxes: tuple[Money, ...]
    bases: tuple[Money, ...]  # what each tax is on, before tax
    total: Money

    @property
    def tax(self) -> Money:
        return sum(self.taxes, Money(0))


def compute(
    lines: Sequence[Taxed], percents_e4: Sequence[int], *, inclusive: bool, digits: int
) -> Sums:
    """The taxes of these lines; ``digits`` are the decimals of the currency."""
    basis = sum((line.amount for line in lines), Money(0))
    exact = [Fraction(0) for _ in percents_e4]
    nets = [Fraction(0) for _ in percents_e4]
    for line in lines:
        share = sum(percents_e4[at] for at in line.taxes) if inclusive else 0
        net = Fraction(line.amount.micros * PERCENT_E4_PER_WHOLE, PERCENT_E4_PER_WHOLE + share)
        for at in line.taxes:
            exact[at] += net * percents_e4[at] / PERCENT_E4_PER_WHOLE
            nets[at] += net
    taxes = tuple(to_coins(one, digits) for one in exact)
    bases = tuple(Money(half_up(one.numerator, one.denominator)) for one in nets)
    all_taxes = sum(taxes, Money(0))
    if inclusive:
        return Sums(basis, basis - all_taxes, taxes, bases, basis)
    return Sums(basis, basis, taxes, bases, basis + all_taxes)


def to_coins(micros: Fraction, digits: int) -> Money:
    """Half up to the smallest coin of the currency, a half away from zero."""
    coin = 10 ** (_MICRO_PLACES - digits)
    return Money(half_up(micros.numerator, micros.denominator * coin) * coin)


def credited(tax: Money, *, part: Money, of: Money, before: Money, digits: int) -> Money:
    """How much of a paper's tax a credit note gives back.

    ``part`` is all that is credited of the basis ``of``, this note included; ``before`` what earlier
    notes gave back of the tax. Never more than the tax, and all of it once all is credited.
    """
    if part >= of:
        return tax - before
    share = to_coins(Fraction(tax.micros * part.micros, of.micros), digits)
    return max(min(share, tax) - before, Money(0))
