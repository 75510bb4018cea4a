"""A client's own statements."""

from __future__ import annotations

import uuid

from flask import Response, url_for
from flask_babel import gettext

from portal import reports
from portal.entitlements import Service
from portal.reports import ReportKind
from portal.web import report_files, statement_pages
from portal.web.client import balance_tabs
from portal.web.client.blueprint import bp
from portal.web.guards import while_suspended
from portal.web.htmx import Rendered, go, render, wants_fragment
from portal.web.rights import client_id, need

_KINDS = (ReportKind.STATEMENT, ReportKind.OWN_CALLS)
PAGE, PANEL = "client/statements/index.html", "client/statements/_panel.html"
FILE_PAGE, CARD = "client/statements/file.html", "partials/_job.html"


@bp.get("/statements")
def statements() -> Rendered:
    """Months to choose from, and the files that were made."""
    need(Service.BALANCE)
    words = statement_pages.words(client_id(), "client", ask_url=url_for(".statement_pdf"))
    return render(PAGE, PANEL, balance_tabs=balance_tabs.tabs("statements"), **words)


@bp.post("/statements")
@while_suspended
def statement_pdf() -> Rendered:
    """Ask for the PDF of one period."""
    need(Service.BALANCE)
    statement_pages.ask(client_id())
    return statements() if wants_fragment() else go(url_for(".statements"))


@bp.get("/reports/files/<uuid:public_id>")
def report_file(public_id: uuid.UUID) -> Rendered:
    """How far a file is: the card for htmx, a small page otherwise."""
    need(Service.BALANCE)
    job = report_files.shown(reports.find_file(public_id, only=_KINDS), "client")
    return render(FILE_PAGE, CARD, job=job, back_url=url_for(".statements"))


@bp.get("/reports/files/<uuid:public_id>/download")
def report_download(public_id: uuid.UUID) -> Response:
    """The file itself."""
    need(Service.BALANCE)
    return report_files.send(public_id, only=_KINDS)


@bp.post("/reports/files/<uuid:public_id>/delete")
@while_suspended
def report_delete(public_id: uuid.UUID) -> Rendered:
    """Delete a file before its time."""
    need(Service.BALANCE)
    report_files.delete(public_id, only=_KINDS)
    return go(url_for(".statements"), say=gettext("The file is deleted."))
