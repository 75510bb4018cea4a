"""When people call: an office-hours curve in each line's own time zone."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from math import exp
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.world import World

HOUR = 3600
# Share of a working day's calls that begin in each local hour; each row adds up to about 1.
OFFICE = (
    1,
    1,
    1,
    1,
    2,
    5,
    15,
    45,
    95,
    125,
    130,
    115,
    85,
    105,
    125,
    120,
    95,
    55,
    30,
    20,
    12,
    8,
    4,
    2,
)
HOME = (6, 3, 2, 2, 2, 4, 10, 25, 40, 50, 55, 60, 65, 60, 55, 60, 75, 95, 110, 115, 95, 60, 30, 14)
WEEKDAY = (1.06, 1.05, 1.02, 1.0, 0.92, 0.28, 0.16)


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def curve(kind: str) -> tuple[int, ...]:
    return HOME if kind == "home" else OFFICE


def calls_per_second(at: int, per_day: float, zone: str, kind: str) -> float:
    """How often a line calls at an instant, for so many calls on an average working day."""
    local = datetime.fromtimestamp(at, UTC).astimezone(_zone(zone))
    hours = curve(kind)
    weekday = 1.0 if kind == "home" else WEEKDAY[local.weekday()]
    return per_day * weekday * hours[local.hour] / sum(hours) / HOUR


def how_many(draw: Random, expected: float) -> int:
    """A number of events around the expected one (Poisson)."""
    if expected <= 0:
        return 0
    if expected > 60:
        return max(0, round(draw.gauss(expected, expected**0.5)))
    limit, count, product = exp(-expected), 0, draw.random()
    while product > limit:
        count += 1
        product *= draw.random()
    return count


def share(profile: dict[str, Any], at: int) -> float:
    """How much of its usual traffic a line had in the past: `shares` are days from which on so much."""
    shares = profile.get("shares")
    if not shares:
        return 1.0
    day = datetime.fromtimestamp(at, UTC).date().isoformat()
    return next((float(part) for since, part in reversed(shares) if since <= day), 0.0)


def speed(world: World) -> float:
    """The multiplier in force, 0 while paused."""
    return 0.0 if world.paused else min(1000.0, max(0.0, world.options.speed))
