"""The longest prefix of a number in a deck of 50,000, against the bare dictionary loop."""

from __future__ import annotations

import gc
from collections.abc import Callable
from time import process_time

from bench.rating import LENGTHS, ROUNDS, make_calls, make_deck
from bench.rows import Row
from portal.rating import PrefixTable


def run() -> list[Row]:
    """Both find the same prefix for every number; the median of some turns counts."""
    deck = make_deck()
    numbers = [call[1][1:] for call in make_calls(deck)]
    table = PrefixTable(deck)
    assert _bare(deck, numbers) == _ours(table, numbers)
    turns = [
        (
            _per_second(lambda: _bare(deck, numbers), len(numbers)),
            _per_second(lambda: _ours(table, numbers), len(numbers)),
        )
        for _ in range(ROUNDS)
    ]
    floor, ours = sorted(turns, key=lambda turn: turn[1] / turn[0])[ROUNDS // 2]
    return [
        Row("match in 50,000 prefixes", floor, ours, ours / floor, "at least 0.5", "matches/CPU s")
    ]


def _bare(deck: dict[str, int], numbers: list[str]) -> list[int]:
    found = []
    for digits in numbers:
        for length in LENGTHS:
            prefix = digits[:length]
            if prefix in deck:
                found.append(deck[prefix])
                break
    return found


def _ours(table: PrefixTable[int], numbers: list[str]) -> list[int]:
    match = table.match
    return [found[1] for digits in numbers if (found := match(digits))]


def _per_second(work: Callable[[], object], count: int) -> float:
    gc.collect()
    begun = process_time()
    work()
    return count / (process_time() - begun)
