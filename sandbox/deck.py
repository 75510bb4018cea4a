"""The rate deck: prefixes, their names, and what a minute costs on each of two routes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

VALUE, PREMIUM = "1", "2"
FILE = Path(__file__).parent / "data" / "deck.tsv"
E8 = 100_000_000


@dataclass(frozen=True)
class Rate:
    """One line of the deck; rates are in 1e-8 dollars a minute."""

    prefix: str
    destination: str
    value_e8: int
    premium_e8: int
    increment_seconds: int

    def rate_e8(self, route: str) -> int:
        return self.value_e8 if route == VALUE else self.premium_e8


def e8(text: str) -> int:
    """A decimal text as whole 1e-8 units, half up."""
    sign = -1 if text.strip().startswith("-") else 1
    whole, _, part = text.strip().lstrip("+-").partition(".")
    digits = (part + "000000000")[:9]
    return sign * (int(whole or "0") * E8 + (int(digits) + 5) // 10)


def e8_text(units: int, places: int = 8) -> str:
    """Whole 1e-8 units as a decimal text with so many places, half up."""
    step = 10 ** (8 - places)
    rounded = (abs(units) + step // 2) // step
    scale = 10**places
    sign = "-" if units < 0 and rounded else ""
    return (
        f"{sign}{rounded // scale}.{rounded % scale:0{places}d}" if places else f"{sign}{rounded}"
    )


@lru_cache(maxsize=1)
def deck() -> dict[str, Rate]:
    """All prefixes."""
    found = {}
    for line in FILE.read_text(encoding="utf-8").splitlines():
        prefix, name, value, premium, increment = line.split("\t")
        found[prefix] = Rate(prefix, name, e8(value), e8(premium), int(increment))
    return found


@lru_cache(maxsize=50_000)
def rate_of(number: str) -> Rate | None:
    """The line with the longest prefix of a number in international form without plus."""
    lines = deck()
    return next((lines[number[:n]] for n in range(len(number), 0, -1) if number[:n] in lines), None)


def matching(query: str) -> list[Rate]:
    """Lines whose name contains the query, or whose prefix starts with it."""
    wanted = query.strip().casefold()
    return [
        line
        for line in deck().values()
        if wanted in line.destination.casefold() or line.prefix.startswith(wanted)
    ]


def total_e8(rate_e8: int, seconds: int, increment_seconds: int) -> int:
    """What a call costs: whole increments, half up to 1e-8."""
    if seconds <= 0:
        return 0
    billed = -(-seconds // increment_seconds) * increment_seconds
    return (rate_e8 * billed * 2 + 60) // 120
