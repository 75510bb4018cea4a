"""Prices before anybody calls: the editor's preview, and what is sold below cost."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from portal import rating
from portal.core import clock
from portal.pricing.areas import active_areas, active_zones
from portal.pricing.decks import RoutedDeck, StandInRater, decks_until
from portal.pricing.fees import exchange_rate
from portal.pricing.queries import package_id
from portal.pricing.terms import draft_terms
from portal.pricing.values import PackageDetails, Version
from portal.rating import AreaRate, FreeZone, Preview, Rater

# Country, what kind of line, its prefix in rate decks, and a number set aside for fiction to ask with.
WELL_KNOWN = (
    ("CA", "all", "1416", "+14165550142"),
    ("US", "all", "1212", "+12125550142"),
    ("GB", "landline", "4420", "+442079460142"),
    ("GB", "mobile", "447", "+447700900142"),
    ("FR", "landline", "331", "+33199000142"),
    ("FR", "mobile", "336", "+33639980142"),
    ("DE", "landline", "49", "+493023125142"),
    ("MX", "landline", "52", "+525555550142"),
    ("IN", "mobile", "91", "+919999900142"),
    ("AU", "landline", "61", "+61255500142"),
)
_MINUTE = 60


@dataclass(frozen=True, slots=True)
class DestinationRow:
    """One well-known destination under the terms in the editor; rates are exact, per minute.

    Without a rate in the deck, cost, profit and margin are None. ``margin_percent`` is profit over
    price with one decimal; ``own_rate`` says that an area rate decides.
    """

    country: str
    line: str
    prefix: str
    deck_name: str
    cost: Decimal | None
    price: Decimal | None
    profit: Decimal | None
    margin_percent: Decimal | None
    own_rate: bool
    is_free: bool

    @property
    def below_cost(self) -> bool:
        """Does the reseller lose on each minute?"""
        return self.profit is not None and self.profit < 0 and not self.is_free


@dataclass(frozen=True, slots=True)
class BelowCostRow:
    """An area that is sold below cost: the dearest of its prefixes, and how many there are."""

    area: str
    prefix: str
    name: str
    price: Decimal
    cost: Decimal
    prefixes: int


def preview(details: PackageDetails, cost_e8: int, *, seconds: int = 102) -> Preview:
    """The markup on one cost, step by step, with a sample call: 0.009 → 0.0115 → 0.0138."""
    exchange = exchange_rate()
    return rating.preview(
        cost_e8,
        draft_terms(details),
        seconds=seconds,
        exchange_e8=exchange[1] if exchange else None,
    )


def destinations(
    details: PackageDetails, *, package: uuid.UUID | None = None
) -> list[DestinationRow]:
    """What ten well-known destinations cost and earn under the terms in the editor.

    Costs are the newest deck's on the routes chosen; area rates and zones are those of ``package``.
    """
    numbers = [number.removeprefix("+") for *_, number in WELL_KNOWN]
    draft = _Draft(details, package, for_numbers=numbers)
    return [draft.row(*known) for known in WELL_KNOWN]


def draft_rater(details: PackageDetails, package: uuid.UUID | None) -> tuple[Rater, datetime]:
    """The terms in the editor with the package's area rates and zones, and the moment they hold at."""
    draft = _Draft(details, package)
    return draft.rater, draft.at


def draft_version(details: PackageDetails, package: uuid.UUID) -> tuple[Version, datetime]:
    """The terms in the editor, ready to price a package's calls, and the moment they hold at."""
    draft = _Draft(details, package)
    version = Version(
        None, package_id(package), details.name, None, details.free_minutes,
        StandInRater(draft.rater.terms, draft.deck),
        details.canada_route, details.international_route,
    )  # fmt: skip
    return version, draft.at


def below_cost(
    details: PackageDetails, *, package: uuid.UUID, area: AreaRate | None = None
) -> list[BelowCostRow]:
    """Where a package's own rates are lower than the cost, one row an area, worst first (C4).

    ``area`` is a rate about to be saved. A warning, never a refusal: it may be meant.
    """
    draft = _Draft(details, package, extra=area)
    found: dict[str, list[rating.BelowCost]] = {}
    for line in rating.below_cost(draft.rater, draft.deck, at=draft.at, exchange_e8=draft.exchange):
        found.setdefault(line.area, []).append(line)
    rows = []
    for name, lines in found.items():
        worst = max(lines, key=lambda line: line.cost_per_minute - line.rate_per_minute)
        rows.append(
            BelowCostRow(
                name,
                worst.prefix,
                worst.name,
                worst.rate_per_minute,
                worst.cost_per_minute,
                len(lines),
            )
        )
    return sorted(rows, key=lambda row: row.price - row.cost)


class _Draft:
    """The terms in the editor with the package's area rates, zones and decks as they are now."""

    def __init__(
        self,
        details: PackageDetails,
        package: uuid.UUID | None,
        *,
        extra: AreaRate | None = None,
        for_numbers: Sequence[str] | None = None,
    ) -> None:
        self.at = clock.now()
        found = None if package is None else package_id(package)
        areas: Sequence[AreaRate] = (
            () if found is None else active_areas(found, self.at, for_numbers=for_numbers)
        )
        zones: Sequence[FreeZone] = () if found is None else active_zones(found, self.at)
        if extra is not None:
            areas = [a for a in areas if (a.kind, a.key) != (extra.kind, extra.key)] + [extra]
        self.rater = Rater(draft_terms(details, areas=areas, zones=zones))
        self.deck = RoutedDeck(
            decks_until(_just_after(self.at)),
            canada=details.canada_route,
            international=details.international_route,
        )
        rate = exchange_rate(self.at)
        self.exchange = rate[1] if rate else None

    def row(self, country: str, line: str, prefix: str, number: str) -> DestinationRow:
        quote = rating.quote(
            number, _MINUTE, at=self.at, rater=self.rater, deck=self.deck, exchange_e8=self.exchange
        )
        found = self.deck.at(self.at).match(number.removeprefix("+"))
        cost = None
        if found is not None:
            cost = rating.marked_up(
                found[1].rate_e8, fixed_e8=0, percent_e4=0, exchange_e8=self.exchange
            )
        is_free = quote.rated.state is rating.State.FREE
        price = Decimal(0) if is_free else quote.rate_per_minute
        profit = None if cost is None or price is None else price - cost
        margin = None
        if profit is not None and price:
            margin = (profit * 100 / price).quantize(Decimal("0.1"))
        return DestinationRow(
            country,
            line,
            prefix,
            quote.deck_name,
            cost,
            price,
            profit,
            margin,
            quote.rated.rule is rating.Rule.AREA,
            is_free,
        )


def _just_after(at: datetime) -> datetime:
    return at.replace(microsecond=999_999)
