"""The list of contacts: pages of it, a search, and who stands in it twice."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from portal.contacts.models import Contact, ContactGroup, ContactMember
from portal.contacts.queries import cards, mentions
from portal.contacts.spelling import words_of
from portal.contacts.values import ContactCard
from portal.core.db import session
from portal.core.paging import Page

PAGE_ROWS = 50
_MOST_PAIRS = 50


class ContactSort(StrEnum):
    """Orders of the list; a minus in front turns one round."""

    NAME = "name"
    NAME_DOWN = "-name"
    CHANGED = "-changed"
    CHANGED_UP = "changed"


@dataclass(frozen=True, slots=True)
class ContactFilter:
    """``text``: words that must all occur in name, company, e-mail or number; ``group`` is a public id.

    ``deleted``: those that can be brought back, instead of those that are there.
    """

    text: str = ""
    group: uuid.UUID | None = None
    sort: ContactSort = ContactSort.NAME
    deleted: bool = False

    @property
    def any(self) -> bool:
        """Does it leave anybody out?"""
        return bool(self.text or self.group)


def listing(
    client_id: int, wanted: ContactFilter, *, after: str | None = None
) -> Page[ContactCard]:
    """A page of contacts. ``after`` is the public id of the last one before it."""
    column, down = _order(wanted.sort)
    statement = _found(client_id, wanted).order_by(
        column.desc() if down else column, Contact.id.desc() if down else Contact.id
    )
    place = _place(client_id, after, column)
    if place is not None:
        at, row_id = place
        further = column < at if down else column > at
        beside = Contact.id < row_id if down else Contact.id > row_id
        statement = statement.where(or_(further, and_(column == at, beside)))
    rows = list(session().scalars(statement.limit(PAGE_ROWS + 1)))
    shown = rows[:PAGE_ROWS]
    older = shown[-1].public_id.hex if len(rows) > PAGE_ROWS else None
    return Page(cards(shown), older=older)


def count(client_id: int, wanted: ContactFilter = ContactFilter()) -> int:
    """How many the filter finds on all its pages."""
    found = _found(client_id, wanted).with_only_columns(func.count(Contact.id))
    return session().scalar(found.order_by(None)) or 0


def found_ids(client_id: int, wanted: ContactFilter, *, most: int = 20_000) -> list[uuid.UUID]:
    """Public ids of everybody whom the filter finds, in the order of names."""
    found = _found(client_id, wanted).with_only_columns(Contact.public_id)
    return list(session().scalars(found.order_by(Contact.sort_name, Contact.id).limit(most)))


def every(
    client_id: int, wanted: ContactFilter, *, after: ContactCard | None = None, rows: int = 1_000
) -> list[ContactCard]:
    """The next of those that the filter finds, in the order they were added, for a long reading."""
    statement = _found(client_id, wanted).order_by(Contact.id).limit(rows)
    if after is not None:
        last = select(Contact.id).where(
            Contact.public_id == after.public_id, Contact.client_id == client_id
        )
        statement = statement.where(Contact.id > last.scalar_subquery())
    return cards(list(session().scalars(statement)))


def chosen(client_id: int, public_ids: Sequence[uuid.UUID]) -> list[ContactCard]:
    """Those of these that are the client's, in the order of names."""
    found: list[Contact] = []
    for first in range(0, len(public_ids), 500):
        found += session().scalars(
            _all(client_id).where(Contact.public_id.in_(public_ids[first : first + 500]))
        )
    return [
        card
        for first in range(0, len(found), 500)
        for card in cards(
            sorted(found, key=lambda one: (one.sort_name, one.id))[first : first + 500]
        )
    ]


def twice(client_id: int) -> list[list[ContactCard]]:
    """Contacts that seem to be one: of the same name, or the same e-mail address."""
    found: list[list[ContactCard]] = []
    seen: set[uuid.UUID] = set()
    columns: tuple[Any, ...] = (Contact.email, Contact.sort_name)
    for column in columns:
        values = list(
            session().scalars(
                _all(client_id)
                .with_only_columns(column)
                .where(column != "")
                .group_by(column)
                .having(func.count(Contact.id) > 1)
                .order_by(column)
                .limit(_MOST_PAIRS)
            )
        )
        alike: dict[str, list[Contact]] = {}
        for row in session().scalars(
            _all(client_id).where(column.in_(values)).order_by(Contact.id).limit(500)
        ):
            alike.setdefault(getattr(row, column.key), []).append(row)
        for rows in alike.values():
            group = [card for card in cards(rows) if card.public_id not in seen]
            if len(group) > 1:
                found.append(group)
                seen.update(card.public_id for card in group)
    return found


def _all(client_id: int, *, deleted: bool = False) -> Select[Contact]:
    state = Contact.deleted_at.is_not(None) if deleted else Contact.deleted_at.is_(None)
    return select(Contact).where(Contact.client_id == client_id, state)


def _found(client_id: int, wanted: ContactFilter) -> Select[Contact]:
    statement = _all(client_id, deleted=wanted.deleted)
    if wanted.text.strip():
        statement = statement.where(*mentions(words_of(wanted.text) or ["\x01"]))
    if wanted.group is not None:
        statement = statement.where(_is_in(wanted.group))
    return statement


def _is_in(group: uuid.UUID) -> ColumnElement[bool]:
    return (
        select(ContactMember.id)
        .join(ContactGroup, ContactGroup.id == ContactMember.group_id)
        .where(ContactMember.contact_id == Contact.id, ContactGroup.public_id == group)
        .exists()
    )


def _order(sort: ContactSort) -> tuple[Any, bool]:
    column = Contact.sort_name if sort.value.endswith("name") else Contact.updated_at
    return column, sort.value.startswith("-")


def _place(client_id: int, after: str | None, column: Any) -> tuple[Any, int] | None:
    try:
        public_id = uuid.UUID(hex=after or "")
    except ValueError:
        return None
    row = (
        session()
        .execute(
            select(column, Contact.id).where(
                Contact.public_id == public_id, Contact.client_id == client_id
            )
        )
        .first()
    )
    return None if row is None else (row[0], row[1])
