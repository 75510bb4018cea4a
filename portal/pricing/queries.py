"""Reads of packages for lists, choices and the editor."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, distinct, func, or_, select

from portal.core import clock
from portal.core.db import session
from portal.core.errors import NotFound
from portal.pricing.models import AreaRate, FreeZone, Package, PackageLink, PackageVersion
from portal.pricing.terms import details_of
from portal.pricing.values import PackageDetails, PackageRow


class PackageChoice(NamedTuple):
    """A package that can be given to a sub-account."""

    id: int
    public_id: uuid.UUID
    name: str


class VersionRow(NamedTuple):
    """Terms of a package and since when they hold."""

    id: int
    valid_from: datetime
    details: PackageDetails


def list_packages(search: str = "", *, retired: bool = False) -> list[PackageRow]:
    """The reseller's packages with their terms now and how many use them: four queries."""
    at = clock.now()
    statement = _listed(at).order_by(func.lower(Package.name), Package.sequence)
    if not retired:
        statement = statement.where(Package.retired_at.is_(None))
    if wanted := search.strip().lower():
        statement = statement.where(func.lower(Package.name).contains(wanted, autoescape=True))
    found = session().execute(statement).all()
    ids = [package.id for package, *_ in found]
    users, areas, zones = _users(ids, at), _counts(AreaRate, ids, at), _counts(FreeZone, ids, at)
    return [
        _row(package, version, newest, users=users.get(package.id, (0, 0)),
             area_rates=areas.get(package.id, 0), free_zones=zones.get(package.id, 0))
        for package, version, newest in found
    ]  # fmt: skip


def find_package(public_id: uuid.UUID) -> PackageRow:
    """One package with its terms now; NotFound when the bound reseller has none such."""
    at = clock.now()
    found = session().execute(_listed(at).where(Package.public_id == public_id)).first()
    if found is None:
        raise NotFound("There is no such package.")
    package, version, newest = found
    ids = [package.id]
    return _row(
        package,
        version,
        newest,
        users=_users(ids, at).get(package.id, (0, 0)),
        area_rates=_counts(AreaRate, ids, at).get(package.id, 0),
        free_zones=_counts(FreeZone, ids, at).get(package.id, 0),
    )


def package_id(public_id: uuid.UUID) -> int:
    """The id of a package by its public one; NotFound when the bound reseller has none such."""
    found = session().scalar(select(Package.id).where(Package.public_id == public_id))
    if found is None:
        raise NotFound("There is no such package.")
    return int(found)


def package_public_id(found_id: int) -> uuid.UUID:
    """The public id of a package of the bound reseller."""
    return session().execute(select(Package.public_id).where(Package.id == found_id)).scalar_one()


def package_choices() -> list[PackageChoice]:
    """Packages that can be given out now, by name."""
    rows = session().execute(
        select(Package.id, Package.public_id, Package.name)
        .where(Package.retired_at.is_(None))
        .order_by(func.lower(Package.name))
    )
    return [PackageChoice._make(row) for row in rows]


def versions_of(public_id: uuid.UUID) -> list[VersionRow]:
    """Every version of a package, newest first: what held when."""
    rows = session().execute(
        select(PackageVersion, Package.name)
        .join(Package, Package.id == PackageVersion.package_id)
        .where(Package.public_id == public_id)
        .order_by(PackageVersion.valid_from.desc())
    )
    return [VersionRow(row.id, row.valid_from, details_of(row, name)) for row, name in rows]


def details_by_id(ids: set[int], at: datetime) -> dict[int, PackageDetails]:
    """The terms of these packages at a moment, by id: one query."""
    if not ids:
        return {}
    rows = session().execute(_listed(at).where(Package.id.in_(ids)))
    return {package.id: details_of(version, package.name) for package, version, _ in rows}


def services_of_versions(ids: Collection[int]) -> dict[int, frozenset[str] | None]:
    """What is on under each of these versions; None where the reseller's default holds."""
    rows = session().execute(
        select(PackageVersion.id, PackageVersion.own_services, PackageVersion.services).where(
            PackageVersion.id.in_(ids)
        )
    )
    return {row.id: frozenset(row.services) if row.own_services else None for row in rows}


def _listed(at: datetime) -> Select[*tuple[Any, ...]]:
    """Packages with the version in force (or the first, still to come) and when the newest begins."""
    in_force = (
        select(func.max(PackageVersion.valid_from))
        .where(PackageVersion.package_id == Package.id, PackageVersion.valid_from <= at)
        .correlate(Package)
        .scalar_subquery()
    )
    first = (
        select(func.min(PackageVersion.valid_from))
        .where(PackageVersion.package_id == Package.id)
        .correlate(Package)
        .scalar_subquery()
    )
    newest = (
        select(func.max(PackageVersion.valid_from))
        .where(PackageVersion.package_id == Package.id)
        .correlate(Package)
        .scalar_subquery()
    )
    statement: Select[*tuple[Any, ...]] = select(Package, PackageVersion, newest).join(
        PackageVersion,
        and_(
            PackageVersion.package_id == Package.id,
            PackageVersion.valid_from == func.coalesce(in_force, first),
        ),
    )
    return statement


def _users(ids: list[int], at: datetime) -> dict[int, tuple[int, int]]:
    rows = session().execute(
        select(PackageLink.package_id, func.count(), func.count(distinct(PackageLink.client_id)))
        .where(
            PackageLink.package_id.in_(ids),
            PackageLink.valid_from <= at,
            or_(PackageLink.valid_to.is_(None), PackageLink.valid_to > at),
        )
        .group_by(PackageLink.package_id)
    )
    return {found: (users, clients) for found, users, clients in rows if found is not None}


def _counts(model: type[AreaRate] | type[FreeZone], ids: list[int], at: datetime) -> dict[int, int]:
    rows = session().execute(
        select(model.package_id, func.count())
        .where(model.package_id.in_(ids), or_(model.valid_to.is_(None), model.valid_to > at))
        .group_by(model.package_id)
    )
    return {row[0]: row[1] for row in rows}


def _row(
    package: Package,
    version: PackageVersion,
    newest_from: datetime,
    *,
    users: tuple[int, int],
    area_rates: int,
    free_zones: int,
) -> PackageRow:
    return PackageRow(
        id=package.id,
        public_id=package.public_id,
        sequence=package.sequence,
        retired_at=package.retired_at,
        details=details_of(version, package.name),
        users=users[0],
        clients=users[1],
        area_rates=area_rates,
        free_zones=free_zones,
        newest_from=newest_from,
    )
