"""Amounts as gateways write them: decimal text, exact, in the currency's own decimals."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from portal.core.formats import PAID_IN_WHOLE
from portal.core.money import InvalidAmount, Money
from portal.payments.gateways.protocol import Unreadable


def written(amount: Money, currency: str) -> str:
    """12.00, or 12 where the currency has no smaller unit."""
    return f"{amount.decimal:.{0 if currency in PAID_IN_WHOLE else 2}f}"


def read_amount(text: Any) -> Money:
    """An amount of the outside; raises Unreadable."""
    try:
        return Money.of(Decimal(str(text)))
    except (InvalidAmount, InvalidOperation, TypeError, ValueError):
        raise Unreadable("The amount is none.") from None
