"""The taxes of one payment, and what of each goes back with a part of it.

Everything follows from how much was given back so far, so that no row of refunds, however it is cut,
gives back a coin more or less than was paid.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from portal.core.money import Money, half_up

_MICRO_PLACES = 6


class TaxPart(NamedTuple):
    """One tax of a payment: its name, rate and registration number, and how much was paid of it."""

    name: str
    percent_e4: int
    number: str
    amount: Money


@dataclass(frozen=True, slots=True)
class PaidTaxes:
    """The taxes of a payment of ``total``, and how much of it had gone after each move of money."""

    parts: tuple[TaxPart, ...]
    total: Money
    digits: int
    gone: tuple[Money, ...] = ()

    def of_move(self, number: int) -> tuple[TaxPart, ...]:
        """What of each tax went back with the first, second … move, or returned with it."""
        after, before = self._within(number), self._within(number - 1)
        return tuple(
            part._replace(amount=abs(now - then))
            for part, now, then in zip(self.parts, after, before, strict=True)
        )

    def _within(self, number: int) -> list[Money]:
        gross = self.gone[number - 1] if 0 < number <= len(self.gone) else Money(0)
        return within(gross, self.parts, total=self.total, digits=self.digits)


def total_of(parts: Sequence[TaxPart]) -> Money:
    """All taxes together."""
    return sum((part.amount for part in parts), Money(0))


def within(gross: Money, parts: Sequence[TaxPart], *, total: Money, digits: int) -> list[Money]:
    """What of each tax is in the first ``gross`` of a payment of ``total``.

    The sum is the taxes' share, half up to the currency's smallest coin; it is dealt out one tax after
    the other. No share falls when ``gross`` rises, and all of ``total`` holds all of each.
    """
    coin = 10 ** (_MICRO_PLACES - digits)
    left = total_of(parts)
    share = Money(half_up(left.micros * gross.micros, total.micros * coin) * coin)
    found = []
    for part in parts:
        own = Money(
            half_up(part.amount.micros * share.micros, left.micros * coin) * coin if left else 0
        )
        found.append(own)
        share, left = share - own, left - part.amount
    return found


def net_of(gross: Money, parts: Sequence[TaxPart], *, total: Money, digits: int) -> Money:
    """What of the first ``gross`` of a payment is not tax."""
    return gross - sum(within(gross, parts, total=total, digits=digits), Money(0))


def gross_of(net: Money, parts: Sequence[TaxPart], *, total: Money, digits: int) -> Money:
    """How much of a payment has to go back so that ``net`` of it, before tax, does."""
    tax = total_of(parts)
    if not tax:
        return net
    if net >= total - tax:
        return total
    coin = 10 ** (_MICRO_PLACES - digits)
    gross = Money(half_up(net.micros * total.micros, (total - tax).micros * coin) * coin)
    while net_of(gross, parts, total=total, digits=digits) < net:
        gross += Money(coin)
    while net_of(gross, parts, total=total, digits=digits) > net:
        gross -= Money(coin)
    return gross


def packed(parts: Sequence[TaxPart]) -> list[list[Any]]:
    """As plain data."""
    return [[part.name, part.percent_e4, part.number, part.amount.micros] for part in parts]


def unpacked(kept: Sequence[Sequence[Any]]) -> tuple[TaxPart, ...]:
    """The same parts again."""
    return tuple(TaxPart(name, rate, number, Money(micros)) for name, rate, number, micros in kept)
