"""Reports: what there are, and each described one as a page, as CSV, and as files made in the background."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, abort, current_app, request, url_for
from flask_babel import get_locale, gettext, lazy_gettext

from portal import reports
from portal.core.db import transaction
from portal.core.errors import InvalidInput
from portal.reports import FOR_STAFF, Chosen, FileFormat
from portal.web import report_files
from portal.web.download import csv_lines
from portal.web.htmx import Rendered, go, render, wants_fragment
from portal.web.reseller import report_pages
from portal.web.reseller.blueprint import bp
from portal.web.reseller.report_pages import RESULTS, ROWS, TOTALS, Frame
from portal.web.session import person

INDEX, PAGE = "reseller/reports/index.html", "reseller/reports/report.html"
FILES = "reseller/reports/_files.html"
FORMATS = (FileFormat.XLSX, FileFormat.PDF)
LISTED = 5


@dataclass(frozen=True, slots=True)
class Shown:
    """One line of the index."""

    title: str
    sentence: str
    url: str
    symbol: str


# Reports with pages of their own: endpoint, title, sentence, icon.
_OTHERS = (
    (
        "reseller.reconciliation",
        lazy_gettext("Reconciliation"),
        lazy_gettext("Where the carrier's records and ours differ."),
        "scale",
    ),
)


@bp.get("/reports", endpoint="reports")
def reports_page() -> Rendered:
    """Every report with a sentence."""
    described = [
        Shown(one.title(), one.sentence(), url_for(".report", report=one.word), one.symbol)
        for one in FOR_STAFF
    ]
    others = [
        Shown(str(title), str(sentence), url_for(endpoint), symbol)
        for endpoint, title, sentence, symbol in _OTHERS
        if endpoint in current_app.view_functions
    ]
    return render(INDEX, entries=[*described, *others])


@bp.get("/reports/<report>", endpoint="report")
def report_page(report: str) -> Rendered:
    """The report: everything for a new filter, only the rows for another page of them."""
    frame = report_pages.frame_of(reports.by_word(report))
    saved = reports.filters_of(person().person_id, frame.report.kind)
    if not request.args and not wants_fragment():
        opens = next((one for one in saved if one.is_default), None)
        if opens is not None:
            return go(frame.index(**opens.words))
    return draw(
        frame,
        PAGE,
        saved=[(one.name, frame.index(**one.words), one.shared) for one in saved],
        save_url=url_for(".report_filter_save", report=frame.report.word),
        filters_url=url_for(".report_filters"),
    )


@bp.get("/reports/<report>/totals")
def report_totals(report: str) -> Rendered:
    """The totals alone, asked for again when something came in."""
    frame = report_pages.frame_of(reports.by_word(report))
    chosen = frame.choose(request.args)
    if chosen.needs:
        abort(400, chosen.needs)
    return render(TOTALS, TOTALS, chosen=chosen, **report_pages.totals(frame, chosen))


@bp.get("/reports/<report>.csv")
def report_csv(report: str) -> Response:
    """Every row of the filter, streamed; what arrives meanwhile stays out."""
    frame = report_pages.frame_of(reports.by_word(report))
    chosen = frame.choose(request.args)
    if chosen.needs:
        abort(400, chosen.needs)
    name = f"{frame.report.word}-{chosen.period.first}-{chosen.period.last}.csv"
    keys = [column.key for column in frame.report.columns()]
    return csv_lines(name, keys, frame.report.lines(chosen, reports.Csv(chosen.period.zone)))


@bp.post("/reports/<report>/files")
def report_make(report: str) -> Rendered:
    """Ask for a file of the filter; the list of files shows how far it is."""
    frame = report_pages.frame_of(reports.by_word(report))
    chosen = frame.choose(request.form)
    wanted = next((one for one in FORMATS if one == request.form.get("format")), None)
    if wanted is None or chosen.needs:
        raise InvalidInput(chosen.needs or "Choose PDF or XLSX.", field="format")
    with transaction():
        reports.request_file(
            frame.report.kind,
            chosen.filters,
            file_format=wanted,
            said=chosen.said,
            language=str(get_locale() or "en"),
            asked_by_id=person().person_id,
        )
    if wants_fragment():
        return render(FILES, FILES, needs="", **files(frame, chosen))
    return go(frame.url(chosen, _anchor="files"), say=gettext("The file is being made."))


def draw(frame: Frame, page: str, **more: Any) -> Rendered:
    """A page that frames a report: whole, its results, or its rows."""
    chosen = frame.choose(request.args)
    turning = request.args.get("after") or request.args.get("before")
    if wants_fragment() and turning and not chosen.needs:
        return render(ROWS, ROWS, chosen=chosen, **report_pages.rows(frame, chosen, request.args))
    whole = {} if wants_fragment() else report_pages.around(frame, chosen) | more
    return render(
        page,
        RESULTS,
        push_url=frame.url(chosen),
        **files(frame, chosen),
        **report_pages.results(frame, chosen, request.args),
        **whole,
    )


def files(frame: Frame, chosen: Chosen) -> dict[str, Any]:
    """The newest files of the report, and what asking for another needs."""
    return {
        "make_url": url_for("reseller.report_make", report=frame.report.word),
        "make_fields": chosen.address,
        "formats": [("xlsx", gettext("XLSX")), ("pdf", gettext("PDF"))],
        "most_rows": reports.MOST_ROWS,
        "jobs": [
            report_files.shown(row, "reseller")
            for row in reports.latest(frame.report.kind, rows=LISTED)
        ],
        "all_files_url": url_for("reseller.report_files"),
        "schedule_url": frame.other(chosen, "reseller.report_schedule_new"),
    }
