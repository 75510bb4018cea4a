"""The money of a number that is being bought: set aside with the order, free again at its end."""

from __future__ import annotations

from portal import ledger
from portal.core.money import Money
from portal.numbers.models import NumberOrder

BUY = "buy"
_SOURCE, _KIND = "number_order", "fees"


def set_aside(order: NumberOrder, amount: Money) -> None:
    """Keep the price for the order, or refuse. In a transaction."""
    assert order.client_id is not None
    ledger.hold(
        order.client_id, amount, source_type=_SOURCE, source_id=str(order.public_id), kind=_KIND
    )


def give_hold_back(order: NumberOrder) -> None:
    """What was set aside is free again, to be charged or not. In a transaction."""
    if order.action == BUY:
        ledger.void_hold(source_type=_SOURCE, source_id=str(order.public_id), kind=_KIND)
