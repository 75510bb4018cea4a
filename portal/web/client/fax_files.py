"""The files of faxes: pages as pictures, PDFs, transmission reports, several at once."""

from __future__ import annotations

import shutil
import uuid
import zipfile
from pathlib import Path

from flask import Response, request, send_file, url_for
from flask_babel import gettext

from portal import documents, fax
from portal.core import storage
from portal.core.db import finish_reading
from portal.core.errors import NotFound
from portal.fax import FaxRow
from portal.web.client.blueprint import bp
from portal.web.client.faxes import chosen_faxes
from portal.web.guards import while_suspended
from portal.web.htmx import go
from portal.web.rights import client_id, need_documents

MOST_BYTES = 200_000_000
_PICTURES = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}


@bp.get("/faxes/pages/<uuid:public_id>")
def fax_page(public_id: uuid.UUID) -> Response:
    """A page as it is read on a screen."""
    return _picture(public_id)


@bp.get("/faxes/pages/<uuid:public_id>/small")
def fax_thumb(public_id: uuid.UUID) -> Response:
    """The same, small."""
    return _picture(public_id, small=True)


@bp.get("/faxes/<uuid:public_id>.pdf")
def fax_pdf(public_id: uuid.UUID) -> Response:
    """The whole fax."""
    need_documents()
    row = fax.one(client_id(), public_id)
    return _pdf(fax.pdf_file(client_id(), public_id), _name(row))


@bp.get("/faxes/<uuid:public_id>/report.pdf")
def fax_report(public_id: uuid.UUID) -> Response:
    """Its transmission report."""
    need_documents()
    row = fax.one(client_id(), public_id)
    return _pdf(fax.report_file(client_id(), public_id), f"report-{_name(row)}")


@bp.post("/faxes/selected/download")
@while_suspended
def faxes_download() -> Response:
    """All that are selected: as PDFs in a ZIP, or as one PDF."""
    need_documents()
    rows = [row for row in fax.some(client_id(), chosen_faxes()) if row.has_pdf]
    paths = [
        (_name(row), storage.path_of(fax.pdf_file(client_id(), row.public_id)))
        for row in sorted(rows, key=lambda row: row.at)
    ]
    folder = request.form.get("folder", "")[:36]
    finish_reading()
    if not paths:
        return go(url_for(".faxes", folder=folder), say=gettext("None of these has a document."))
    if sum(path.stat().st_size for _, path in paths) > MOST_BYTES:
        return go(
            url_for(".faxes", folder=folder),
            say=gettext("These are too many for one download. Select fewer."),
        )
    if request.form.get("as") == "zip":
        return _sent(_zipped(paths), "application/zip", "faxes.zip")
    return _sent(documents.joined_pdf([path for _, path in paths]), "application/pdf", "faxes.pdf")


def _picture(public_id: uuid.UUID, *, small: bool = False) -> Response:
    need_documents()
    path = storage.path_of(fax.page_file(client_id(), public_id, small=small))
    finish_reading()
    kind = _PICTURES.get(path.suffix[1:])
    if kind is None:
        raise NotFound("There is no such page.")
    response: Response = send_file(path, mimetype=kind, conditional=False, max_age=0)
    response.headers["Content-Disposition"] = "inline"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _pdf(stored_as: str, name: str) -> Response:
    path = storage.path_of(stored_as)
    finish_reading()
    return _download(path, "application/pdf", f"{name}.pdf")


def _download(path: Path, kind: str, name: str) -> Response:
    response: Response = send_file(
        path, mimetype=kind, as_attachment=True, download_name=name, conditional=False, max_age=0
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _sent(path: Path, kind: str, name: str) -> Response:
    """A file made for this answer alone: open for as long as it is sent, gone from the folder."""
    try:
        return _download(path, kind, name)
    finally:
        path.unlink(missing_ok=True)


def _zipped(paths: list[tuple[str, Path]]) -> Path:
    target = storage.draft(ending="zip")
    names: set[str] = set()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as packed:
        for name, path in paths:
            own, n = name, 1
            while own in names:
                n += 1
                own = f"{name}-{n}"
            names.add(own)
            with path.open("rb") as source, packed.open(f"{own}.pdf", "w") as entry:
                shutil.copyfileobj(source, entry)
    return target


def _name(row: FaxRow) -> str:
    """fax-2026-11-20-1322-6135550147"""
    digits = "".join(character for character in row.contact if character.isdigit())
    return f"fax-{row.at:%Y-%m-%d-%H%M}-{digits or row.public_id.hex[:8]}"
