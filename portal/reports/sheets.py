"""A described report as CSV or XLSX on disk: row by row, in constant memory, however long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter
from flask_babel import force_locale, gettext
from xlsxwriter.worksheet import Worksheet

from portal import identity
from portal.core import clock, storage
from portal.core import scope as scopes
from portal.core.cells import UTF8_MARK, written
from portal.core.db import finish_reading
from portal.core.money import Money
from portal.core.scope import Scope
from portal.reports.catalogue import by_kind
from portal.reports.description import Chosen, Report
from portal.reports.table import Cell, Column, Kind, plain_cell
from portal.reports.values import Asked, Progress, ReportError, Unwanted

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


def write_csv(asked: Asked, progress: Progress) -> Path | None:
    """The CSV that was asked for; its draft, or None when nobody wants it any more."""
    return _write(asked, progress, "csv", csv_file)


def write_xlsx(asked: Asked, progress: Progress) -> Path | None:
    """The same as a workbook."""
    return _write(asked, progress, "xlsx", xlsx_file)


def csv_file(path: Path, report: Report, chosen: Chosen, progress: Progress) -> None:
    """Every row, after a line of stable words."""
    columns, cells, zone = report.columns(), report.cells(), chosen.period.zone
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(UTF8_MARK + written([[column.key for column in columns]]))
        for rows in _told(report, chosen, progress):
            file.write(written(plain_row(cells(row), columns, zone) for row in rows))


def xlsx_file(path: Path, report: Report, chosen: Chosen, progress: Progress) -> None:
    """Every row with its totals, and a sheet that says what was chosen. Texts are never formulas."""
    totals = report.summary(chosen).totals
    facts = [
        (gettext("Report"), report.title()),
        (gettext("Period"), f"{chosen.period.first} – {chosen.period.last}"),
        (gettext("Times"), str(chosen.period.zone)),
        (gettext("Currency"), identity.own_reseller().currency),
        (gettext("Issued"), clock.now().astimezone(chosen.period.zone).strftime("%Y-%m-%d %H:%M:%S")),
        *chosen.said,
    ]  # fmt: skip
    with storage.workplace() as place:
        options = {
            "constant_memory": True, "tmpdir": str(place), "strings_to_formulas": False,
            "strings_to_urls": False, "strings_to_numbers": False, "remove_timezone": True,
        }  # fmt: skip
        with xlsxwriter.Workbook(path, options) as book:
            _Sheets(book, report, chosen.period.zone).write(
                _told(report, chosen, progress), totals, facts
            )


def plain_row(
    cells: Sequence[Cell], columns: Sequence[Column], zone: ZoneInfo
) -> list[str | int | None]:
    """A row for a program."""
    return [
        plain_cell(cell, column.kind, zone) for cell, column in zip(cells, columns, strict=True)
    ]


def _write(asked: Asked, progress: Progress, ending: str, make: Any) -> Path | None:
    path = storage.draft(ending=ending)
    try:
        with _as_asked(asked):
            report = by_kind(asked.report)
            chosen = report.choose({key: str(value) for key, value in asked.filters.items()})
            if chosen.needs:
                raise ReportError(chosen.needs, code="not_chosen")
            make(path, report, chosen, progress)
    except Unwanted:
        path.unlink(missing_ok=True)
        return None
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


@contextmanager
def _as_asked(asked: Asked) -> Iterator[None]:
    """In the language and, for a client's own file, in the scope of that client."""
    narrowed: AbstractContextManager[Any] = nullcontext()
    if asked.client_id is not None:
        narrowed = scopes.bind(Scope(scopes.reseller_id(), asked.client_id))
    with narrowed, force_locale(asked.language):
        yield


def _told(report: Report, chosen: Chosen, progress: Progress) -> Iterator[Sequence[Any]]:
    """The rows, while somebody is told how far it is and may still say stop."""
    everything = report.summary(chosen).count
    finish_reading()
    done = 0
    for rows in report.chunks(chosen):
        if not progress(done, max(everything, done)):
            raise Unwanted
        yield rows
        done += len(rows)


class _Sheets:
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
