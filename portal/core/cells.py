"""Cells of a CSV file, so that no spreadsheet runs what a stranger wrote."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

Cell = str | int | None

# The mark tells spreadsheets that the text is UTF-8.
UTF8_MARK = "\ufeff"

# The last four are the wide signs of East Asian keyboards, which spreadsheets take for the others.
_RUNS = re.compile(r"[=+\-@\t\r\n|%\uff1d\uff0b\uff0d\uff20]")
_QUOTED = re.compile(r'[",\r\n]')
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


def guarded(cell: Cell) -> str:
    """A cell as text; one that a spreadsheet would take for a formula gets an apostrophe in front."""
    text = "" if cell is None else str(cell)
    if _RUNS.match(text) and not _NUMBER.fullmatch(text):
        return "'" + text
    return text


def spelled(cell: Cell) -> str:
    """One cell as it stands between two commas."""
    text = guarded(cell)
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


def written(rows: Iterable[Sequence[Cell]]) -> str:
    """Lines of a CSV file."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(
        [guarded(cell) for cell in row] for row in rows
    )
    return out.getvalue()
