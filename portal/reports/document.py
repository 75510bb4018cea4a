"""What a PDF is made from: a first part, and the calls it lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.calls import CallFilter, CallRow
from portal.reports.table import Cell, Column
from portal.reports.wording import Wording


@dataclass(frozen=True, slots=True)
class Document:
    """``template`` draws the first part from ``words``; the calls of ``wanted`` follow as a table.

    ``cells`` makes one row, in the columns' order. ``calls`` is how many there are, counted no
    further than one beyond what a PDF can hold.
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
    wanted: CallFilter
    calls: int
    cells: Callable[[CallRow], Sequence[Cell]]


# Countries whose offices print on Letter; the rest of the world uses A4.
_LETTER = frozenset({"US", "CA", "MX", "PH", "CL", "CO", "CR", "GT", "PA", "DO", "VE", "PR"})


def paper_of(country: str) -> str:
    """The paper of this country's printers."""
    return "Letter" if country.upper() in _LETTER else "A4"
