"""CSV as a stream: a few thousand rows at a time, and no cell that a spreadsheet would run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import TypeVar

from flask import Response, stream_with_context

from portal.core import scope as scopes
from portal.core.cells import UTF8_MARK, Cell, written
from portal.core.db import finish_reading
from portal.core.scope import Everything, Scope, bind

Row = TypeVar("Row")


def csv_stream(
    name: str,
    head: Sequence[str],
    chunk: Callable[[Row | None], Sequence[Row]],
    cells: Callable[[Row], Sequence[Cell]],
) -> Response:
    """A download of everything that ``chunk`` gives: it is asked with the last row until it is empty.

    Each chunk is a read of its own in the scope of this request; while the network takes its time
    nothing of the database is held (rulings 19).
    """
    scope = scopes.current()
    assert not isinstance(scope, Everything)
    return _sent(name, _lines(head, _rows(chunk, scope), cells))


def csv_lines(name: str, head: Sequence[str], lines: Iterator[tuple[int, str]]) -> Response:
    """The same of lines that are written already, as a report makes them: readings of their own, too."""
    return _sent(name, chain([UTF8_MARK + written([head])], (text for _, text in lines)))


def _sent(name: str, lines: Iterator[str]) -> Response:
    response = Response(stream_with_context(lines), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Vary"] = "Cookie"
    return response


def _rows(chunk: Callable[[Row | None], Sequence[Row]], scope: Scope) -> Iterator[Sequence[Row]]:
    last: Row | None = None
    while True:
        with bind(scope):
            found = chunk(last)
            finish_reading()
        if not found:
            return
        last = found[-1]
        yield found


def _lines(
    head: Sequence[str],
    chunks: Iterable[Sequence[Row]],
    cells: Callable[[Row], Sequence[Cell]],
) -> Iterator[str]:
    yield UTF8_MARK + written([head])
    for rows in chunks:
        yield written(cells(row) for row in rows)
