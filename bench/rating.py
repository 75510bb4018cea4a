"""Rating on one core: match + rate + worksheet, against the bare dictionary loop on the same calls."""

from __future__ import annotations

import gc
import random
from collections.abc import Callable, Sequence, Sized
from datetime import UTC, datetime
from functools import partial
from time import process_time
from typing import Any

from bench.rows import Row
from portal.rating import AreaRate, CallFacts, DeckRate, PrefixTable, Rated, Rater, Terms

CALLS = 300_000
PREFIXES = 50_000
ROUNDS = 5
SEED = 20261101
PULSE = 6
BATCH = 5_000
LENGTHS = range(9, 0, -1)
STARTED_AT = datetime(2026, 11, 1, 12, tzinfo=UTC)


def run() -> list[Row]:
    """Who decides: the package's own 50,000 prefixes, the row's rate, a 50,000-prefix deck."""
    deck = make_deck()
    calls = make_calls(deck)
    own_rates = tuple(AreaRate("prefix", prefix, rate + 1000) for prefix, rate in deck.items())
    table = PrefixTable({prefix: DeckRate(rate) for prefix, rate in deck.items()})
    markup = Terms(fixed_e8=250_000, percent_e4=200_000, pulse_seconds=PULSE)
    without_rate = [call._replace(cost_rate_e8=None) for call in calls]
    return [
        _row("rate a call, 50,000 package prefixes", deck, Rater(Terms(areas=own_rates)), calls),
        _row("rate a call, markup on the row's rate", deck, Rater(markup), calls),
        _row("rate a call, deck stands in", deck, Rater(markup, deck=table), without_rate),
    ]


def make_deck() -> dict[str, int]:
    """Nested prefixes of 1 to 9 digits with a cost per minute in 1e-8, the same in every run.

    As in a carrier's deck most are four to seven digits long.
    """
    dice = random.Random(SEED)
    deck = {str(digit): 1_000_000 for digit in range(1, 10)}
    while len(deck) < PREFIXES:
        longest = dice.choices(range(3, 10), weights=(2, 6, 10, 12, 10, 3, 1))[0]
        prefix = str(dice.randrange(10 ** (longest - 1), 10**longest))
        for length in range(longest - dice.randrange(2), longest + 1):
            deck[prefix[:length]] = dice.randrange(200_000, 30_000_000)
    return deck


def make_calls(deck: dict[str, int]) -> list[CallFacts]:
    dice = random.Random(SEED + 1)
    prefixes = list(deck)
    calls = []
    for _ in range(CALLS):
        prefix = dice.choice(prefixes)
        number = "+" + (prefix + str(dice.randrange(10**10, 10**11)))[:12]
        seconds = dice.randrange(1, 3600)
        rate = deck[prefix]
        calls.append(
            CallFacts("out", number, seconds, True, rate, rate * seconds // 60, STARTED_AT)
        )
    return calls


def bare_loop(deck: dict[str, int], calls: Sequence[tuple[Any, ...]]) -> list[tuple[object, ...]]:
    """Match, rate, row tuple of the calls table, and nothing else."""
    rows: list[tuple[object, ...]] = []
    lengths = LENGTHS
    for direction, number, seconds, connected, _, total, started_at, *_ in calls:
        digits = number[1:]
        for length in lengths:
            prefix = digits[:length]
            if prefix in deck:
                break
        rate = deck[prefix]
        billed = -(-seconds // PULSE) * PULSE
        cost = (rate * billed + 3000) // 6000
        charge = ((rate + 250_000) * 12 * billed + 30_000) // 60_000
        rows.append(
            (1, 2, started_at, direction, number, prefix, seconds, billed, connected, rate, total,
             cost, charge, charge - cost)
        )  # fmt: skip
    return rows


def _ours(rater: Rater, calls: list[CallFacts]) -> list[Rated]:
    rate = rater.rate
    return [rate(call) for call in calls]


def _row(name: str, deck: dict[str, int], rater: Rater, calls: list[CallFacts]) -> Row:
    """Floor and ours take turns, so that a busy machine slows both; the median turn counts."""
    turns = [
        (_per_second(partial(bare_loop, deck), calls), _per_second(partial(_ours, rater), calls))
        for _ in range(ROUNDS)
    ]
    floor, ours = sorted(turns, key=lambda turn: turn[1] / turn[0])[ROUNDS // 2]
    return Row(name, floor, ours, ours / floor, "at least 0.5", "calls per CPU second")


def _per_second(work: Callable[[list[CallFacts]], Sized], calls: list[CallFacts]) -> float:
    """Calls per CPU second, in batches as the import takes them."""
    gc.collect()
    begun = process_time()
    for start in range(0, len(calls), BATCH):
        work(calls[start : start + BATCH])
    return len(calls) / (process_time() - begun)


if __name__ == "__main__":
    for row in run():
        print(f"{row.name:40} {row.floor:12,.0f} {row.ours:12,.0f} {row.ratio:6.2f}  {row.target}")
