"""A report as CSV, line by line: numbers stay numbers, and no text becomes a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from portal.core.money import Money
from portal.reports.table import Cell, Column, Kind

# Spreadsheets run what begins with one of these; a tab or return in front does not stop them.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "|", "%")


def csv_lines(
    columns: Sequence[Column],
    chunks: Iterable[Sequence[object]],
    cells: Callable[..., Sequence[Cell]],
    zone: ZoneInfo,
) -> Iterator[str]:
    """The head, then a piece of text for each chunk of rows; moments in ISO 8601 with their offset.

    A byte order mark comes first, or spreadsheets misread letters. Amounts have a point and as many
    places as they need; lengths are whole seconds; margins are percents.
    """
    yield "\ufeff" + _written([[column.key for column in columns]])
    kinds = [column.kind for column in columns]
    for chunk in chunks:
        yield _written(
            [
                [_plain(value, kind, zone) for value, kind in zip(cells(row), kinds, strict=True)]
                for row in chunk
            ]
        )


def _written(rows: Iterable[Sequence[str | int]]) -> str:
    page = io.StringIO()
    csv.writer(page, lineterminator="\r\n").writerows(rows)
    return page.getvalue()


def _plain(value: Cell, kind: Kind, zone: ZoneInfo) -> str | int:
    if value is None:
        return ""
    if isinstance(value, str):
        return safe_text(value)
    if isinstance(value, Money):
        return _amount(value.micros)
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat(timespec="seconds")
    return str(Decimal(value).scaleb(-4).normalize()) if kind is Kind.SHARE else value


def safe_text(text: str) -> str:
    """The text, with an apostrophe in front where a spreadsheet would take it for a formula.

    A phone number in international form keeps its plus: digits alone calculate nothing.
    """
    if not text.startswith(_FORMULA) and not text.lstrip().startswith(_FORMULA):
        return text
    if text[0] == "+" and text[1:].isascii() and text[1:].isdigit():
        return text
    return "'" + text


def _amount(micros: int) -> str:
    sign, micros = ("-", -micros) if micros < 0 else ("", micros)
    whole, part = divmod(micros, 1_000_000)
    return f"{sign}{whole}.{part:06}".rstrip("0").rstrip(".") if part else f"{sign}{whole}"
