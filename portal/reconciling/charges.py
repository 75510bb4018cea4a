"""Bringing the carrier's fees in: each once, with its cost in the month the carrier took it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from portal import ledger, numbers, pricing
from portal.carriers import CarrierTransaction
from portal.core import phone, scope
from portal.core.db import insert_once, new_public_id, session
from portal.core.money import ZERO, Money
from portal.ledger import CostDelta, CostKind
from portal.numbers import DidBook
from portal.rating import in_own_currency
from portal.reconciling.models import CarrierCharge

_AT_ONCE = 500


def record_charges(rows: Sequence[CarrierTransaction]) -> int:
    """Store fees and payments of the carrier; how many were new or changed. In a transaction.

    One that the carrier changed is changed here too, and its month moves by the difference.
    """
    if not rows:
        return 0
    first, last = min(row.at for row in rows), max(row.at for row in rows)
    book = numbers.did_book(first, last + timedelta(seconds=1))
    rates = pricing.rates_until(last + timedelta(seconds=1))
    known = _known(rows)
    return sum(_take(row, book, rates, known.get(row.key())) for row in rows)


def _take(
    row: CarrierTransaction,
    book: DidBook,
    rates: Sequence[tuple[object, int]],
    known: CarrierCharge | None,
) -> bool:
    if known is not None:
        return _correct(known, row)
    number = (phone.normalise(row.did) or row.did) if row.did else ""
    owner = book.at(number, row.at) if number else None
    in_force = [rate for since, rate in rates if since <= row.at]  # type: ignore[operator]
    exchange = in_force[-1] if in_force else None
    client_id = owner.client_id if owner else None
    kind, cost = _cost(row.amount_e8, number, exchange)
    new = insert_once(
        CarrierCharge,
        {
            "reseller_id": scope.reseller_id(),
            "client_id": client_id,
            "public_id": new_public_id(),
            "carrier_key": row.key(),
            "at": row.at,
            "kind": kind,
            "number": number[:20],
            "description": row.description[:120],
            "amount_e8": row.amount_e8,
            "exchange_e8": exchange,
            "cost": cost,
        },
    )
    if new and kind:
        ledger.note_costs([CostDelta(client_id, CostKind(kind), cost)], posted_at=row.at)
    return new


def _correct(known: CarrierCharge, row: CarrierTransaction) -> bool:
    if known.amount_e8 == row.amount_e8:
        return False
    kind, cost = _cost(row.amount_e8, known.number, known.exchange_e8)
    for word, moved in ((known.kind, -known.cost), (kind, cost)):
        if word:
            delta = CostDelta(known.client_id, CostKind(word), moved)
            ledger.note_costs([delta], posted_at=known.at)
    known.amount_e8, known.kind, known.cost = row.amount_e8, kind, cost
    session().flush()
    return True


def _cost(amount_e8: int, number: str, exchange_e8: int | None) -> tuple[str, Money]:
    """What it is a cost of, and how much; money that came to the carrier for no number is none."""
    if amount_e8 > 0 and not number:
        return "", ZERO
    micros = in_own_currency(abs(amount_e8), exchange_e8)
    cost = Money(micros if amount_e8 < 0 else -micros)
    return (CostKind.NUMBER if number else CostKind.OTHER).value, cost


def _known(rows: Sequence[CarrierTransaction]) -> dict[str, CarrierCharge]:
    keys = [row.key() for row in rows]
    found: dict[str, CarrierCharge] = {}
    for first in range(0, len(keys), _AT_ONCE):
        there = session().scalars(
            select(CarrierCharge).where(
                CarrierCharge.carrier_key.in_(keys[first : first + _AT_ONCE])
            )
        )
        found.update((row.carrier_key, row) for row in there)
    return found
