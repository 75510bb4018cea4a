"""Long readings of calls: chunks, each its own short transaction, up to a fixed last call."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace

from portal import calls
from portal.calls import CallFilter, CallRow, CallSort
from portal.core import scope as scopes
from portal.core.db import finish_reading
from portal.core.scope import Scope

CHUNK_ROWS = 5_000


def chunks(wanted: CallFilter, *, rows: int = CHUNK_ROWS) -> Iterator[list[CallRow]]:
    """Every call of the filter, newest first; calls that arrive meanwhile stay out.

    Runs as the scope that is bound when it is called, whoever reads on later: a stream outlives the
    function that made it.
    """
    bound = scopes.current()
    wanted = replace(wanted, sort=CallSort.WHEN)
    return _chunks(wanted, bound if isinstance(bound, Scope) else None, rows, calls.last_id())


def _chunks(
    wanted: CallFilter, scope: Scope | None, rows: int, last_id: int
) -> Iterator[list[CallRow]]:
    cursor: str | None = None
    while True:
        with scopes.bind(scope) if scope else nullcontext():
            page = calls.search(wanted, after=cursor, rows=rows)
            finish_reading()
        yield [row for row in page.rows if row.id <= last_id]
        cursor = page.older
        if cursor is None:
            return
