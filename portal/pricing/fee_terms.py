"""Which terms of a package a fee follows from: for its worksheet, and for the books' proof."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from portal.core.db import session
from portal.core.money import ZERO, Money
from portal.pricing.models import Package, PackageLink, PackageVersion


class VersionFees(NamedTuple):
    """What a package cost from a moment on."""

    since: datetime
    setup: Money
    monthly: Money


class PackageTerms(NamedTuple):
    """A sub-account under a package: since when, on which day it is billed, and the package's versions."""

    link: uuid.UUID
    package: str
    sub_account_id: int
    anchor_day: int
    linked_at: datetime
    versions: tuple[VersionFees, ...]

    def in_force(self, at: datetime) -> VersionFees:
        """The version of a moment; a link knows no time before it began."""
        moment = max(at, self.linked_at)
        nothing = VersionFees(self.linked_at, ZERO, ZERO)
        return next((one for one in reversed(self.versions) if one.since <= moment), nothing)


def package_terms(link: uuid.UUID) -> PackageTerms | None:
    """The terms behind a link; None when it is no link of a package."""
    return next(every_package_terms(link), None)


def every_package_terms(link: uuid.UUID | None = None) -> Iterator[PackageTerms]:
    """Of every link that has, or had, a package; or of one."""
    statement = (
        select(
            PackageLink.public_id, Package.name, PackageLink.sub_account_id,
            PackageLink.anchor_day, PackageLink.valid_from, PackageLink.package_id,
        )
        .join(Package, Package.id == PackageLink.package_id)
    )  # fmt: skip
    if link is not None:
        statement = statement.where(PackageLink.public_id == link)
    rows = session().execute(statement).all()
    versions = _versions({row.package_id for row in rows})
    for row in rows:
        yield PackageTerms(*row[:5], tuple(versions.get(row.package_id, ())))


def _versions(packages: set[int]) -> dict[int, list[VersionFees]]:
    found: dict[int, list[VersionFees]] = {}
    if not packages:
        return found
    statement = select(
        PackageVersion.package_id,
        PackageVersion.valid_from,
        PackageVersion.setup_fee,
        PackageVersion.monthly_fee,
    ).order_by(PackageVersion.package_id, PackageVersion.valid_from)
    if len(packages) == 1:
        statement = statement.where(PackageVersion.package_id.in_(packages))
    for package_id, since, setup, monthly in session().execute(statement):
        found.setdefault(package_id, []).append(VersionFees(since, setup, monthly))
    return found
