"""Sums of calls by day and month, moved in the transaction that moves the calls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from portal.calls.models import CallDay, CallMonth
from portal.core.db import add_up
from portal.core.money import Money
from portal.ledger import CostDelta, CostKind

_COUNTED = ("calls", "answered", "no_answer", "busy", "failed", "seconds", "billed_seconds")
_SUMS = (*_COUNTED, "price", "cost")
_KIND = {"answered": 1, "no_answer": 2, "busy": 3, "failed": 4}


class Sums:
    """Deltas collected over a batch: one list of numbers for each owner, day and direction."""

    def __init__(self) -> None:
        self._deltas: dict[tuple[int, date, str], list[int]] = {}

    def add(
        self,
        key: tuple[int, date, str],
        disposition: str,
        seconds: int,
        billed: int,
        price: int,
        cost: int,
        sign: int = 1,
    ) -> None:
        """Count one call, or take one out again with ``sign`` −1; money in micro-units."""
        delta = self._deltas.get(key)
        if delta is None:
            delta = self._deltas[key] = [0] * 9
        delta[0] += sign
        delta[_KIND[disposition]] += sign
        delta[5] += sign * seconds
        delta[6] += sign * billed
        delta[7] += sign * price
        delta[8] += sign * cost

    def write(self, reseller_id: int) -> None:
        """Add the deltas to both roll-ups."""
        _write(CallDay, "day", reseller_id, self._deltas.items())
        months: dict[tuple[int, date, str], list[int]] = {}
        for (owner, day, direction), delta in self._deltas.items():
            key = (owner, day.replace(day=1), direction)
            so_far = months.setdefault(key, [0] * 9)
            months[key] = [a + b for a, b in zip(so_far, delta, strict=True)]
        _write(CallMonth, "month", reseller_id, months.items())

    def costs(self) -> list[CostDelta]:
        """What the carrier took more than was known before, by owner."""
        found: dict[int, int] = defaultdict(int)
        for (owner, _, _), delta in self._deltas.items():
            found[owner] += delta[8]
        return [
            CostDelta(owner or None, CostKind.CALL, Money(cost)) for owner, cost in found.items()
        ]


def _write(
    model: type[CallDay] | type[CallMonth],
    period: str,
    reseller_id: int,
    deltas: Iterable[tuple[tuple[int, date, str], list[int]]],
) -> None:
    rows: list[dict[str, Any]] = []
    for (owner, start, direction), delta in deltas:
        row: dict[str, Any] = dict(zip(_SUMS, delta, strict=True))
        row |= {"price": Money(row["price"]), "cost": Money(row["cost"])}
        row |= {"reseller_id": reseller_id, "client_id": owner or None, "owner": owner}
        row |= {period: start, "direction": direction}
        rows.append(row)
    add_up(model, rows, keys=("reseller_id", "owner", period, "direction"), sums=_SUMS)
