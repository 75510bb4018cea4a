"""Everything that prices the calls of a stretch of time, read in a few queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import zip_longest

from sqlalchemy import or_, select

from portal.core.db import session
from portal.identity.models import Reseller
from portal.pricing.backdating import Backdated, backdated_in
from portal.pricing.decks import DeckAt, RoutedDeck, StandInRater, decks_until
from portal.pricing.fees import fees_until, rates_until
from portal.pricing.models import AreaRate as AreaRateRow
from portal.pricing.models import FreeZone as FreeZoneRow
from portal.pricing.models import Package, PackageLink, PackageVersion
from portal.pricing.terms import area_columns, area_of, terms_of, zone_of
from portal.pricing.values import Fees, Holder, Link, Version
from portal.rating import AreaRate, FreeZone, Terms

_NO_PACKAGE = (
    "premium",
    "value",
)  # routes of a sub-account without a package, as a package's default


class RatingContext:
    """What was in force at any moment of the window it was made for (rulings 2).

    Look-ups are plain dictionary work: a hundred thousand calls ask it one by one.
    """

    def __init__(
        self,
        links: Sequence[Link],
        versions: dict[int, list[Version]],
        *,
        decks: Sequence[DeckAt],
        fees: Sequence[tuple[datetime, Fees]],
        exchange: Sequence[tuple[datetime, int]],
        backdated: Sequence[Backdated] = (),
    ) -> None:
        self._links: dict[int, list[Link]] = defaultdict(list)
        for link in links:
            self._links[link.sub_account_id].append(link)
        self._versions = versions
        self._fees = list(reversed(fees))
        self._exchange = list(reversed(exchange))
        self._backdated: dict[int, list[Backdated]] = defaultdict(list)
        for one in backdated:
            self._backdated[one.package_id].append(one)
        self._draft: tuple[Version, datetime] | None = None
        canada, international = _NO_PACKAGE
        deck = RoutedDeck(decks, canada=canada, international=international)
        self.without_package = Version(None, None, "", None, 0, StandInRater(Terms(), deck))

    def link_at(self, sub_account_id: int, at: datetime) -> Link | None:
        """Whose the sub-account was at a moment; None when nobody's."""
        for link in reversed(self._links.get(sub_account_id, ())):
            if link.valid_from <= at and (link.valid_to is None or at < link.valid_to):
                return link
        return None

    def version_at(self, package_id: int | None, at: datetime) -> Version:
        """The terms of a package at a moment; without a package: at cost, pulse 6."""
        versions = self._versions.get(package_id) if package_id is not None else None
        if not versions:
            return self.without_package
        for version in reversed(versions):
            if version.valid_from is None or version.valid_from <= at:
                return version
        return versions[0]

    def holder_at(self, sub_account_id: int, at: datetime) -> Holder | None:
        """Link and terms for a call of a sub-account that started at a moment."""
        link = self.link_at(sub_account_id, at)
        if link is None:
            return None
        package_id = link.package_id
        if self._draft is not None and self._draft[0].package_id == package_id:
            return Holder(link, *self._draft)
        terms_at = self._terms_at(package_id, at)
        return Holder(link, self.version_at(package_id, terms_at), terms_at)

    def link_moments(self, sub_account_id: int) -> list[datetime]:
        """When a sub-account came to a client or a package, or went away, in order."""
        links = self._links.get(sub_account_id, ())
        return sorted({at for one in links for at in (one.valid_from, one.valid_to) if at})

    def moments(self) -> list[datetime]:
        """When anything else begins or ends that prices calls, in order."""
        found = {at for at, _ in (*self._fees, *self._exchange)}
        found.update(self.without_package.rater.moments)
        for versions in self._versions.values():
            for version in versions:
                found.update(
                    version.rater.moments, [version.valid_from] if version.valid_from else []
                )
        for ones in self._backdated.values():
            found.update(at for one in ones for at in (one.since, one.until))
        return sorted(found)

    def imagine(self, draft: Version, at: datetime) -> None:
        """From now on the draft prices every call of its package, as if it were ``at``."""
        self._draft = (draft, at)

    def _terms_at(self, package_id: int | None, at: datetime) -> datetime:
        for one in self._backdated.get(package_id or 0, ()):
            if one.since <= at < one.until:
                return one.as_of
        return at

    def exchange_at(self, at: datetime) -> int | None:
        """The reseller's currency for one unit of the carrier's, in 1e-8; None: the same currency.

        Before the first rate that was entered, that first one holds.
        """
        for valid_from, rate_e8 in self._exchange:
            if valid_from <= at:
                return rate_e8
        return self._exchange[-1][1] if self._exchange else None

    def fees_at(self, at: datetime) -> Fees:
        """The reseller's default fees at a moment."""
        for valid_from, fees in self._fees:
            if valid_from <= at:
                return fees
        return self._fees[-1][1] if self._fees else Fees()


def rating_context(window_from: datetime, window_to: datetime) -> RatingContext:
    """Read what prices calls that start in [from, to) for the bound reseller: eight queries."""
    decks = decks_until(window_to)
    backdated = backdated_in(window_from, window_to)
    moments = [one.as_of for one in backdated]
    versions = package_versions(
        min([window_from, *moments]),
        max([window_to, *(at + timedelta(seconds=1) for at in moments)]),
        decks=decks,
    )
    return RatingContext(
        _links(window_from, window_to),
        versions,
        decks=decks,
        fees=fees_until(window_to),
        exchange=rates_until(window_to),
        backdated=backdated,
    )


def package_versions(
    since: datetime, until: datetime, *, decks: Sequence[DeckAt]
) -> dict[int, list[Version]]:
    """The versions of every package in force somewhere in [since, until), oldest first, by package.

    A package that began later than a call has its first version for it.
    """
    areas: dict[int, list[AreaRate]] = defaultdict(list)
    for package_id, *row in session().execute(
        select(AreaRateRow.package_id, *area_columns()).where(
            AreaRateRow.valid_from < until,
            or_(AreaRateRow.valid_to.is_(None), AreaRateRow.valid_to > since),
        )
    ):
        areas[package_id].append(area_of(*row))
    zones: dict[int, list[FreeZone]] = defaultdict(list)
    for zone in session().scalars(select(FreeZoneRow).where(FreeZoneRow.valid_from < until)):
        zones[zone.package_id].append(zone_of(zone))
    found: dict[int, list[Version]] = defaultdict(list)
    for version, name in _in_force(since, until):
        package_id = version.package_id
        terms = terms_of(version, name, areas=areas[package_id], zones=zones[package_id])
        deck = RoutedDeck(
            decks, canada=version.canada_route, international=version.international_route
        )
        found[package_id].append(
            Version(
                version.id,
                package_id,
                name,
                version.valid_from,
                version.free_minutes,
                StandInRater(terms, deck),
                version.canada_route,
                version.international_route,
            )
        )
    return dict(found)


def _in_force(since: datetime, until: datetime) -> list[tuple[PackageVersion, str]]:
    """Old versions are left out: a rater each would be made of every area rate for nothing."""
    rows = session().execute(
        select(PackageVersion, Package.name)
        .join(Package, Package.id == PackageVersion.package_id)
        .where(PackageVersion.valid_from < until)
        .order_by(PackageVersion.package_id, PackageVersion.valid_from)
    )
    listed = [(row[0], row[1]) for row in rows]
    following = [version for version, _ in listed[1:]]
    return [
        (version, name)
        for (version, name), after in zip_longest(listed, following)
        if after is None or after.package_id != version.package_id or after.valid_from > since
    ]


def _links(window_from: datetime, window_to: datetime) -> list[Link]:
    rows = session().execute(
        select(
            PackageLink.id,
            PackageLink.sub_account_id,
            PackageLink.client_id,
            PackageLink.package_id,
            PackageLink.valid_from,
            PackageLink.valid_to,
            PackageLink.anchor_day,
            Reseller.time_zone,
        )
        .join(Reseller, Reseller.id == PackageLink.reseller_id)
        .where(
            PackageLink.valid_from < window_to,
            or_(PackageLink.valid_to.is_(None), PackageLink.valid_to > window_from),
        )
        .order_by(PackageLink.valid_from)
    )
    return [Link._make(row) for row in rows]
