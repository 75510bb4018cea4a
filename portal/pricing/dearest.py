"""The dearest minute under a package: what somebody with a stolen password would call."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import or_, select

from portal.core import clock
from portal.core.db import session
from portal.core.money import half_up
from portal.core.phone import country_of
from portal.pricing.decks import deck_for
from portal.pricing.fees import exchange_rate
from portal.pricing.models import AreaRate
from portal.pricing.queries import details_by_id
from portal.pricing.values import ROUTES, PackageDetails

_HOME = frozenset({"CA", "US"})
_WHOLE_PERCENT_E4, _RATE_E8 = 1_000_000, 100_000_000


class Dearest(NamedTuple):
    """Rates per minute to the client: in Canada and the United States, and anywhere. 0: not known."""

    home_e8: int
    anywhere_e8: int


def dearest_minutes(package_ids: Collection[int | None]) -> dict[int | None, Dearest]:
    """For each package (None: at cost): the carrier's dearest rates with its markup, or its own."""
    at = clock.now()
    home, anywhere = _costs(at)
    ids = {one for one in package_ids if one is not None}
    terms, own = details_by_id(ids, at), _own_rates(ids, at)
    found: dict[int | None, Dearest] = {}
    for package_id in package_ids:
        own_home, own_anywhere = own.get(package_id or 0, (0, 0))
        details = terms.get(package_id or 0)
        found[package_id] = Dearest(
            max(_marked_up(home, details), own_home),
            max(_marked_up(anywhere, details), own_anywhere),
        )
    return found


def _costs(at: datetime) -> tuple[int, int]:
    """The dearest of every route, in the reseller's currency."""
    home = anywhere = 0
    for route in ROUTES:
        deck = deck_for(route, at)
        for prefix, rate in deck.by_prefix.items() if deck else ():
            anywhere = max(anywhere, rate.rate_e8)
            if prefix.startswith("1") and country_of("+" + prefix) in _HOME:
                home = max(home, rate.rate_e8)
    exchange = exchange_rate(at)
    if exchange is None:
        return home, anywhere
    return half_up(home * exchange[1], _RATE_E8), half_up(anywhere * exchange[1], _RATE_E8)


def _marked_up(cost_e8: int, details: PackageDetails | None) -> int:
    if details is None or not cost_e8:
        return cost_e8
    factor = _WHOLE_PERCENT_E4 + details.markup_percent_e4
    return half_up((cost_e8 + details.markup_fixed_e8) * factor, _WHOLE_PERCENT_E4)


def _own_rates(ids: set[int], at: datetime) -> dict[int, tuple[int, int]]:
    rows = session().execute(
        select(AreaRate.package_id, AreaRate.area_kind, AreaRate.country, AreaRate.rate_e8).where(
            AreaRate.package_id.in_(ids),
            AreaRate.valid_from <= at,
            or_(AreaRate.valid_to.is_(None), AreaRate.valid_to > at),
        )
    )
    found: dict[int, tuple[int, int]] = {}
    for package_id, kind, country, rate_e8 in rows:
        home, anywhere = found.get(package_id, (0, 0))
        at_home = kind in {"usa", "canada"} or country in _HOME
        found[package_id] = (max(home, rate_e8) if at_home else home, max(anywhere, rate_e8))
    return found
