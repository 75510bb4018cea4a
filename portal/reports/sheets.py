"""A described report as CSV or XLSX on disk: row by row, in constant memory, however long."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

from flask_babel import force_locale, gettext

from portal import identity
from portal.core import clock, storage
from portal.core import scope as scopes
from portal.core.cells import UTF8_MARK, written
from portal.core.db import finish_reading
from portal.core.scope import Scope
from portal.reports.catalogue import by_kind
from portal.reports.description import Chosen, Report
from portal.reports.spelling import Csv
from portal.reports.values import Asked, Progress, ReportError, Unwanted
from portal.reports.workbook import Sheets, workbook

Chunk = TypeVar("Chunk")


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
        chunks = report.lines(chosen, Csv(chosen.period.zone))
        for lines in _told(report, chosen, chunks, progress):
            file.write(lines)


def xlsx_file(path: Path, report: Report, chosen: Chosen, progress: Progress) -> None:
    """Every row with its totals, and a sheet that says what was chosen."""
    totals = report.summary(chosen).totals
    facts = [
        (gettext("Report"), report.title()),
        (gettext("Period"), f"{chosen.period.first} – {chosen.period.last}"),
        (gettext("Times"), str(chosen.period.zone)),
        (gettext("Currency"), identity.own_reseller().currency),
        (gettext("Issued"), clock.now().astimezone(chosen.period.zone).strftime("%Y-%m-%d %H:%M:%S")),
        *chosen.said,
    ]  # fmt: skip
    chunks = ((len(rows), rows) for rows in report.chunks(chosen))
    with workbook(path) as book:
        sheets = Sheets(book, report, chosen.period.zone)
        sheets.write(_told(report, chosen, chunks, progress), totals, facts)


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


def _told(
    report: Report, chosen: Chosen, chunks: Iterator[tuple[int, Chunk]], progress: Progress
) -> Iterator[Chunk]:
    """What there is so many rows at a time, while somebody hears how far it is and may say stop."""
    everything = report.summary(chosen).count
    finish_reading()
    done = 0
    for many, chunk in chunks:
        if not progress(done, max(everything, done)):
            raise Unwanted
        yield chunk
        done += many
