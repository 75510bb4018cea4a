"""A report's rows as a workbook, line by line: nothing of them is kept in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from portal.core import storage
from portal.core.money import Money
from portal.reports.description import Report
from portal.reports.table import Cell, Kind

# A sheet holds 1,048,576 lines; the rest goes on in another.
SHEET_ROWS = 1_000_000
_LONGEST_TEXT = 32_000
_MONEY, _RATE, _SHARE = "#,##0.0000##", "0.000000##", "0.0%"
_WHEN, _DAY, _LENGTH = "yyyy-mm-dd hh:mm:ss", "yyyy-mm-dd", "[h]:mm:ss"
_FORMATS = {
    Kind.WHEN: _WHEN, Kind.DAY: _DAY, Kind.MONTH: "yyyy-mm", Kind.SECONDS: _LENGTH, Kind.MINUTES: _LENGTH,
    Kind.PRICE: _MONEY, Kind.MONEY: _MONEY, Kind.RATE: _RATE, Kind.SHARE: _SHARE, Kind.COUNT: "#,##0",
}  # fmt: skip
_SECONDS_A_DAY = 86_400


@contextmanager
def workbook(path: Path) -> Iterator[xlsxwriter.Workbook]:
    """A workbook whose texts are texts, whatever they look like; whole once the block has ended."""
    with storage.workplace() as place:
        options = {
            "constant_memory": True, "tmpdir": str(place), "strings_to_formulas": False,
            "strings_to_urls": False, "strings_to_numbers": False, "remove_timezone": True,
        }  # fmt: skip
        with xlsxwriter.Workbook(path, options) as book:
            yield book


class Sheets:
    """Writes one workbook from its first line to its last."""

    def __init__(self, book: xlsxwriter.Workbook, report: Report, zone: ZoneInfo) -> None:
        self._book, self._report, self._zone = book, report, zone
        self._columns = report.columns()
        self._bold = book.add_format({"bold": True})
        self._looks = [
            book.add_format({"num_format": _FORMATS[column.kind]})
            if column.kind in _FORMATS
            else None
            for column in self._columns
        ]
        self._sheet: Worksheet | None = None
        self._line = 0
        self._sheets = 0

    def write(
        self,
        chunks: Iterator[Sequence[Any]],
        totals: Sequence[Cell],
        facts: Sequence[tuple[str, str]],
    ) -> None:
        cells = self._report.cells()
        self._begin()
        for row in chain.from_iterable(chunks):
            if self._line > SHEET_ROWS:
                self._begin()
            self._put(cells(row))
        self._line += 1
        self._put(totals)
        about = self._book.add_worksheet("About")
        about.set_column(0, 1, 28)
        for line, (label, text) in enumerate(facts):
            about.write_string(line, 0, label, self._bold)
            about.write_string(line, 1, text[:_LONGEST_TEXT])

    def _begin(self) -> None:
        self._sheets += 1
        sheet = self._book.add_worksheet("Rows" if self._sheets == 1 else f"Rows {self._sheets}")
        sheet.freeze_panes(1, 0)
        for at, column in enumerate(self._columns):
            sheet.set_column(at, at, max(column.width * 1.4, 10))
            sheet.write_string(0, at, column.title, self._bold)
        self._sheet, self._line = sheet, 1

    def _put(self, cells: Sequence[Cell]) -> None:
        assert self._sheet is not None
        for at, value in enumerate(cells):
            if value is not None and value != "":
                self._cell(at, value, self._columns[at].kind, self._looks[at])
        self._line += 1

    def _cell(self, at: int, value: Cell, kind: Kind, look: Any) -> None:
        sheet, line = self._sheet, self._line
        assert sheet is not None
        if isinstance(value, str):
            sheet.write_string(line, at, value[:_LONGEST_TEXT])
        elif isinstance(value, Money):
            sheet.write_number(line, at, float(value.decimal), look)
        elif isinstance(value, datetime):
            sheet.write_datetime(line, at, value.astimezone(self._zone), look)
        elif isinstance(value, date):
            sheet.write_datetime(line, at, datetime(value.year, value.month, value.day), look)  # noqa: DTZ001
        elif value is not None:
            sheet.write_number(line, at, _number(value, kind), look)


def _number(value: int, kind: Kind) -> float:
    if kind in {Kind.SECONDS, Kind.MINUTES}:
        return value / _SECONDS_A_DAY
    if kind is Kind.RATE:
        return float(Decimal(value).scaleb(-8))
    return value / 1_000_000 if kind is Kind.SHARE else value
