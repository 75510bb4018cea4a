"""Report files as both portals show them: a card that follows the work, and the download."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from flask import Response, send_file, url_for
from flask_babel import gettext

from portal import reports
from portal.core import clock, storage
from portal.core.db import transaction
from portal.reports import FileRow, FileState, ReportKind
from portal.web import filters

_STATES = {
    FileState.ASKED: "queued",
    FileState.MAKING: "running",
    FileState.READY: "ready",
    FileState.FAILED: "failed",
}


@dataclass(frozen=True, slots=True)
class JobShown:
    """One card; ``percent`` none means that nobody knows yet."""

    public_id: uuid.UUID
    name: str
    state: str
    percent: int | None
    elapsed: str
    reason: str
    url: str
    download_url: str
    delete_url: str
    note: str


def shown(row: FileRow, portal: str, *, word: str = "report") -> JobShown:
    """A file's card; ``portal`` is the blueprint whose addresses it uses, ``word`` how they begin."""
    note = ""
    if row.state is FileState.READY:
        note = gettext(
            "%(size)s kB, kept until %(day)s",
            size=filters.number(-(-row.size_bytes // 1_000)),
            day=filters.day(row.expires_at),
        )
    return JobShown(
        public_id=row.public_id,
        name=_name(row),
        state=_STATES[row.state],
        percent=row.percent,
        elapsed=filters.duration(int((clock.now() - row.created_at).total_seconds())),
        reason=gettext(row.problem) if row.problem else "",
        url=url_for(f"{portal}.{word}_file", public_id=row.public_id),
        download_url=url_for(f"{portal}.{word}_download", public_id=row.public_id),
        delete_url=url_for(f"{portal}.{word}_delete", public_id=row.public_id),
        note=note,
    )


def send(public_id: uuid.UUID, *, only: ReportKind | None = None) -> Response:
    """The file itself; NotFound when it is not in scope, not ready, or its time is over."""
    row = reports.find_file(public_id, only=only)
    path = storage.path_of(reports.stored_name(public_id))
    response: Response = send_file(
        path,
        mimetype="application/zip" if row.report is ReportKind.EXPORT else "application/pdf",
        as_attachment=True,
        download_name=_download_name(row),
        conditional=False,
        max_age=0,
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response


def delete(public_id: uuid.UUID, *, only: ReportKind | None = None) -> None:
    """Forget a file, then its content."""
    with transaction():
        reports.find_file(public_id, only=only)
        stored_as = reports.delete_file(public_id)
    if stored_as:
        storage.discard(stored_as)


def _download_name(row: FileRow) -> str:
    if row.report is ReportKind.EXPORT:
        return f"my-data-{row.created_at:%Y-%m-%d}.zip"
    word = "statement" if row.report is ReportKind.STATEMENT else "calls"
    return f"{word}-{row.filters.get('since', '')}-{row.filters.get('until', '')}.pdf"


def _name(row: FileRow) -> str:
    names: dict[ReportKind, str] = {
        ReportKind.STATEMENT: gettext("Statement"),
        ReportKind.EXPORT: gettext("Your data"),
        ReportKind.GLOBAL_CDR: gettext("Calls of all clients"),
    }
    title = names[row.report]
    first, last = row.filters.get("since"), row.filters.get("until")
    if not first or not last:
        return title
    return gettext("%(title)s, %(first)s to %(last)s", title=title, first=first, last=last)
