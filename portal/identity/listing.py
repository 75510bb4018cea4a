"""The long list of clients: pages of it, and a search that looks through every client once."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
    union_all,
)

from portal.core.db import session
from portal.core.paging import Page
from portal.identity.clients import facts_of
from portal.identity.models import NEVER, Client
from portal.identity.queries import by_status
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


@dataclass(frozen=True, slots=True)
class ClientsFound:
    """A page of what a filter finds. ``counts``: who matches its text, by status; ``total``: how many
    the filter finds on all its pages."""

    page: Page[ClientRow]
    counts: dict[ClientStatus, int]
    total: int


@dataclass(frozen=True, slots=True)
class _Turn:
    """Which way one page goes, perhaps against the list's order, and behind which row it begins."""

    order: _Order
    backwards: bool = False
    start: tuple[Any, int] | None = None

    def page(self, query: Any, column: Any, key: Any, rows: int) -> Any:
        """The part of a query that this page shows, and one row more: is there another page?"""
        down = self.order.down != self.backwards
        columns = [key] if self.order.column is None else [column, key]
        if self.start is not None:
            here, there = tuple_(*columns), tuple_(*self._bound(columns))
            query = query.where(here < there if down else here > there)
        return query.order_by(*(one.desc() if down else one.asc() for one in columns)).limit(
            rows + 1
        )

    def _bound(self, columns: Sequence[Any]) -> list[Any]:
        assert self.start is not None
        return [
            literal(value, column.type)
            for value, column in zip(self.start[-len(columns) :], columns, strict=True)
        ]


def find_clients(wanted: ClientFilter, *, rows: int = PAGE_ROWS) -> Page[ClientRow]:
    """A page of the bound reseller's clients, its place kept by cursor."""
    if _words(wanted.text):
        return search_clients(wanted, rows=rows).page
    turn = _turn(wanted)
    query = select(Client).where(*_wanted(wanted))
    found = session().scalars(turn.page(query, turn.order.column, Client.id, rows))
    return _page(list(found), turn, rows)


def search_clients(wanted: ClientFilter, *, rows: int = PAGE_ROWS) -> ClientsFound:
    """The same for a text, with its counts: every client is looked at once, whatever is found.

    Reading them in the order of the table beats an index here: no index holds the words, and one that
    gives the order would look each client up at another place.
    """
    turn = _turn(wanted)
    place = Client.id if turn.order.column is None else turn.order.column
    matched = (
        select(Client.id, Client.status, place.label("place"))
        .where(*_conditions(wanted.text, wanted.also))
        .with_hint(Client, "NOT INDEXED", "sqlite")
        .cte("matched")
    )
    belongs = _belongs(wanted, matched.c.id, matched.c.status)
    counted = select(
        null().label("id"),
        matched.c.status,
        func.count().label("every"),
        func.count().filter(*belongs).label("some"),
    ).group_by(matched.c.status)
    shown = select(matched.c.id, matched.c.status, literal(0), literal(0)).where(*belongs)
    page = turn.page(shown, matched.c.place, matched.c.id, rows).subquery()
    told = session().execute(union_all(counted, select(page))).all()
    return ClientsFound(
        page=_page(_in_order([one.id for one in told if one.id is not None], turn), turn, rows),
        counts=by_status((one.status, one.every) for one in told if one.id is None),
        total=sum(one.some for one in told),
    )


def clients_named(text: str) -> Select[int]:
    """The keys of the clients in whom all of these words occur: a select for other lists."""
    found: Select[Any] = select(Client.id).where(*_conditions(text, frozenset()))
    return found


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


def _words(text: str) -> list[str]:
    return folded(text).split()[:_MOST_WORDS]


def _wanted(wanted: ClientFilter) -> list[ColumnElement[bool]]:
    said = _conditions(wanted.text, wanted.also)
    return [*said, *_belongs(wanted, Client.id, Client.status)]


def _conditions(text: str, also: frozenset[int]) -> list[ColumnElement[bool]]:
    said = [Client.search_words.contains(word, autoescape=True) for word in _words(text)]
    return [or_(and_(*said), Client.id.in_(also))] if said and also else said


def _belongs(wanted: ClientFilter, key: Any, status: Any) -> list[ColumnElement[bool]]:
    """What a filter asks beside its text, of these two columns."""
    state = status != ClientStatus.CLOSED if wanted.status is None else status == wanted.status
    return [state] if wanted.among is None else [state, key.in_(wanted.among)]


def _turn(wanted: ClientFilter) -> _Turn:
    order = _order(wanted)
    return _place(wanted.cursor, order) or _Turn(order)


def _order(wanted: ClientFilter) -> _Order:
    if wanted.sort in {ClientSort.RANK, ClientSort.RANK_DOWN} and wanted.rank is not None:
        return _Order(wanted.rank(Client.id), wanted.sort is ClientSort.RANK_DOWN)
    return _ORDERS.get(wanted.sort, _ORDERS[ClientSort.NAME])


def _place(cursor: str | None, order: _Order) -> _Turn | None:
    """Where a cursor points. It names a client by its public id; a bent one begins at the start."""
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
    return None if found is None else _Turn(order, cursor[0] == _BACKWARDS, (found[0], found[1]))


def _in_order(client_ids: Sequence[int], turn: _Turn) -> list[Client]:
    query = select(Client).where(Client.id.in_(client_ids))
    order = _Turn(turn.order, turn.backwards)
    return list(session().scalars(order.page(query, turn.order.column, Client.id, len(client_ids))))


def _page(found: list[Client], turn: _Turn, rows: int) -> Page[ClientRow]:
    more = len(found) > rows
    found = found[:rows]
    if not found:
        return Page(())
    begun = turn.start is not None
    if turn.backwards:
        found.reverse()
    ahead, behind = (begun, more) if turn.backwards else (more, begun)
    return Page(
        rows=[_row(client) for client in found],
        older=f"{_ONWARDS}{found[-1].public_id.hex}" if ahead else None,
        newer=f"{_BACKWARDS}{found[0].public_id.hex}" if behind else None,
    )


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
