"""The rates of a compared file, put into a package: what they follow ends, what is planned stays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import delete, or_, select, update

from portal.core.db import insert_all, session
from portal.core.failpoints import failpoint
from portal.pricing.areas import country_of_area
from portal.pricing.models import AreaRate, RateImport, RateImportLine
from portal.pricing.values import Outcome

CHUNK = 5_000
_KEYS_A_QUERY = 500
_Item = TypeVar("_Item")
_Area = tuple[str, str]


class _Standing(NamedTuple):
    """The rates of a package at a moment: ids and beginnings of what holds, what it costs, and when
    the next one begins."""

    there: dict[_Area, list[tuple[int, datetime]]]
    rates: dict[_Area, int]
    planned: dict[_Area, datetime]


def put_into_package(row: RateImport, at: datetime) -> None:
    """Let the rates of a file hold from a moment on. In a transaction that holds the package."""
    standing = _standing(row.package_id, at)
    wanted = _wanted(row.id, standing.rates)
    _end(wanted, standing.there, at)
    new = (
        {
            "reseller_id": row.reseller_id,
            "package_id": row.package_id,
            "area_kind": line.area_kind,
            "area": line.area,
            "name": line.name,
            "country": country_of_area(line.area_kind, line.area),
            "rate_e8": line.rate_e8,
            "valid_from": at,
            "valid_to": standing.planned.get((line.area_kind, line.area)),
        }
        for line in wanted
        if line.outcome != Outcome.ENDED
    )
    for rows in batches_of(new, CHUNK):
        insert_all(AreaRate, rows)
        failpoint("rates.half_applied")


def batches_of(items: Iterable[_Item], size: int) -> Iterator[list[_Item]]:
    """The items in lists of at most that size."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def _standing(package_id: int, at: datetime) -> _Standing:
    found = _Standing({}, {}, {})
    rows = session().execute(
        select(
            AreaRate.id, AreaRate.area_kind, AreaRate.area, AreaRate.valid_from, AreaRate.rate_e8
        )
        .where(
            AreaRate.package_id == package_id,
            or_(AreaRate.valid_to.is_(None), AreaRate.valid_to > at),
        )
        .order_by(AreaRate.valid_from)
    )
    for rate_id, kind, area, valid_from, rate_e8 in rows:
        if valid_from <= at:
            found.there.setdefault((kind, area), []).append((rate_id, valid_from))
            found.rates[kind, area] = rate_e8
        else:
            found.planned.setdefault((kind, area), valid_from)
    return found


def _wanted(import_id: int, rates: dict[_Area, int]) -> list[Any]:
    """The lines to act on. What was the same when it was compared is left alone if it still is."""
    compared = session().execute(
        select(
            RateImportLine.outcome, RateImportLine.area_kind, RateImportLine.area,
            RateImportLine.name, RateImportLine.rate_e8,
        )
        .where(RateImportLine.import_id == import_id, RateImportLine.outcome != Outcome.WRONG)
        .order_by(RateImportLine.line)
    )  # fmt: skip
    return [
        line
        for line in compared
        if line.outcome != Outcome.SAME or rates.get((line.area_kind, line.area)) != line.rate_e8
    ]


def _end(
    wanted: Sequence[Any], there: dict[_Area, list[tuple[int, datetime]]], at: datetime
) -> None:
    """Calls were priced by what held, so it ends; what began this very moment held for nobody."""
    ended: list[int] = []
    replaced: list[int] = []
    for line in wanted:
        for rate_id, valid_from in there.get((line.area_kind, line.area), ()):
            (replaced if valid_from == at else ended).append(rate_id)
    for ids, statement in (
        (ended, update(AreaRate).values(valid_to=at)),
        (replaced, delete(AreaRate)),
    ):
        for some in batches_of(ids, _KEYS_A_QUERY):
            session().execute(
                statement.where(AreaRate.id.in_(some)),
                execution_options={"synchronize_session": False},
            )
