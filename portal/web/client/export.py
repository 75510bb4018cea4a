"""Everything the portal keeps of this account, as a file to take away."""

from __future__ import annotations

import uuid

from flask import Response, abort, flash, url_for
from flask_babel import get_locale, gettext

from portal import identity, reports
from portal.reports import ReportKind
from portal.web import report_files
from portal.web.client.blueprint import bp
from portal.web.forms.base import PortalForm
from portal.web.guards import managers, while_suspended
from portal.web.htmx import Rendered, go, render
from portal.web.rights import allowed, client_id
from portal.web.session import address, person

PAGE, FILE_PAGE, CARD = (
    "client/export/index.html",
    "client/export/file.html",
    "partials/_job.html",
)


@bp.get("/profile/export")
@managers
def export() -> Rendered:
    """What is in it, and the files that were made."""
    _own_account()
    found = reports.latest(ReportKind.EXPORT, client_id=client_id())
    return render(
        PAGE,
        jobs=[report_files.shown(row, "client", word="export") for row in found],
        shows_money=not allowed().hide_money,
    )


@bp.post("/profile/export")
@managers
@while_suspended
def export_ask() -> Rendered:
    """Ask for it; a job makes it."""
    _own_account()
    form, own_id, me = PortalForm(), client_id(), person()

    def ask() -> bool:
        reports.request_export(
            own_id,
            with_money=not allowed().hide_money,
            language=str(get_locale() or "en"),
            asked_by_id=me.person_id,
        )
        identity.record("data.exported", by=me, client_id=own_id, address=address())
        return True

    form.submit(ask)
    for problem in form.form_errors:
        flash(problem, "bad")
    return go(url_for(".export"))


@bp.get("/profile/export/<uuid:public_id>")
@managers
def export_file(public_id: uuid.UUID) -> Rendered:
    """How far it is: the card for htmx, a small page otherwise."""
    _own_account()
    row = reports.find_file(public_id, only=ReportKind.EXPORT)
    job = report_files.shown(row, "client", word="export")
    return render(FILE_PAGE, CARD, job=job)


@bp.get("/profile/export/<uuid:public_id>/download")
@managers
def export_download(public_id: uuid.UUID) -> Response:
    """The file itself."""
    _own_account()
    return report_files.send(public_id, only=ReportKind.EXPORT)


@bp.post("/profile/export/<uuid:public_id>/delete")
@managers
@while_suspended
def export_delete(public_id: uuid.UUID) -> Rendered:
    """Delete it before its time."""
    _own_account()
    report_files.delete(public_id, only=ReportKind.EXPORT)
    return go(url_for(".export"), say=gettext("The file is deleted."))


def _own_account() -> None:
    """Taking everything away is the client's own affair, whoever looks at the portal."""
    if person().acting:
        abort(404)
