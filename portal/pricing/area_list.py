"""Finding area rates again, also among fifty thousand: search, sort, pages by keyset."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, tuple_

from portal.core import clock
from portal.core.db import session
from portal.core.errors import NotFound
from portal.core.paging import Page
from portal.pricing.models import AreaRate, Package, RateImportLine
from portal.pricing.values import AreaRateRow, Outcome, RateImportLineRow

PAGE_ROWS = 50
_SHOWN = (
    AreaRate.public_id,
    AreaRate.area_kind,
    AreaRate.area,
    AreaRate.rate_e8,
    AreaRate.valid_from,
    AreaRate.valid_to,
    AreaRate.name,
    AreaRate.country,
)


class RateSort(StrEnum):
    """Orders that an index knows."""

    AREA = "area"
    RATE = "rate"
    NAME = "name"


_POSITIONS: dict[RateSort, tuple[Any, ...]] = {
    RateSort.AREA: (AreaRate.area_kind, AreaRate.area, AreaRate.id),
    RateSort.RATE: (AreaRate.rate_e8, AreaRate.id),
    RateSort.NAME: (AreaRate.name, AreaRate.id),
}


def area_rates(
    package: uuid.UUID,
    *,
    text: str = "",
    countries: Collection[str] = (),
    sort: RateSort = RateSort.AREA,
    descending: bool = False,
    after: str | None = None,
    before: str | None = None,
    rows: int = PAGE_ROWS,
    begun_by: datetime | None = None,
) -> Page[AreaRateRow]:
    """One page of a package's area rates that are in force or to come.

    ``text`` is the beginning of a prefix or a piece of a name; ``countries`` (ISO codes) are found
    besides. ``after`` and ``before`` are cursors of a Page; nonsense is no cursor. ``begun_by``
    leaves out what begins after that moment.
    """
    position = _POSITIONS[sort]
    mark = _cursor(before, position)
    backwards = mark is not None
    if mark is None:
        mark = _cursor(after, position)
    upwards = descending == backwards
    statement = _found(select(*_SHOWN), package, text, countries)
    if begun_by is not None:
        statement = statement.where(AreaRate.valid_from <= begun_by)
    if mark is not None:
        here = tuple_(*position)
        statement = statement.where(here > mark if upwards else here < mark)
    order = [column.asc() if upwards else column.desc() for column in position]
    listed = [
        AreaRateRow(*row)
        for row in session().execute(statement.order_by(*order).limit(rows + 1))
    ]  # fmt: skip
    more, listed = len(listed) > rows, listed[:rows]
    if backwards:
        listed.reverse()
    has_next, has_previous = (True, more) if backwards else (more, mark is not None)
    return Page(
        listed,
        older=listed[-1].public_id.hex if listed and has_next else None,
        newer=listed[0].public_id.hex if listed and has_previous else None,
    )


def count_area_rates(package: uuid.UUID, *, text: str = "", countries: Collection[str] = ()) -> int:
    """How many rates a search finds."""
    statement = _found(select(func.count(AreaRate.id)), package, text, countries)
    return session().scalar(statement) or 0


def find_area_rate(package: uuid.UUID, rate: uuid.UUID, *, also_ended: bool = False) -> AreaRateRow:
    """One rate of this package, in force or to come; NotFound for any other."""
    statement = _found(select(*_SHOWN), package, "", ())
    if also_ended:
        statement = (
            select(*_SHOWN)
            .join(Package, Package.id == AreaRate.package_id)
            .where(Package.public_id == package)
        )
    row = session().execute(statement.where(AreaRate.public_id == rate)).first()
    if row is None:
        raise NotFound("There is no such rate.")
    return AreaRateRow(*row)


def import_lines(
    import_id: int, outcome: Outcome, *, text: str = "", after: int = 0, rows: int = PAGE_ROWS
) -> tuple[list[RateImportLineRow], int | None]:
    """One page of a comparison in the order of the file, and the line after which the next begins."""
    statement = select(
        RateImportLine.line, RateImportLine.outcome, RateImportLine.area_kind, RateImportLine.area,
        RateImportLine.name, RateImportLine.rate_e8, RateImportLine.old_rate_e8,
        RateImportLine.problem,
    ).where(
        RateImportLine.import_id == import_id,
        RateImportLine.outcome == outcome,
        RateImportLine.line > after,
    )  # fmt: skip
    if wanted := text.strip().lower().removeprefix("+"):
        named = func.lower(RateImportLine.name).contains(wanted, autoescape=True)
        statement = statement.where(
            or_(named, RateImportLine.area.startswith(wanted, autoescape=True))
        )
    found = [
        RateImportLineRow(*row)
        for row in session().execute(statement.order_by(RateImportLine.line).limit(rows + 1))
    ]
    return found[:rows], found[rows - 1].line if len(found) > rows else None


def _found(
    statement: Select[*tuple[Any, ...]], package: uuid.UUID, text: str, countries: Collection[str]
) -> Select[*tuple[Any, ...]]:
    statement = statement.join(Package, Package.id == AreaRate.package_id).where(
        Package.public_id == package,
        or_(AreaRate.valid_to.is_(None), AreaRate.valid_to > clock.now()),
    )
    wanted = text.strip().lower()
    if not wanted:
        return statement
    digits = wanted.removeprefix("+").replace(" ", "")
    if digits.isascii() and digits.isdigit():
        return statement.where(AreaRate.area_kind == "prefix", _begins_with(digits))
    named = func.lower(AreaRate.name).contains(wanted, autoescape=True)
    return statement.where(or_(named, AreaRate.country.in_(sorted(countries))))


def _begins_with(digits: str) -> ColumnElement[bool]:
    """A range that the index answers, whatever the database thinks of LIKE."""
    return AreaRate.area.between(digits, digits + "9" * 15)


def _cursor(text: str | None, position: tuple[Any, ...]) -> Any:
    try:
        public_id = uuid.UUID(hex=text or "")
    except ValueError:
        return None
    row = session().execute(select(*position).where(AreaRate.public_id == public_id)).first()
    return None if row is None else tuple_(*row)
