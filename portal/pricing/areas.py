"""A package's own rates per area and its free zones: added and ended, never edited."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select, update

from portal.core import clock
from portal.core.db import session
from portal.core.dialplan import COUNTRY_PREFIXES
from portal.core.errors import InvalidInput, NotFound, Refused
from portal.core.phone import country_of
from portal.core.sentences import N_
from portal.pricing.models import AreaRate as AreaRateTable
from portal.pricing.models import FreeZone as FreeZoneTable
from portal.pricing.models import Package
from portal.pricing.terms import area_columns, area_of, zone_of
from portal.pricing.values import FreeZoneRow
from portal.rating import AreaRate, FreeZone

COUNTRIES = frozenset(code for code in COUNTRY_PREFIXES.values() if code)
_HIGHEST_RATE_E8 = 1_000 * 100_000_000
_LONGEST_PREFIX = 15


def set_area_rate(
    package: uuid.UUID,
    kind: str,
    area: str,
    *,
    rate_e8: int,
    valid_from: datetime | None = None,
    name: str | None = None,
) -> uuid.UUID:
    """Give an area a rate of its own from a moment (now) on; the one before ends then.

    One that is planned for later stays planned, and this one ends where it begins.
    ``kind`` is ``usa`` or ``canada`` (without area), ``country`` (ISO code) or ``prefix`` (digits).
    Without ``name`` the area keeps the one it has. InvalidInput names the field.
    """
    area = _area(kind, area, allowed=("usa", "canada", "country", "prefix"))
    if not 0 <= rate_e8 <= _HIGHEST_RATE_E8:
        raise InvalidInput("The rate is per minute, from 0 to 1000.", field="rate")
    at = valid_from or clock.now()
    package_id = _held_package(package)
    rows = session().scalars(
        select(AreaRateTable)
        .where(
            AreaRateTable.package_id == package_id,
            AreaRateTable.area_kind == kind,
            AreaRateTable.area == area,
        )
        .order_by(AreaRateTable.valid_from)
    )
    kept, until = None, None
    for row in rows:
        name = row.name if name is None and row.name else name
        if row.valid_from == at:
            kept = row
        elif row.valid_from < at and (row.valid_to is None or row.valid_to > at):
            row.valid_to = at
        elif row.valid_from > at:
            until = until or row.valid_from
    if kept is None:
        kept = AreaRateTable(
            package_id=package_id,
            area_kind=kind,
            area=area,
            country=country_of_area(kind, area),
            rate_e8=rate_e8,
            valid_from=at,
        )
        session().add(kept)
    kept.rate_e8, kept.valid_to, kept.name = rate_e8, until, name or ""
    session().flush()
    return kept.public_id


def change_area_rate(
    rate: uuid.UUID, *, rate_e8: int, valid_from: datetime | None = None
) -> uuid.UUID:
    """Let another rate follow one that is in force or to come; Refused when it was followed meanwhile.

    A rate that is still to come and does not begin earlier is replaced, not kept for a moment.
    """
    row = _held_rate(rate)
    at = valid_from or clock.now()
    _refuse_followed(row, at)
    package = session().scalar(select(Package.public_id).where(Package.id == row.package_id))
    assert package is not None
    kind, area, name = row.area_kind, row.area, row.name
    if row.valid_from > at:
        _call_off(row)
    return set_area_rate(package, kind, area, rate_e8=rate_e8, valid_from=at, name=name)


def end_area_rate(rate: uuid.UUID, *, at: datetime | None = None) -> bool:
    """Let an area follow the package's markup again from a moment (now) on.

    A rate that is still to come is called off instead (True), and the one before it goes on. Refused
    when it was followed meanwhile.
    """
    row = _held_rate(rate)
    at = at or clock.now()
    _refuse_followed(row, at)
    if row.valid_from > at:
        _call_off(row)
        return True
    _end(row, at)
    return False


def add_free_zone(
    package: uuid.UUID,
    kind: str,
    zone: str = "",
    *,
    max_cost_e8: int | None = None,
    valid_from: datetime | None = None,
) -> uuid.UUID:
    """Make calls free from a moment (now) on: to a ``country``, a ``prefix``, or up to ``max_cost``.

    ``max_cost_e8`` is per minute in the reseller's currency and inclusive. Adding one that is in
    force already changes nothing.
    """
    zone = _area(kind, zone, allowed=("country", "prefix", "max_cost"))
    if kind == "max_cost" and (max_cost_e8 is None or not 0 <= max_cost_e8 <= _HIGHEST_RATE_E8):
        raise InvalidInput("The highest cost is per minute, from 0 to 1000.", field="max_cost")
    limit = max_cost_e8 if kind == "max_cost" else None
    at = valid_from or clock.now()
    package_id = _held_package(package)
    same_limit = (
        FreeZoneTable.max_cost_e8.is_(None) if limit is None else FreeZoneTable.max_cost_e8 == limit
    )
    there = session().scalar(
        select(FreeZoneTable.public_id).where(
            FreeZoneTable.package_id == package_id,
            FreeZoneTable.zone_kind == kind,
            FreeZoneTable.zone == zone,
            same_limit,
            or_(FreeZoneTable.valid_to.is_(None), FreeZoneTable.valid_to > at),
        )
    )
    if there is not None:
        return there
    row = FreeZoneTable(
        package_id=package_id, zone_kind=kind, zone=zone, max_cost_e8=limit, valid_from=at
    )
    session().add(row)
    session().flush()
    return row.public_id


def end_free_zone(zone: uuid.UUID, *, at: datetime | None = None) -> None:
    """Charge for a free zone again from a moment (now) on."""
    row = session().scalar(select(FreeZoneTable).where(FreeZoneTable.public_id == zone))
    if row is None:
        raise NotFound("There is no such free zone.")
    _end(row, at or clock.now())


def free_zones(package: uuid.UUID) -> list[FreeZoneRow]:
    """The free zones of a package that are in force or to come."""
    rows = session().execute(
        select(
            FreeZoneTable.public_id,
            FreeZoneTable.zone_kind,
            FreeZoneTable.zone,
            FreeZoneTable.max_cost_e8,
            FreeZoneTable.valid_from,
            FreeZoneTable.valid_to,
        )
        .join(Package, Package.id == FreeZoneTable.package_id)
        .where(
            Package.public_id == package,
            or_(FreeZoneTable.valid_to.is_(None), FreeZoneTable.valid_to > clock.now()),
        )
        .order_by(FreeZoneTable.zone_kind, FreeZoneTable.zone, FreeZoneTable.valid_from)
    )
    return [FreeZoneRow(*row) for row in rows]


def active_areas(
    package_id: int, at: datetime, *, for_numbers: Sequence[str] | None = None
) -> list[AreaRate]:
    """The area rates of a package in force at a moment or to come, as rating takes them.

    ``for_numbers`` (digits) leaves out prefixes that none of these numbers begins with: of fifty
    thousand rates a preview needs a handful.
    """
    statement = select(*area_columns()).where(
        AreaRateTable.package_id == package_id,
        or_(AreaRateTable.valid_to.is_(None), AreaRateTable.valid_to > at),
    )
    if for_numbers is not None:
        heads = {number[:length] for number in for_numbers for length in range(1, len(number) + 1)}
        statement = statement.where(
            or_(AreaRateTable.area_kind != "prefix", AreaRateTable.area.in_(sorted(heads)))
        )
    return [area_of(*row) for row in session().execute(statement)]


def active_zones(package_id: int, at: datetime) -> list[FreeZone]:
    """The free zones of a package in force at a moment or to come, as rating takes them."""
    rows = session().scalars(
        select(FreeZoneTable).where(
            FreeZoneTable.package_id == package_id,
            or_(FreeZoneTable.valid_to.is_(None), FreeZoneTable.valid_to > at),
        )
    )
    return [zone_of(row) for row in rows]


def _held_rate(rate: uuid.UUID) -> AreaRateTable:
    """A rate as it is once its package is locked: two who change it at once stand in line."""
    wanted = AreaRateTable.public_id == rate
    package = select(AreaRateTable.package_id).where(wanted).scalar_subquery()
    session().execute(select(Package.id).where(Package.id == package).with_for_update())
    row = session().scalar(
        select(AreaRateTable).where(wanted).execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound("There is no such rate.")
    return row


def _refuse_followed(row: AreaRateTable, at: datetime) -> None:
    if row.valid_to is not None and row.valid_to <= at:
        raise Refused(
            N_("Somebody else has changed this rate meanwhile. Look at it again."), code="changed"
        )


def _call_off(planned: AreaRateTable) -> None:
    """Delete a rate that is still to come; what it would have ended lasts as long as it would have."""
    session().execute(
        update(AreaRateTable)
        .where(
            AreaRateTable.package_id == planned.package_id,
            AreaRateTable.area_kind == planned.area_kind,
            AreaRateTable.area == planned.area,
            AreaRateTable.valid_to == planned.valid_from,
        )
        .values(valid_to=planned.valid_to)
    )
    session().delete(planned)
    session().flush()


def _end(row: AreaRateTable | FreeZoneTable, at: datetime) -> None:
    """A row that never was in force goes; one that was ends, because calls were priced by it."""
    if row.valid_from >= at:
        session().delete(row)
    elif row.valid_to is None or row.valid_to > at:
        row.valid_to = at
    session().flush()


def country_of_area(kind: str, area: str) -> str:
    """Where an area lies (ISO code); empty for what lies nowhere or in several countries."""
    if kind == "prefix":
        return country_of(f"+{area}") or ""
    return {"usa": "US", "canada": "CA"}.get(kind, area)


def _held_package(package: uuid.UUID) -> int:
    """The id of a package that takes prices, its row locked."""
    found = session().execute(
        select(Package.id, Package.retired_at)
        .where(Package.public_id == package)
        .with_for_update()
    ).first()  # fmt: skip
    if found is None:
        raise NotFound("There is no such package.")
    if found.retired_at is not None:
        raise Refused("This package is retired and takes no new prices.", code="retired")
    return int(found.id)


def _area(kind: str, area: str, *, allowed: tuple[str, ...]) -> str:
    if kind not in allowed:
        raise InvalidInput("Choose what the area is.", field="kind")
    if kind == "country":
        code = area.strip().upper()
        if code not in COUNTRIES:
            raise InvalidInput("Choose a country of the list.", field="area")
        return code
    if kind == "prefix":
        digits = area.strip().removeprefix("+").removeprefix("011").replace(" ", "")
        if not (digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST_PREFIX):
            raise InvalidInput(
                "A calling code or prefix is digits only, like 44 or 1416.", field="area"
            )
        return digits
    return ""
