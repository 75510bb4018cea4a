"""Reads of clients: one by its public id, a page of a list, counts for the tabs above it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from portal.core.db import session
from portal.core.errors import NotFound
from portal.core.paging import Page
from portal.identity.clients import facts_of
from portal.identity.models import NEVER, Client, Person
from portal.identity.spelling import folded
from portal.identity.values import ClientFacts, ClientStatus

PAGE_ROWS = 50
_MOST_WORDS = 8


class ClientSort(StrEnum):
    """Orders of the list; a minus in front turns one round."""

    NAME = "name"
    NAME_DOWN = "-name"
    NUMBER = "number"
    NUMBER_DOWN = "-number"
    STATUS = "status"
    NEWEST = "newest"
    OLDEST = "oldest"
    LOGIN = "login"
    LOGIN_DOWN = "-login"
    RANK = "rank"
    RANK_DOWN = "-rank"


class Ranking(Protocol):
    """Given the column of a client's id, the expression by which a list is in order."""

    def __call__(self, client_id: Any, /) -> ColumnElement[Any]: ...


@dataclass(frozen=True, slots=True)
class ClientFilter:
    """``text``: words that must all occur in name, company, e-mail, number or phone. Closed clients
    are only seen when their status is asked for. ``also``: ids that match the text by something kept
    elsewhere (a DID, a sub-account); ``among``: only these ids, or those that a select gives.
    ``rank``: a number kept elsewhere for each client, for the orders RANK."""

    text: str = ""
    status: ClientStatus | None = None
    sort: ClientSort = ClientSort.NAME
    cursor: str | None = None
    also: frozenset[int] = frozenset()
    among: frozenset[int] | Select[int] | None = None
    rank: Ranking | None = None


@dataclass(frozen=True, slots=True)
class ClientRow:
    """A client in the list; ``id`` is for looking up balances, never for an address."""

    id: int
    public_id: uuid.UUID
    number: str
    name: str
    company: str
    email: str
    phone: str
    status: ClientStatus
    suspended_for: str
    balance_mode: str
    created_at: datetime
    last_login_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Order:
    """A column and the id after it, both in one direction, so that a page has a place to begin."""

    column: Any
    down: bool


_ONWARDS, _BACKWARDS = "a", "b"
_ORDERS = {
    ClientSort.NAME: _Order(Client.sort_name, False),
    ClientSort.NAME_DOWN: _Order(Client.sort_name, True),
    ClientSort.NUMBER: _Order(Client.number, False),
    ClientSort.NUMBER_DOWN: _Order(Client.number, True),
    ClientSort.STATUS: _Order(Client.status, False),
    ClientSort.NEWEST: _Order(None, True),
    ClientSort.OLDEST: _Order(None, False),
    ClientSort.LOGIN: _Order(Client.last_login_at, False),
    ClientSort.LOGIN_DOWN: _Order(Client.last_login_at, True),
}


def client_facts(client_id: int, *, lock: bool = False) -> ClientFacts:
    """A client by its key, closed ones too; raises NotFound. ``lock`` holds it still in a transaction."""
    return _one(Client.id == client_id, lock=lock)


def client_name(client_id: int) -> str:
    """What the client is called on a screen: the company, or the person."""
    return client_facts(client_id).title


def waiting_count() -> int:
    """How many clients of the bound reseller wait to be activated."""
    waiting = select(func.count()).where(Client.status == ClientStatus.WAIT)
    return session().scalar(waiting) or 0


def client_by_public_id(public_id: uuid.UUID | str) -> ClientFacts:
    """A client by the name in an address; raises NotFound, also for another reseller's."""
    try:
        wanted = public_id if isinstance(public_id, uuid.UUID) else uuid.UUID(public_id)
    except ValueError as error:
        raise NotFound("There is no such client.") from error
    return _one(Client.public_id == wanted)


def clients_by_id(client_ids: set[int]) -> dict[int, ClientFacts]:
    """Several clients at once, by key, for lists of other things."""
    if not client_ids:
        return {}
    found = session().scalars(select(Client).where(Client.id.in_(client_ids)))
    return {client.id: facts_of(client) for client in found}


def open_client_ids() -> list[int]:
    """Every client of the bound reseller that is not closed."""
    return list(
        session().scalars(
            select(Client.id).where(Client.status != ClientStatus.CLOSED).order_by(Client.id)
        )
    )


def find_clients(wanted: ClientFilter, *, rows: int = PAGE_ROWS) -> Page[ClientRow]:
    """A page of the bound reseller's clients: three conditions, one query, place kept by cursor."""
    order = _order(wanted)
    start = _place(wanted.cursor, order)
    backwards = start is not None and start[0]
    down = order.down != backwards
    query = select(Client).where(*_wanted(wanted))
    if start is not None:
        query = query.where(_after(order, down, start[1], start[2]))
    columns = [Client.id] if order.column is None else [order.column, Client.id]
    query = query.order_by(*(column.desc() if down else column.asc() for column in columns))
    found = list(session().scalars(query.limit(rows + 1)))
    more = len(found) > rows
    found = found[:rows]
    if backwards:
        found.reverse()
    if not found:
        return Page(())
    ahead, behind = (start is not None, more) if backwards else (more, start is not None)
    return Page(
        rows=[_row(client) for client in found],
        older=f"{_ONWARDS}{found[-1].public_id.hex}" if ahead else None,
        newer=f"{_BACKWARDS}{found[0].public_id.hex}" if behind else None,
    )


def count_found(wanted: ClientFilter) -> int:
    """How many clients a filter finds, whatever the page."""
    return session().scalar(select(func.count()).select_from(Client).where(*_wanted(wanted))) or 0


def found_ids(wanted: ClientFilter, *, most: int) -> list[int]:
    """The keys of the clients that a filter finds, in the order they were added."""
    return list(
        session().scalars(select(Client.id).where(*_wanted(wanted)).order_by(Client.id).limit(most))
    )


def client_chunk(
    wanted: ClientFilter, *, after: int | None = None, rows: int = 2_000
) -> list[ClientFacts]:
    """The next clients that a filter finds, in the order they were added, for a download."""
    query = select(Client).where(*_wanted(wanted)).order_by(Client.id).limit(rows)
    if after is not None:
        query = query.where(Client.id > after)
    return [facts_of(client) for client in session().scalars(query)]


def taken_emails(emails: Sequence[str]) -> set[str]:
    """Which of these a client of the bound reseller, or one of a client's people, has already."""
    found: set[str] = set()
    for first in range(0, len(emails), 500):
        some = emails[first : first + 500]
        found |= set(session().scalars(select(Client.email).where(Client.email.in_(some))))
        found |= set(
            session().scalars(
                select(Person.email).where(Person.email.in_(some), Person.is_staff.is_(False))
            )
        )
    return found


def taken_numbers(numbers: Sequence[str]) -> set[str]:
    """Which of these user IDs a client of the bound reseller has already."""
    found: set[str] = set()
    for first in range(0, len(numbers), 500):
        some = numbers[first : first + 500]
        found |= set(session().scalars(select(Client.number).where(Client.number.in_(some))))
    return found


def ids_of(public_ids: Sequence[uuid.UUID]) -> list[int]:
    """The keys of these clients of the bound reseller; what is nobody's is left out."""
    found: set[int] = set()
    for first in range(0, len(public_ids), 500):
        some = public_ids[first : first + 500]
        found |= set(session().scalars(select(Client.id).where(Client.public_id.in_(some))))
    return sorted(found)


def count_clients(text: str = "", *, also: frozenset[int] = frozenset()) -> dict[ClientStatus, int]:
    """How many clients match the text, by status; every status is there."""
    counted = session().execute(
        select(Client.status, func.count()).where(*_conditions(text, also)).group_by(Client.status)
    )
    found = {ClientStatus(status): count for status, count in counted}
    return {status: found.get(status, 0) for status in ClientStatus}


def _wanted(wanted: ClientFilter) -> list[ColumnElement[bool]]:
    found = [*_conditions(wanted.text, wanted.also), _status(wanted.status)]
    return found if wanted.among is None else [*found, Client.id.in_(wanted.among)]


def _order(wanted: ClientFilter) -> _Order:
    if wanted.sort in {ClientSort.RANK, ClientSort.RANK_DOWN} and wanted.rank is not None:
        return _Order(wanted.rank(Client.id), wanted.sort is ClientSort.RANK_DOWN)
    return _ORDERS.get(wanted.sort, _ORDERS[ClientSort.NAME])


def _conditions(text: str, also: frozenset[int] = frozenset()) -> list[ColumnElement[bool]]:
    words = folded(text).split()[:_MOST_WORDS]
    said = [Client.search_words.contains(word, autoescape=True) for word in words]
    return [or_(and_(*said), Client.id.in_(also))] if said and also else said


def _status(status: ClientStatus | None) -> ColumnElement[bool]:
    return Client.status != ClientStatus.CLOSED if status is None else Client.status == status


def _after(order: _Order, down: bool, value: Any, row_id: int) -> ColumnElement[bool]:
    further_id = Client.id < row_id if down else Client.id > row_id
    if order.column is None:
        return further_id
    further = order.column < value if down else order.column > value
    return or_(further, and_(order.column == value, further_id))


def _place(cursor: str | None, order: _Order) -> tuple[bool, Any, int] | None:
    """Where a cursor points: backwards?, the value and the key of its client.

    A cursor names a client by its public id. One that somebody bent begins at the start.
    """
    if not cursor or cursor[0] not in {_ONWARDS, _BACKWARDS}:
        return None
    try:
        public_id = uuid.UUID(hex=cursor[1:])
    except ValueError:
        return None
    column = Client.id if order.column is None else order.column
    found = (
        session().execute(select(column, Client.id).where(Client.public_id == public_id)).first()
    )
    return None if found is None else (cursor[0] == _BACKWARDS, found[0], found[1])


def _one(which: ColumnElement[bool], *, lock: bool = False) -> ClientFacts:
    statement = select(Client).where(which).execution_options(populate_existing=True)
    client = session().scalar(statement.with_for_update() if lock else statement)
    if client is None:
        raise NotFound("There is no such client.")
    return facts_of(client)


def _row(client: Client) -> ClientRow:
    return ClientRow(
        id=client.id,
        public_id=client.public_id,
        number=client.number,
        name=f"{client.first_name} {client.last_name}",
        company=client.company,
        email=client.email,
        phone=client.phone,
        status=ClientStatus(client.status),
        suspended_for=client.suspended_for,
        balance_mode=client.balance_mode,
        created_at=client.created_at,
        last_login_at=None if client.last_login_at == NEVER else client.last_login_at,
    )
