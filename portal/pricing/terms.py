"""Rows of a package turned into the values that rating takes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast

from portal.pricing.models import AreaRate as AreaRateRow
from portal.pricing.models import FreeZone as FreeZoneRow
from portal.pricing.models import PackageVersion
from portal.pricing.values import PackageDetails
from portal.rating import AreaRate, FreeZone, Terms
from portal.rating.values import AreaKind, ZoneKind

GROUPS = {"usa": "USA", "canada": "CANADA"}


def terms_of(
    version: PackageVersion,
    name: str,
    *,
    areas: Iterable[AreaRate] = (),
    zones: Iterable[FreeZone] = (),
) -> Terms:
    """One version with the area rates and free zones of its package."""
    return Terms(
        fixed_e8=version.markup_fixed_e8,
        percent_e4=version.markup_percent_e4,
        pulse_seconds=version.pulse_seconds,
        first_increment_seconds=version.first_increment_seconds or 0,
        onnet_free=version.onnet_free,
        free_minutes=version.free_minutes,
        areas=tuple(areas),
        zones=tuple(zones),
        package=name,
        version=version.valid_from.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )


def draft_terms(
    details: PackageDetails, *, areas: Iterable[AreaRate] = (), zones: Iterable[FreeZone] = ()
) -> Terms:
    """Terms of a package as it stands in the editor, not saved yet."""
    return Terms(
        fixed_e8=details.markup_fixed_e8,
        percent_e4=details.markup_percent_e4,
        pulse_seconds=details.pulse_seconds,
        first_increment_seconds=details.first_increment_seconds or 0,
        onnet_free=details.onnet_free,
        free_minutes=details.free_minutes,
        areas=tuple(areas),
        zones=tuple(zones),
        package=details.name,
    )


def area_columns() -> tuple[Any, ...]:
    """What rating needs of an area rate, in the order in which ``area_of`` takes it."""
    return (
        AreaRateRow.area_kind,
        AreaRateRow.area,
        AreaRateRow.rate_e8,
        AreaRateRow.valid_from,
        AreaRateRow.valid_to,
    )


def area_of(
    area_kind: str, area: str, rate_e8: int, valid_from: datetime, valid_to: datetime | None
) -> AreaRate:
    """An area rate as rating takes it: USA and Canada are groups there."""
    group = GROUPS.get(area_kind)
    kind = "group" if group else area_kind
    return AreaRate(cast(AreaKind, kind), group or area, rate_e8, valid_from, valid_to)


def zone_of(row: FreeZoneRow) -> FreeZone:
    """A free zone as rating takes it."""
    return FreeZone(
        cast(ZoneKind, row.zone_kind), row.zone, row.max_cost_e8, row.valid_from, row.valid_to
    )


def details_of(version: PackageVersion, name: str) -> PackageDetails:
    """A version as the editor shows it."""
    return PackageDetails(
        name=name,
        markup_fixed_e8=version.markup_fixed_e8,
        markup_percent_e4=version.markup_percent_e4,
        pulse_seconds=version.pulse_seconds,
        first_increment_seconds=version.first_increment_seconds,
        canada_route=version.canada_route,
        international_route=version.international_route,
        onnet_free=version.onnet_free,
        monthly_fee=version.monthly_fee,
        setup_fee=version.setup_fee,
        free_minutes=version.free_minutes,
        client_may_edit=version.client_may_edit,
        own_services=version.own_services,
        view=version.view,
        services=tuple(version.services),
        hide_money=version.hide_money,
    )
