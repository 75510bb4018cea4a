"""Amounts as gateways write them in whole numbers: cents, or yen."""

from __future__ import annotations

from typing import Final

from portal.core.errors import InvalidInput
from portal.core.money import Money

_WHOLE: Final = frozenset(
    [
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "JPY",
        "KMF",
        "KRW",
        "MGA",
        "PYG",
        "RWF",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ]
)
_THREE: Final = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])


def of(amount: Money, currency: str) -> int:
    """The amount in the currency's smallest unit; InvalidInput when it is no whole number of them."""
    count, rest = divmod(amount.micros, _micros(currency))
    if rest:
        raise InvalidInput("Enter an amount with at most two decimals.", field="amount")
    return count


def amount(count: int, currency: str) -> Money:
    """What so many of the currency's smallest units are."""
    return Money(count * _micros(currency))


def _micros(currency: str) -> int:
    if currency.upper() in _WHOLE:
        return 1_000_000
    return 1_000 if currency.upper() in _THREE else 10_000
