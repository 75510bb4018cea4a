"""Which area rate and which free zone a destination falls into, compiled to one prefix table."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from portal.core.dialplan import COUNTRY_PREFIXES
from portal.core.phone import Category, category_of
from portal.rating.prefixes import Dated, PrefixTable, in_force, moments, refuse_duplicates
from portal.rating.values import AreaKind, FreeZone, Terms

GROUP_COUNTRIES: Final = {"USA": "US", "CANADA": "CA"}


class Place(NamedTuple):
    """What the terms say about a destination; rate_e8 None: the markup decides."""

    category: Category = Category.ORDINARY
    rate_e8: int | None = None
    matched: str = ""
    country: str = ""
    free: str = ""  # the free zone that covers it


ELSEWHERE: Final = Place()
_COUNTRIES: Final = PrefixTable(COUNTRY_PREFIXES)
_SPECIAL: Final = PrefixTable(
    {
        prefix: category
        for prefix, category in ((p, category_of("+" + p)) for p in COUNTRY_PREFIXES)
        if category is not Category.ORDINARY
    }
)


class Areas:
    """The area rates and free zones of one package version at one instant.

    The most specific rate wins: the longest prefix, then the country, then USA/Canada. "USA" and
    "US" mean the fifty states by area code; Puerto Rico, Jamaica and the rest of +1 are countries
    of their own. Toll-free and 900 numbers are only covered by a prefix that names them.
    """

    def __init__(self, terms: Terms, at: datetime) -> None:
        by_group = in_force(_rates(terms, "group"), at)
        by_country = in_force(_rates(terms, "country"), at)
        zones = in_force(_zones(terms), at).values()
        self._rates = PrefixTable(in_force(_rates(terms, "prefix"), at))
        self._countries = {GROUP_COUNTRIES[key]: (rate, key) for key, rate in by_group.items()}
        self._countries |= {key: (rate, key) for key, rate in by_country.items()}
        self._zones = PrefixTable({z.key: "" for z in zones if z.kind == "prefix"})
        self._free_countries = {z.key for z in zones if z.kind == "country"}
        self.max_cost_e8 = max(
            (z.max_cost_e8 for z in zones if z.max_cost_e8 is not None), default=None
        )

    def place(self, digits: str) -> Place:
        """What holds for a number (digits, no "+"), worked out rule by rule."""
        special = _SPECIAL.match(digits)
        named = len(special[0]) if special else 1
        country = (_COUNTRIES.match(digits) or ("", ""))[1]
        rate, matched = None, ""
        found = self._rates.match(digits)
        if found and len(found[0]) >= named:
            matched, rate = found
        elif country in self._countries and not special:
            rate, matched = self._countries[country]
        zone = self._zones.match(digits)
        free = zone[0] if zone and len(zone[0]) >= named else ""
        if not free and country in self._free_countries:
            free = country
        return Place(special[1] if special else Category.ORDINARY, rate, matched, country, free)

    def code_rate(self, code: str) -> int | None:
        """The rate of a service code: only a prefix that is exactly the code names it."""
        return self._rates.by_prefix.get(code)

    def compiled(self) -> dict[str, Place]:
        """Every prefix at which the answer can change, with "+", and what holds below it.

        The longest of these prefixes decides for a number: which rules apply depends only on
        which of the prefixes the number begins with, and its longest one begins with the others.
        """
        keys = {*COUNTRY_PREFIXES, *self._rates.by_prefix, *self._zones.by_prefix}
        return {"+" + key: self.place(key) for key in keys}


def change_moments(terms: Terms) -> tuple[datetime, ...]:
    """When the area rates or zones of the terms change; refuses two rows of one key and date."""
    kinds: tuple[AreaKind, ...] = ("prefix", "country", "group")
    rates = [refuse_duplicates(_rates(terms, kind)) for kind in kinds]
    edges = {edge for rows in rates for edge in moments(rows)}
    return tuple(sorted(edges.union(moments(refuse_duplicates(_zones(terms))))))


def _zones(terms: Terms) -> list[Dated[FreeZone]]:
    return [
        Dated(f"{zone.kind}:{zone.key}:{zone.max_cost_e8}", zone, zone.valid_from, zone.valid_until)
        for zone in terms.zones
    ]


def _rates(terms: Terms, kind: AreaKind) -> list[Dated[int]]:
    return [
        Dated(area.key, area.rate_e8, area.valid_from, area.valid_until)
        for area in terms.areas
        if area.kind == kind
    ]
