"""Fax numbers for sale: places with an id each, and the numbers behind them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from sandbox.inventory import PROVINCES, STATES
from sandbox.world import World

FIRST_LOCATION = {"USA": 1_196, "CAN": 20_294}
FIRST_PLACE = {"USA": 1, "CAN": 60}
COUNTRIES = {"USA": (STATES, "United States"), "CAN": (PROVINCES, "Canada")}
LAST_DIGITS = range(90, 100)  # of 555-01xx


@dataclass(frozen=True)
class Location:
    """A rate centre in which fax numbers are sold."""

    id: int
    country: str
    place: str  # state or province
    centre: str
    area_code: str

    @property
    def description(self) -> str:
        return f"{COUNTRIES[self.country][1]}, {self.place}, {self.centre}"

    @property
    def numbers(self) -> tuple[str, ...]:
        return tuple(f"{self.area_code}55501{last}" for last in LAST_DIGITS)


@lru_cache(maxsize=1)
def locations() -> tuple[Location, ...]:
    found = []
    for country, (places, _) in COUNTRIES.items():
        centres = [
            (place, centre.upper(), area) for place, (_, named) in places.items()
            for centre, area in named.items()
        ]  # fmt: skip
        found += [
            Location(FIRST_LOCATION[country] + at, country, *centre)
            for at, centre in enumerate(centres)
        ]
    return tuple(found)


def free(world: World, location: Location) -> list[str]:
    """The location's numbers that nobody has, neither for faxes nor for calls."""
    sold = {
        row["did"] for table in ("fax_numbers", "dids")
        for row in world.store.rows(f"SELECT did FROM {table}")
    }  # fmt: skip
    return [number for number in location.numbers if number not in sold]
