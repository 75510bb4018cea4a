"""Report files as both portals show them: a card that follows the work, and the download."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from flask import Response, current_app, send_file, url_for
from flask_babel import gettext

from portal import reports
from portal.core import clock, storage
from portal.core.db import transaction
from portal.reports import Chosen, FileRow, FileState, Report, ReportKind
from portal.web import filters

_STATES = {
    FileState.ASKED: "queued",
    FileState.MAKING: "running",
    FileState.LEFT: "left",
    FileState.READY: "ready",
    FileState.FAILED: "failed",
    FileState.STOPPED: "stopped",
}
_TYPES = {
    "pdf": "application/pdf",
    "csv": "text/csv",
    "zip": "application/zip",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
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
    cancel_url: str
    note: str
    format: str
    said: str
    asked_by: str
    asked_at: str
    size: str
    until: str


def shown(row: FileRow, portal: str, *, word: str = "report") -> JobShown:
    """A file's card; ``portal`` is the blueprint whose addresses it uses, ``word`` how they begin."""
    note = size = ""
    if row.state is FileState.READY:
        size = gettext("%(size)s kB", size=filters.number(-(-row.size_bytes // 1_000)))
        note = gettext("%(size)s, kept until %(day)s", size=size, day=filters.day(row.expires_at))
    endpoints = current_app.view_functions
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
        cancel_url=url_for(f"{portal}.{word}_stop", public_id=row.public_id)
        if f"{portal}.{word}_stop" in endpoints
        else "",
        note=note,
        format=_ending(row).upper(),
        said=", ".join(f"{label}: {text}" for label, text in row.said),
        asked_by=row.asked_by,
        asked_at=filters.daytime(row.created_at),
        size=size,
        until=filters.day(row.expires_at),
    )


def send(public_id: uuid.UUID, *, only: Collection[ReportKind] = ()) -> Response:
    """The file itself; NotFound when it is not in scope, not ready, or its time is over."""
    row = reports.find_file(public_id, only=only)
    path = storage.path_of(reports.stored_name(public_id))
    response: Response = send_file(
        path,
        mimetype=_TYPES[_ending(row)],
        as_attachment=True,
        download_name=_download_name(row),
        conditional=False,
        max_age=0,
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response


def workbook(report: Report, chosen: Chosen) -> Response:
    """A small report as XLSX, made at once."""
    path = storage.draft(ending="xlsx")
    try:
        reports.xlsx_file(path, report, chosen, _AtOnce())
        file = path.open("rb")
    finally:
        path.unlink(missing_ok=True)
    name = f"{report.word}-{chosen.period.first}-{chosen.period.last}.xlsx"
    response: Response = send_file(
        file, mimetype=_TYPES["xlsx"], as_attachment=True, download_name=name, max_age=0
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response


class _AtOnce:
    """Nobody watches, and nobody stops."""

    def __call__(self, done: int, everything: int) -> bool:
        return True

    def is_wanted(self) -> bool:
        return True


def delete(public_id: uuid.UUID, *, only: Collection[ReportKind] = ()) -> None:
    """Forget a file, then its content."""
    with transaction():
        reports.find_file(public_id, only=only)
        stored_as = reports.delete_file(public_id)
    if stored_as:
        storage.discard(stored_as)


def _ending(row: FileRow) -> str:
    """What is stored; before that, what was asked for."""
    return row.stored_as.rpartition(".")[2] or row.format.value


def _download_name(row: FileRow) -> str:
    ending = _ending(row)
    if row.report is ReportKind.EXPORT:
        return f"my-data-{row.created_at:%Y-%m-%d}.{ending}"
    if row.report is ReportKind.INVOICE_SAMPLE:
        return f"sample-invoice.{ending}"
    word = row.report.value.replace("_", "-")
    return f"{word}-{row.filters.get('since', '')}-{row.filters.get('until', '')}.{ending}"


def _name(row: FileRow) -> str:
    title = (
        reports.by_kind(row.report).title()
        if reports.is_described(row.report)
        else {
            ReportKind.STATEMENT: gettext("Statement"),
            ReportKind.EXPORT: gettext("Your data"),
            ReportKind.INVOICE_SAMPLE: gettext("Sample invoice"),
        }[row.report]
    )
    first, last = row.filters.get("since"), row.filters.get("until")
    if not first or not last:
        return title
    return gettext("%(title)s, %(first)s to %(last)s", title=title, first=first, last=last)
