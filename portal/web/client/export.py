"""Everything the portal keeps of this account, as a file to take away."""

from __future__ import annotations

import uuid

from flask import Response, flash, url_for
from flask_babel import get_locale, gettext

from portal import identity, reports
from portal.reports import ReportKind
from portal.web import report_files
from portal.web.client.blueprint import bp
from portal.web.forms.base import PortalForm
from portal.web.guards import managers, own_account, while_suspended
from portal.web.htmx import Rendered, go, render
from portal.web.rights import allowed, client_id
from portal.web.session import address, person

_KINDS = (ReportKind.EXPORT,)
PAGE, FILE_PAGE, CARD = (
    "client/export/index.html",
    "client/export/file.html",
    "partials/_job.html",
)


@bp.get("/profile/export")
@own_account
@managers
def export() -> Rendered:
    """What is in it, and the files that were made."""
    found = reports.latest(ReportKind.EXPORT, client_id=client_id())
    return render(
        PAGE,
        jobs=[report_files.shown(row, "client", word="export") for row in found],
        shows_money=not allowed().hide_money,
    )


@bp.post("/profile/export")
@own_account
@managers
@while_suspended
def export_ask() -> Rendered:
    """Ask for it; a job makes it."""
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
@own_account
@managers
def export_file(public_id: uuid.UUID) -> Rendered:
    """How far it is: the card for htmx, a small page otherwise."""
    row = reports.find_file(public_id, only=_KINDS)
    job = report_files.shown(row, "client", word="export")
    return render(FILE_PAGE, CARD, job=job)


@bp.get("/profile/export/<uuid:public_id>/download")
@own_account
@managers
def export_download(public_id: uuid.UUID) -> Response:
    """The file itself."""
    return report_files.send(public_id, only=_KINDS)


@bp.post("/profile/export/<uuid:public_id>/delete")
@own_account
@managers
@while_suspended
def export_delete(public_id: uuid.UUID) -> Rendered:
    """Delete it before its time."""
    report_files.delete(public_id, only=_KINDS)
    return go(url_for(".export"), say=gettext("The file is deleted."))
