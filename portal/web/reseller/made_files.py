"""Files that staff asked for: one list, how far each is, download, stop and delete."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext

from portal import reports
from portal.core.db import transaction
from portal.reports import FOR_STAFF
from portal.web import report_files
from portal.web.htmx import Rendered, go, render
from portal.web.reseller.blueprint import bp
from portal.web.session import person

LIST, ROWS = "reseller/reports/files.html", "reseller/reports/_file_rows.html"
FILE_PAGE, CARD = "reseller/reports/file.html", "partials/_job.html"


@bp.get("/reports/files", endpoint="report_files")
def report_files_page() -> Rendered:
    """Newest first: who asked, what for, how large, until when."""
    kind = next((one.kind for one in FOR_STAFF if one.kind == request.args.get("kind")), "")
    is_mine = request.args.get("who") == "me"
    page = reports.files_page(
        kind=kind,
        asked_by_id=person().person_id if is_mine else None,
        after=request.args.get("after"),
    )

    def here(**changes: str) -> str:
        words = {"kind": str(kind), "who": "me" if is_mine else ""} | changes
        given: dict[str, Any] = {name: word for name, word in words.items() if word}
        return url_for(".report_files", **given)

    kinds = [("", gettext("All reports"))] + [(one.kind.value, one.title()) for one in FOR_STAFF]
    return render(
        LIST,
        ROWS,
        jobs=[report_files.shown(row, "reseller") for row in page.rows],
        kinds=[(text, here(kind=word), word == kind) for word, text in kinds],
        whose=[
            (gettext("Of the team"), here(who=""), not is_mine),
            (gettext("Mine"), here(who="me"), is_mine),
        ],
        is_filtered=bool(kind or is_mine),
        here_url=here(),
        clear_url=url_for(".report_files"),
        older_url=here(after=page.older) if page.older else "",
        newer_url=here() if request.args.get("after") else "",
    )


@bp.get("/reports/files/<uuid:public_id>")
def report_file(public_id: uuid.UUID) -> Rendered:
    """How far a file is: the card for htmx, a small page otherwise."""
    job = report_files.shown(reports.find_file(public_id), "reseller")
    return render(FILE_PAGE, CARD, job=job, back_url=url_for(".report_files"))


@bp.get("/reports/files/<uuid:public_id>/download")
def report_download(public_id: uuid.UUID) -> Response:
    """The file itself."""
    return report_files.send(public_id)


@bp.post("/reports/files/<uuid:public_id>/stop")
def report_stop(public_id: uuid.UUID) -> Rendered:
    """Have it not made after all; the process that makes it ends."""
    with transaction():
        stopped = reports.stop(public_id)
    said = gettext("The file is not made.") if stopped else gettext("The file was ready already.")
    return go(url_for(".report_files"), say=said)


@bp.post("/reports/files/<uuid:public_id>/delete")
def report_delete(public_id: uuid.UUID) -> Rendered:
    """Delete a file before its time."""
    report_files.delete(public_id)
    return go(url_for(".report_files"), say=gettext("The file is deleted."))
