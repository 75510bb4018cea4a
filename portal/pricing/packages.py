"""Saving, copying, retiring and deleting packages; a saved version is never changed."""

from __future__ import annotations

import uuid
from dataclasses import fields, replace
from datetime import datetime

from sqlalchemy import delete, func, or_, select

from portal.core import clock, scope
from portal.core.db import insert_all, session
from portal.core.errors import InvalidInput, NotFound, Refused
from portal.core.money import Money
from portal.core.queue import enqueue
from portal.core.sentences import N_
from portal.identity.models import Reseller
from portal.pricing.models import AreaRate, FreeZone, Package, PackageLink, PackageVersion
from portal.pricing.rate_imports import forget_imports_of
from portal.pricing.terms import details_of
from portal.pricing.values import ROUTES, PackageDetails
from portal.tasks import PUSH_PACKAGE_ROUTES

VIEWS = ("standard", "simple", "simple_hidden")
_HIGHEST_RATE_E8 = 1_000 * 100_000_000
_HIGHEST_PERCENT_E4 = 10_000 * 10_000
_HIGHEST_FEE = Money(100_000 * 1_000_000)
_VERSIONED = tuple(field.name for field in fields(PackageDetails) if field.name != "name")


def save_package(
    details: PackageDetails,
    *,
    package: uuid.UUID | None = None,
    saved_by_id: int | None = None,
    valid_from: datetime | None = None,
    seen: datetime | None = None,
) -> uuid.UUID:
    """Save a new package, or new terms of one, for calls that start from now (``valid_from``) on.

    ``seen`` is since when the newest terms hold that the editor showed: when somebody else has saved
    others meanwhile, it is Refused with code ``changed``.

    Calls that started before keep the terms of their time; changed routes are written to the carrier
    in the background. Saving what is there already makes no
    version. InvalidInput names the field; a retired package is Refused.
    """
    details = replace(
        details,
        name=" ".join(details.name.split()),
        services=tuple(sorted(set(details.services))),
    )
    _check(details)
    _hold_names()
    _refuse_taken_name(details.name, package)
    row = _new_package(details.name) if package is None else _find(package, lock=True)
    if row.retired_at is not None:
        raise Refused("This package is retired and takes no new prices.", code="retired")
    row.name = details.name
    at = valid_from or clock.now()
    newest = _newest(row.id)
    if newest is not None:
        if seen is not None and newest.valid_from != seen:
            raise Refused(
                N_("Somebody else has saved this package meanwhile. Save again to replace that."),
                code="changed",
            )
        if details_of(newest, row.name) == details:
            session().flush()
            return row.public_id
        if at < newest.valid_from:
            if newest.valid_from > clock.now():
                raise Refused(
                    N_("New prices are planned for later. Withdraw them under Versions first."),
                    code="newer_prices",
                )
            raise Refused("This package has newer prices already.", code="newer_prices")
    values = {name: getattr(details, name) for name in _VERSIONED}
    values["services"] = list(details.services)
    moved = newest is not None and _routes(newest) != _routes(details)
    if newest is not None and newest.valid_from == at:
        version = newest
    else:
        version = PackageVersion(package_id=row.id, valid_from=at)
        session().add(version)
    for name, value in values.items():
        setattr(version, name, value)
    version.saved_by_id = saved_by_id
    session().flush()
    if moved:
        enqueue(PUSH_PACKAGE_ROUTES, due_at=at, package_id=row.id)
    return row.public_id


def withdraw_planned(package: uuid.UUID) -> None:
    """Forget the terms that were to begin later; Refused when there are none, or no others."""
    row = _find(package, lock=True)
    at = clock.now()
    planned = PackageVersion.valid_from > at
    mine = PackageVersion.package_id == row.id
    if session().scalar(select(PackageVersion.id).where(mine, ~planned).limit(1)) is None:
        raise Refused(N_("This package has no other prices."), code="no_others")
    ids = session().scalars(select(PackageVersion.id).where(mine, planned)).all()
    if not ids:
        raise Refused(N_("There are no planned prices."), code="none_planned")
    session().execute(delete(PackageVersion).where(PackageVersion.id.in_(ids)))


def copy_package(package: uuid.UUID, name: str, *, saved_by_id: int | None = None) -> uuid.UUID:
    """A new package with the terms, area rates and free zones that another one has now."""
    original = _find(package)
    at = clock.now()
    now = _newest(original.id, until=at) or _newest(original.id)
    if now is None:
        raise NotFound("This package has no prices to copy.")
    details = replace(details_of(now, original.name), name=name)
    public_id = save_package(details, saved_by_id=saved_by_id, valid_from=at)
    made = _find(public_id)
    _copy_rates(original.id, made, at)
    for zone in session().scalars(select(FreeZone).where(FreeZone.package_id == original.id)):
        if zone.valid_to is None or zone.valid_to > at:
            session().add(
                FreeZone(
                    package_id=made.id,
                    zone_kind=zone.zone_kind,
                    zone=zone.zone,
                    max_cost_e8=zone.max_cost_e8,
                    valid_from=max(zone.valid_from, at),
                    valid_to=zone.valid_to,
                )
            )
    session().flush()
    return public_id


def _copy_rates(original_id: int, made: Package, at: datetime) -> None:
    rows = session().execute(
        select(
            AreaRate.area_kind, AreaRate.area, AreaRate.name, AreaRate.country, AreaRate.rate_e8,
            AreaRate.valid_from, AreaRate.valid_to,
        ).where(
            AreaRate.package_id == original_id,
            or_(AreaRate.valid_to.is_(None), AreaRate.valid_to > at),
        )
    )  # fmt: skip
    copies = [
        {**row._mapping, "reseller_id": made.reseller_id, "package_id": made.id,
         "valid_from": max(row.valid_from, at)}
        for row in rows
    ]  # fmt: skip
    insert_all(AreaRate, copies)


def retire_package(package: uuid.UUID) -> None:
    """Take a package out of the choices; who has it keeps it. A second time nothing changes."""
    row = _find(package)
    row.retired_at = row.retired_at or clock.now()
    session().flush()


def restore_package(package: uuid.UUID) -> None:
    """Offer a retired package again."""
    _hold_names()
    row = _find(package)
    _refuse_taken_name(row.name, package)
    row.retired_at = None
    session().flush()


def delete_package(package: uuid.UUID) -> None:
    """Remove a package that no sub-account ever had; Refused otherwise, because calls refer to it."""
    row = _find(package, lock=True)
    if session().scalar(select(PackageLink.id).where(PackageLink.package_id == row.id).limit(1)):
        raise Refused("This package has been in use: retire it instead.", code="in_use")
    forget_imports_of(row.id)
    for model in (AreaRate, FreeZone, PackageVersion):
        session().execute(delete(model).where(model.package_id == row.id))
    session().delete(row)
    session().flush()


def _hold_names() -> None:
    """The reseller's row is the lock: two packages saved at once get two numbers, and not one name."""
    session().execute(
        select(Reseller.id)
        .where(Reseller.id == scope.reseller_id())
        .with_for_update(key_share=True)
    )


def _new_package(name: str) -> Package:
    last = session().scalar(select(func.max(Package.sequence))) or 0
    row = Package(sequence=last + 1, name=name)
    session().add(row)
    session().flush()
    return row


def _find(public_id: uuid.UUID, *, lock: bool = False) -> Package:
    statement = select(Package).where(Package.public_id == public_id)
    row = session().scalar(statement.with_for_update() if lock else statement)
    if row is None:
        raise NotFound("There is no such package.")
    return row


def _routes(terms: PackageVersion | PackageDetails) -> tuple[str, str]:
    return terms.canada_route, terms.international_route


def _newest(package_id: int, *, until: datetime | None = None) -> PackageVersion | None:
    """The newest terms, planned ones too, or those in force at a moment."""
    statement = select(PackageVersion).where(PackageVersion.package_id == package_id)
    if until is not None:
        statement = statement.where(PackageVersion.valid_from <= until)
    found: PackageVersion | None = session().scalar(
        statement.order_by(PackageVersion.valid_from.desc()).limit(1)
    )
    return found


def _refuse_taken_name(name: str, package: uuid.UUID | None) -> None:
    taken = select(Package.id).where(
        func.lower(Package.name) == name.lower(), Package.retired_at.is_(None)
    )
    if package is not None:
        taken = taken.where(Package.public_id != package)
    if session().scalar(taken.limit(1)) is not None:
        raise InvalidInput("Another package has this name.", field="name")


def _check(details: PackageDetails) -> None:
    first = details.first_increment_seconds
    checks = (
        (
            "name",
            0 < len(details.name) <= 80,
            N_("Give the package a name of at most 80 characters."),
        ),
        (
            "markup_fixed",
            0 <= details.markup_fixed_e8 <= _HIGHEST_RATE_E8,
            N_("The fixed amount is per minute, from 0 to 1000."),
        ),
        (
            "markup_percent",
            0 <= details.markup_percent_e4 <= _HIGHEST_PERCENT_E4,
            N_("The percentage goes from 0 to 10000."),
        ),
        (
            "pulse_seconds",
            0 < details.pulse_seconds <= 3600,
            N_("The pulse is a whole number of seconds from 1 to 3600."),
        ),
        (
            "first_increment_seconds",
            first is None or 0 < first <= 3600,
            N_("The first increment is a whole number of seconds from 1 to 3600, or empty."),
        ),
        ("canada_route", details.canada_route in ROUTES, N_("Choose Value or Premium.")),
        (
            "international_route",
            details.international_route in ROUTES,
            N_("Choose Value or Premium."),
        ),
        ("monthly_fee", _is_fee(details.monthly_fee), N_("The monthly fee goes from 0 to 100000.")),
        ("setup_fee", _is_fee(details.setup_fee), N_("The setup fee goes from 0 to 100000.")),
        (
            "free_minutes",
            0 <= details.free_minutes <= 1_000_000,
            N_("Free minutes are a whole number from 0 to 1000000."),
        ),
        ("view", details.view in VIEWS, N_("Choose one of the views.")),
    )
    for field, is_good, sentence in checks:
        if not is_good:
            raise InvalidInput(sentence, field=field)


def _is_fee(fee: Money) -> bool:
    return Money(0) <= fee <= _HIGHEST_FEE
