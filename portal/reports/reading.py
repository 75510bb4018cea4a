"""Long readings: chunks, each its own short transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from portal import calls
from portal.calls import CallFilter, CallRow, CallSort, PlainCall
from portal.core import scope as scopes
from portal.core.db import finish_reading
from portal.core.paging import Page
from portal.core.scope import Scope

CHUNK_ROWS = 5_000
_CLIENT = PlainCall._fields.index("client_id")
Row = TypeVar("Row")


def every_page(
    fetch: Callable[[str | None, int], Page[Row]], *, rows: int = CHUNK_ROWS
) -> Iterator[Sequence[Row]]:
    """All rows of a list by its cursors.

    Runs as the scope that is bound when it is called, whoever reads on later: a stream outlives the
    function that made it.
    """
    bound = scopes.current()
    return _pages(fetch, bound if isinstance(bound, Scope) else None, rows)


def chunks(wanted: CallFilter, *, rows: int = CHUNK_ROWS) -> Iterator[list[CallRow]]:
    """Every call of the filter, newest first, up to a fixed last one: what arrives stays out."""
    last_id = calls.last_id()
    wanted = replace(wanted, sort=CallSort.WHEN)
    pages = every_page(lambda after, many: calls.search(wanted, after=after, rows=many), rows=rows)
    return ([row for row in page if row.id <= last_id] for page in pages)


@dataclass(frozen=True, slots=True)
class PlainCalls:
    """Calls as bare tuples (calls.PlainCall), and what their clients are called; "" for nobody's."""

    rows: Sequence[tuple[Any, ...]]
    names: Mapping[int | None, str]


def plain_chunks(wanted: CallFilter, *, rows: int = CHUNK_ROWS) -> Iterator[PlainCalls]:
    """The same calls in the same order as bare values."""
    bound = scopes.current()
    return _plain(wanted, calls.last_id(), bound if isinstance(bound, Scope) else None, rows)


def _plain(
    wanted: CallFilter, last_id: int, scope: Scope | None, many: int
) -> Iterator[PlainCalls]:
    known: dict[int | None, str] = {None: ""}
    beyond: tuple[Any, ...] | None = None
    while True:
        with scopes.bind(scope) if scope else nullcontext():
            rows = calls.plain(wanted, beyond=beyond, up_to_id=last_id, rows=many)
            new = {row[_CLIENT] for row in rows} - known.keys()
            if new:
                known |= dict.fromkeys(new, "") | calls.names_of_clients(new)
            finish_reading()
        if rows:
            yield PlainCalls(rows, known)
        if len(rows) < many:
            return
        beyond = rows[-1]


def _pages(
    fetch: Callable[[str | None, int], Page[Row]], scope: Scope | None, rows: int
) -> Iterator[Sequence[Row]]:
    cursor: str | None = None
    while True:
        with scopes.bind(scope) if scope else nullcontext():
            page = fetch(cursor, rows)
            finish_reading()
        yield page.rows
        cursor = page.older
        if cursor is None:
            return
