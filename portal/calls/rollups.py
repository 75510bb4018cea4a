"""Sums of calls by day and month, moved in the transaction that moves the calls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from portal.calls.models import CallDay, CallLineDay, CallLineMonth, CallMonth
from portal.core.db import Base, add_up
from portal.core.money import Money
from portal.ledger import CostDelta, CostKind

_SUMS = (
    "calls", "answered", "no_answer", "busy", "failed", "seconds", "billed_seconds", "price", "cost",
)  # fmt: skip
_LINE_SUMS = ("calls", "answered", "seconds", "billed_seconds", "price", "cost")
_KIND = {"answered": 1, "no_answer": 2, "busy": 3, "failed": 4}
_DIRECTIONS = ("owner", "direction")
_LINES = ("owner", "sub_account", "did")


class Counted(NamedTuple):
    """Under what a call is counted: ids of its client, sub-account and number (0: none)."""

    owner: int
    day: date
    direction: str
    sub_account: int
    did: int


class Sums:
    """Deltas collected over a batch: one list of numbers for each key."""

    def __init__(self) -> None:
        self._deltas: dict[tuple[int, date, str, int, int], list[int]] = {}

    def add(
        self,
        key: tuple[int, date, str, int, int],
        disposition: str,
        seconds: int,
        billed: int,
        price: int,
        cost: int,
        sign: int = 1,
    ) -> None:
        """Count one call (as ``Counted``), or take one out again with ``sign`` −1; money in micro-units."""
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
        """Add the deltas to every roll-up."""
        found = [(Counted._make(key), delta) for key, delta in self._deltas.items()]
        by_day = _folded(found, lambda key: (key.owner, key.direction, key.day))
        lines = _folded(found, lambda key: (key.owner, key.sub_account, key.did, key.day))
        _write(CallDay, (*_DIRECTIONS, "day"), _SUMS, reseller_id, by_day)
        _write(CallMonth, (*_DIRECTIONS, "month"), _SUMS, reseller_id, _by_month(by_day))
        _write(CallLineDay, (*_LINES, "day"), _LINE_SUMS, reseller_id, lines)
        _write(CallLineMonth, (*_LINES, "month"), _LINE_SUMS, reseller_id, _by_month(lines))

    def costs(self) -> list[CostDelta]:
        """What the carrier took more than was known before, by owner."""
        found: dict[int, int] = defaultdict(int)
        for key, delta in self._deltas.items():
            found[key[0]] += delta[8]
        return [
            CostDelta(owner or None, CostKind.CALL, Money(cost)) for owner, cost in found.items()
        ]


def _folded(
    deltas: Iterable[tuple[Any, list[int]]], key_of: Callable[[Any], tuple[Any, ...]]
) -> dict[tuple[Any, ...], list[int]]:
    """The sums under fewer words."""
    found: dict[tuple[Any, ...], list[int]] = {}
    for long, delta in deltas:
        key = key_of(long)
        so_far = found.get(key)
        found[key] = (
            delta if so_far is None else [a + b for a, b in zip(so_far, delta, strict=True)]
        )
    return found


def _by_month(days: Mapping[tuple[Any, ...], list[int]]) -> dict[tuple[Any, ...], list[int]]:
    return _folded(days.items(), lambda key: (*key[:-1], key[-1].replace(day=1)))


def _write(
    model: type[Base],
    words: Sequence[str],
    sums: Sequence[str],
    reseller_id: int,
    deltas: Mapping[tuple[Any, ...], list[int]],
) -> None:
    rows: list[dict[str, Any]] = []
    for key, delta in deltas.items():
        row: dict[str, Any] = dict(zip(words, key, strict=True))
        row |= {"reseller_id": reseller_id, "client_id": row["owner"] or None}
        counted = dict(zip(_SUMS, delta, strict=True))
        row |= {name: counted[name] for name in sums}
        row |= {"price": Money(counted["price"]), "cost": Money(counted["cost"])}
        rows.append(row)
    add_up(model, rows, keys=("reseller_id", *words), sums=sums)
