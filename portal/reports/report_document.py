"""Any described report on paper."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext

from portal import identity
from portal.core import clock
from portal.reports.description import Report
from portal.reports.document import Document, paper_of
from portal.reports.spelling import Csv
from portal.reports.table import Cell, Column
from portal.reports.values import Asked, ReportError
from portal.reports.wording import Wording


def document(report: Report, asked: Asked, most_rows: int) -> Document:
    """What was chosen, totals, parts, and every row of the filter; read anew, so it is as of now."""
    chosen = report.choose({key: str(value) for key, value in asked.filters.items()})
    if chosen.needs:
        raise ReportError(chosen.needs, code="not_chosen")
    reseller = identity.own_reseller()
    wording = Wording(asked.language, reseller.currency, chosen.period.zone)
    every, put = report.columns(), report.cells()
    places = [at for at, column in enumerate(every) if column.on_paper]
    columns = [every[at] for at in places]
    summary = report.summary(chosen)
    return Document(
        title=report.title(),
        subject=wording.period(chosen.period.first, chosen.period.last),
        template="report.html",
        words={
            "summary": summary,
            "facts": [
                (gettext("Issued"), wording.when(clock.now())),
                (gettext("Times"), str(chosen.period.zone)),
                (gettext("Currency"), wording.currency),
                *chosen.said,
            ],
            "reseller": reseller,
            "total_texts": _totals(_kept(summary.totals, places), columns, wording),
        },
        wording=wording,
        language=asked.language,
        paper=paper_of(reseller.country),
        landscape=report.landscape,
        columns=columns,
        rows_title=gettext("Rows"),
        count=report.count(chosen, most_rows),
        chunks=lambda: report.chunks(chosen),
        cells=lambda row: _kept(put(row), places),
        keys=[column.key for column in every],
        lines=lambda: report.lines(chosen, Csv(chosen.period.zone)),
    )


def _totals(cells: Sequence[Cell], columns: Sequence[Column], wording: Wording) -> list[str]:
    """The line below the rows; none where nothing is added up."""
    pairs = list(zip(cells, columns, strict=True)) if cells else []
    if not any(column.is_number and cell is not None for cell, column in pairs):
        return []
    return ["" if cell is None else wording.cell(cell, column.kind) for cell, column in pairs]


def _kept(cells: Sequence[Cell], places: Sequence[int]) -> Sequence[Cell]:
    """The cells that a page has room for; a report without totals has none."""
    return [cells[at] for at in places] if cells else []
