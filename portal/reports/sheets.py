"""A described report as CSV or XLSX on disk: row by row, in constant memory, however long."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import chain, count
from pathlib import Path
from typing import IO, Any

from flask_babel import force_locale, gettext

from portal import identity
from portal.core import clock, storage
from portal.core import scope as scopes
from portal.core.cells import UTF8_MARK, written
from portal.core.db import finish_reading
from portal.core.scope import Scope
from portal.reports.catalogue import by_kind
from portal.reports.description import Chosen, Report
from portal.reports.spelling import BOLD, Csv, SheetXml, Spelling, text_cell
from portal.reports.values import Asked, Progress, ReportError, Unwanted
from portal.reports.workbook import Workbook

# A sheet holds 1,048,576 lines, and an archive's simple parts two gigabytes; the rest goes on in another.
SHEET_ROWS = 1_000_000
_LARGEST_SHEET = 1_500_000_000


def write_csv(asked: Asked, progress: Progress) -> Path | None:
    """The CSV that was asked for; its draft, or None when nobody wants it any more."""
    return _write(asked, progress, "csv", csv_file)


def write_xlsx(asked: Asked, progress: Progress) -> Path | None:
    """The same as a workbook."""
    return _write(asked, progress, "xlsx", xlsx_file)


def csv_file(path: Path, report: Report, chosen: Chosen, progress: Progress) -> None:
    """Every row, after a line of stable words."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(UTF8_MARK + written([[column.key for column in report.columns()]]))
        for lines in _told(report, chosen, Csv(chosen.period.zone), progress):
            file.write(lines)


def xlsx_file(path: Path, report: Report, chosen: Chosen, progress: Progress) -> None:
    """Every row with its totals, and a sheet that says what was chosen. Texts are never formulas."""
    columns, spelling = report.columns(), SheetXml(chosen.period.zone)
    totals = spelling.line(report.summary(chosen).totals, columns)
    facts = [
        (gettext("Report"), report.title()),
        (gettext("Period"), f"{chosen.period.first} – {chosen.period.last}"),
        (gettext("Times"), str(chosen.period.zone)),
        (gettext("Currency"), identity.own_reseller().currency),
        (gettext("Issued"), clock.now().astimezone(chosen.period.zone).strftime("%Y-%m-%d %H:%M:%S")),
        *chosen.said,
    ]  # fmt: skip
    widths = [max(column.width * 1.4, 10) for column in columns]
    titles = [column.title for column in columns]
    chunks = chain(_told(report, chosen, spelling, progress), [totals])
    with Workbook(path) as book:
        for at in count(1):
            with book.sheet("Rows" if at == 1 else f"Rows {at}", widths, titles) as sheet:
                if not _filled(sheet, chunks):
                    break
        with book.sheet("About", [28, 28]) as sheet:
            for label, text in facts:
                sheet.write(f"<row>{text_cell(label, BOLD)}{text_cell(text)}</row>".encode())


def _filled(sheet: IO[bytes], chunks: Iterator[str]) -> bool:
    """Put lines into a sheet; True when it is full and more may come."""
    rows = size = 0
    for lines in chunks:
        content = lines.encode()
        sheet.write(content)
        rows += lines.count(SheetXml.begin)
        size += len(content)
        if rows >= SHEET_ROWS or size >= _LARGEST_SHEET:
            return True
    return False


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


def _told(report: Report, chosen: Chosen, spelling: Spelling, progress: Progress) -> Iterator[str]:
    """The lines, while somebody is told how far it is and may still say stop."""
    everything = report.summary(chosen).count
    finish_reading()
    done = 0
    for many, lines in report.lines(chosen, spelling):
        if not progress(done, max(everything, done)):
            raise Unwanted
        yield lines
        done += many
