"""What a PDF is made from: a first part, and the rows it lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.reports.table import Cell, Column
from portal.reports.wording import Wording


@dataclass(frozen=True, slots=True)
class Document:
    """``template`` draws the first part from ``words``; the rows of ``chunks`` follow as a table.

    ``cells`` makes one row, in the columns' order. ``count`` is how many there are, counted no
    further than one beyond what a PDF can hold; ``rows_title`` stands above them. ``lines`` are the
    rows as CSV, under ``keys``.
    """

    title: str
    subject: str
    template: str
    words: Mapping[str, Any]
    wording: Wording
    language: str
    paper: str  # "Letter" or "A4"
    landscape: bool
    columns: Sequence[Column]
    rows_title: str
    count: int
    chunks: Callable[[], Iterator[Sequence[Any]]]
    cells: Callable[[Any], Sequence[Cell]]
    keys: Sequence[str]
    lines: Callable[[], Iterator[tuple[int, str]]]


# Countries whose offices print on Letter; the rest of the world uses A4.
_LETTER = frozenset({"US", "CA", "MX", "PH", "CL", "CO", "CR", "GT", "PA", "DO", "VE", "PR"})


def paper_of(country: str) -> str:
    """The paper of this country's printers."""
    return "Letter" if country.upper() in _LETTER else "A4"
