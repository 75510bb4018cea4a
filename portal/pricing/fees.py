"""Default fees and exchange rates: saved anew from a moment on, never edited."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Literal

from sqlalchemy import select

from portal.core import clock
from portal.core.db import session
from portal.core.errors import InvalidInput
from portal.core.money import Money
from portal.pricing.models import DefaultFees, ExchangeRate
from portal.pricing.values import Fees, MessageFees

_NAMES = tuple(field.name for field in fields(Fees))
_HIGHEST_FEE = Money(100_000 * 1_000_000)
_HIGHEST_RATE_E8 = 1_000 * 100_000_000


def fees_until(until: datetime) -> list[tuple[datetime, Fees]]:
    """The default fees that began before a moment, oldest first."""
    rows = session().scalars(
        select(DefaultFees).where(DefaultFees.valid_from < until).order_by(DefaultFees.valid_from)
    )
    return [(row.valid_from, _fees(row)) for row in rows]


def default_fees(at: datetime | None = None) -> Fees:
    """The reseller's default fees at a moment (now); all zero before any were saved."""
    row = session().scalar(
        select(DefaultFees)
        .where(DefaultFees.valid_from <= (at or clock.now()))
        .order_by(DefaultFees.valid_from.desc())
        .limit(1)
    )
    return Fees() if row is None else _fees(row)


def save_default_fees(fees: Fees, *, valid_from: datetime | None = None) -> None:
    """Let these default fees hold from a moment (now) on. InvalidInput names the fee."""
    for name in _NAMES:
        _check(name, getattr(fees, name))
    at = valid_from or clock.now()
    row = session().scalar(select(DefaultFees).where(DefaultFees.valid_from == at))
    if row is None:
        row = DefaultFees(valid_from=at)
        session().add(row)
    for name in _NAMES:
        setattr(row, name, getattr(fees, name))
    session().flush()


def sms_price(
    fees: MessageFees, direction: Literal["in", "out"], kind: Literal["sms", "mms"]
) -> Money:
    """What one text costs at the number it comes from or goes to: one message, one charge."""
    price: Money = getattr(fees, f"{kind}_{direction}")
    return price


def rates_until(until: datetime) -> list[tuple[datetime, int]]:
    """The exchange rates that began before a moment, oldest first."""
    rows = session().execute(
        select(ExchangeRate.valid_from, ExchangeRate.rate_e8)
        .where(ExchangeRate.valid_from < until)
        .order_by(ExchangeRate.valid_from)
    )
    return [(row.valid_from, row.rate_e8) for row in rows]


def save_exchange_rate(rate_e8: int, *, valid_from: datetime | None = None) -> None:
    """One unit of the carrier's currency in the reseller's, from a moment (now) on (rulings 8)."""
    if not 0 < rate_e8 <= _HIGHEST_RATE_E8:
        raise InvalidInput("The exchange rate must be above zero.", field="rate")
    at = valid_from or clock.now()
    row = session().scalar(select(ExchangeRate).where(ExchangeRate.valid_from == at))
    if row is None:
        session().add(ExchangeRate(valid_from=at, rate_e8=rate_e8))
    else:
        row.rate_e8 = rate_e8
    session().flush()


def exchange_rate(at: datetime | None = None) -> tuple[datetime, int] | None:
    """Since when, and how much, one unit of the carrier's currency is worth; None: same currency."""
    row = session().execute(
        select(ExchangeRate.valid_from, ExchangeRate.rate_e8)
        .where(ExchangeRate.valid_from <= (at or clock.now()))
        .order_by(ExchangeRate.valid_from.desc())
        .limit(1)
    ).one_or_none()  # fmt: skip
    return None if row is None else (row.valid_from, row.rate_e8)


def _fees(row: DefaultFees) -> Fees:
    return Fees(**{name: getattr(row, name) for name in _NAMES})


def _check(name: str, value: Money | int) -> None:
    too_low = value < Money(0) if isinstance(value, Money) else value < 0
    too_high = value > _HIGHEST_FEE if isinstance(value, Money) else value > _HIGHEST_RATE_E8
    if too_low:
        raise InvalidInput("A fee cannot be below zero.", field=name)
    if too_high:
        raise InvalidInput("This fee is too high to be meant.", field=name)
