"""Filters of reports under a name, of one person or of the whole team."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, delete, or_, select

from portal.core import scope
from portal.core.db import insert_once, new_public_id, session
from portal.core.errors import InvalidInput, NotFound, Refused
from portal.identity.models import Person
from portal.reports.models import DefaultFilter, SavedFilter
from portal.reports.values import ReportKind

MOST_FILTERS = 50
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class FilterRow:
    """A saved filter as a menu or list shows it; ``is_default`` and ``is_mine`` for who asks."""

    public_id: uuid.UUID
    report: ReportKind
    name: str
    words: Mapping[str, str]
    shared: bool
    is_mine: bool
    is_default: bool
    owner: str


def filters_of(person_id: int, report: ReportKind | None = None) -> list[FilterRow]:
    """Their own and the team's, by name: one query."""
    statement = _seen(person_id).order_by(SavedFilter.report, SavedFilter.name, SavedFilter.id)
    if report is not None:
        statement = statement.where(SavedFilter.report == report)
    return [_row(person_id, *found) for found in session().execute(statement)]


def find_filter(public_id: uuid.UUID, person_id: int) -> FilterRow:
    """One they see; NotFound for any other."""
    found = session().execute(_seen(person_id).where(SavedFilter.public_id == public_id)).first()
    if found is None:
        raise NotFound("There is no such filter.")
    return _row(person_id, *found)


def save_filter(
    report: ReportKind, name: str, words: Mapping[str, str], *, person_id: int, shared: bool
) -> uuid.UUID:
    """Keep an address under a name; InvalidInput when they have one of that name already."""
    name = _checked(name)
    if len(filters_of(person_id, report)) >= MOST_FILTERS:
        raise Refused("There are too many saved filters. Delete some first.")
    public_id = new_public_id()
    kept = {
        "reseller_id": scope.reseller_id(),
        "public_id": public_id,
        "report": report,
        "name": name,
        "words": dict(words),
        "person_id": person_id,
        "shared": shared,
    }
    if not insert_once(SavedFilter, kept):
        raise InvalidInput("You have a filter of this name already.", field="name")
    return public_id


def change_filter(public_id: uuid.UUID, *, person_id: int, name: str, shared: bool) -> None:
    """Another name, or another circle; only whoever made it."""
    row, name = _mine(public_id, person_id), _checked(name)
    if name != row.name and _is_taken(person_id, ReportKind(row.report), name):
        raise InvalidInput("You have a filter of this name already.", field="name")
    row.name = name
    if row.shared and not shared:
        _forget_defaults(row, besides=person_id)
    row.shared = shared
    session().flush()


def delete_filter(public_id: uuid.UUID, *, person_id: int) -> None:
    """Forget it, also where somebody's report opened with it; only whoever made it."""
    row = _mine(public_id, person_id)
    _forget_defaults(row)
    session().delete(row)
    session().flush()


def open_with(public_id: uuid.UUID, *, person_id: int, wanted: bool) -> None:
    """Let their report open with this filter, or no longer."""
    row = find_filter(public_id, person_id)
    session().execute(
        delete(DefaultFilter).where(
            DefaultFilter.person_id == person_id, DefaultFilter.report == row.report
        ),
        execution_options={"synchronize_session": False},
    )
    if wanted:
        filter_id = session().scalars(
            select(SavedFilter.id).where(SavedFilter.public_id == public_id)
        )
        insert_once(
            DefaultFilter,
            {
                "reseller_id": scope.reseller_id(),
                "person_id": person_id,
                "report": row.report,
                "filter_id": filter_id.one(),
            },
        )


def _seen(person_id: int) -> Select[*tuple[Any, ...]]:
    statement: Select[*tuple[Any, ...]] = (
        select(SavedFilter, DefaultFilter.id, Person.name)
        .join(Person, Person.id == SavedFilter.person_id)
        .outerjoin(
            DefaultFilter,
            and_(DefaultFilter.filter_id == SavedFilter.id, DefaultFilter.person_id == person_id),
        )
        .where(or_(SavedFilter.person_id == person_id, SavedFilter.shared))
    )
    return statement


def _row(person_id: int, row: SavedFilter, default: int | None, owner: str) -> FilterRow:
    return FilterRow(
        row.public_id, ReportKind(row.report), row.name, dict(row.words), row.shared,
        row.person_id == person_id, default is not None, owner,
    )  # fmt: skip


def _mine(public_id: uuid.UUID, person_id: int) -> SavedFilter:
    row: SavedFilter | None = session().scalar(
        select(SavedFilter)
        .where(SavedFilter.public_id == public_id, SavedFilter.person_id == person_id)
        .with_for_update()
    )
    if row is None:
        raise NotFound("There is no such filter.")
    return row


def _is_taken(person_id: int, report: ReportKind, name: str) -> bool:
    statement = select(SavedFilter.id).where(
        SavedFilter.person_id == person_id, SavedFilter.report == report, SavedFilter.name == name
    )
    return session().scalar(statement) is not None


def _forget_defaults(row: SavedFilter, *, besides: int | None = None) -> None:
    statement = delete(DefaultFilter).where(DefaultFilter.filter_id == row.id)
    if besides is not None:
        statement = statement.where(DefaultFilter.person_id != besides)
    session().execute(statement, execution_options={"synchronize_session": False})


def _checked(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise InvalidInput("Give the filter a name.", field="name")
    return name[:_LONGEST_NAME]
