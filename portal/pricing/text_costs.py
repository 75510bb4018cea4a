"""What the carrier takes for a text: its lists do not say, so the reseller does, from a moment on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import select

from portal.core import clock
from portal.core.db import session
from portal.core.errors import InvalidInput
from portal.core.money import Money, half_up
from portal.pricing.fees import exchange_rate, rates_until
from portal.pricing.models import TextCosts

_E8 = 100_000_000
_AN_SMS, _AN_MMS = Money(7_500), Money(20_000)
_HIGHEST = Money(1_000 * 1_000_000)


@dataclass(frozen=True, slots=True)
class TextCost:
    """In the carrier's currency; what its price list says where nothing was saved."""

    sms_in: Money = _AN_SMS
    sms_out: Money = _AN_SMS
    mms_in: Money = _AN_MMS
    mms_out: Money = _AN_MMS


_NAMES = tuple(field.name for field in fields(TextCost))


def text_costs(at: datetime | None = None) -> TextCost:
    """What the carrier takes at a moment (now)."""
    row = session().scalar(
        select(TextCosts)
        .where(TextCosts.valid_from <= (at or clock.now()))
        .order_by(TextCosts.valid_from.desc())
        .limit(1)
    )
    return TextCost() if row is None else _read(row)


def save_text_costs(costs: TextCost) -> None:
    """Let these costs hold from now on. InvalidInput names the cost."""
    for name in _NAMES:
        amount: Money = getattr(costs, name)
        if amount < Money(0):
            raise InvalidInput("A cost cannot be below zero.", field=name)
        if amount > _HIGHEST:
            raise InvalidInput("This cost is too high to be meant.", field=name)
    at = clock.now()
    row = session().scalar(select(TextCosts).where(TextCosts.valid_from == at))
    if row is None:
        row = TextCosts(valid_from=at)
        session().add(row)
    for name in _NAMES:
        setattr(row, name, getattr(costs, name))
    session().flush()


def text_cost(direction: str, kind: str, at: datetime | None = None) -> Money:
    """What one text costs the reseller, in the reseller's own currency (rulings 8)."""
    rate = exchange_rate(at)
    return _of(text_costs(at), f"{kind}_{direction}", rate[1] if rate else None)


def text_cost_book(until: datetime) -> Callable[[str, str, datetime], Money]:
    """The same (direction, kind, moment) for many texts before a moment: two queries."""
    rows = session().scalars(
        select(TextCosts).where(TextCosts.valid_from < until).order_by(TextCosts.valid_from)
    )
    costs = [(row.valid_from, _read(row)) for row in rows]
    rates = rates_until(until)

    def cost(direction: str, kind: str, at: datetime) -> Money:
        in_force = next((one for since, one in reversed(costs) if since <= at), TextCost())
        rate = next((one for since, one in reversed(rates) if since <= at), None)
        return _of(in_force, f"{kind}_{direction}", rate)

    return cost


def _read(row: TextCosts) -> TextCost:
    return TextCost(**{name: getattr(row, name) for name in _NAMES})


def _of(costs: TextCost, name: str, rate_e8: int | None) -> Money:
    amount: Money = getattr(costs, name)
    return amount if rate_e8 is None else Money(half_up(amount.micros * rate_e8, _E8))
