"""Making report files: claim, write what was asked for, settle."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import monotonic

from jobs.runtime import is_mine_still, job
from portal import reports
from portal.core import clock, storage
from portal.core.db import finish_reading, transaction
from portal.core.errors import DomainError
from portal.core.failpoints import failpoint
from portal.core.log import get_logger
from portal.core.scope import Scope, bind
from portal.reports import Asked, FileFormat, Progress, ReportKind

log = get_logger(__name__)

# How often the rows done are written, and that the run lives: well within the task's silent seconds.
TELL_SECONDS, LIVE_SECONDS = 0.5, 10.0

# Before the worker forks, so that documents start from a process that knows how to lay out pages.
reports.preload()

_BY_FORMAT = {
    FileFormat.PDF: reports.write_pdf,
    FileFormat.XLSX: reports.write_xlsx,
    FileFormat.CSV: reports.write_csv,
}


class _Progress:
    """Writes how far a file is and that its run lives, and asks whether anybody still wants it.

    However often it is asked: each time that it writes costs a commit.
    """

    def __init__(self, file_id: int) -> None:
        self._file_id = file_id
        self._next = {TELL_SECONDS: 0.0, LIVE_SECONDS: 0.0}

    def __call__(self, done: int, everything: int) -> bool:
        failpoint("report.progress")
        if done < everything and not self._is_time(TELL_SECONDS):
            return True
        with transaction():
            return is_mine_still() and reports.note_progress(self._file_id, done, everything)

    def is_wanted(self) -> bool:
        if self._is_time(LIVE_SECONDS):
            with transaction():
                return is_mine_still() and reports.note_life(self._file_id)
        wanted = reports.is_wanted(self._file_id)
        finish_reading()
        return wanted

    def _is_time(self, pause: float) -> bool:
        now = monotonic()
        if now < self._next[pause]:
            return False
        self._next[pause] = now + pause
        return True


@job
def render_report(file_id: int) -> None:
    """Make one file. Running it twice is safe: a file that is over is left alone.

    Killed half way it is missed after its silent seconds and begun anew; what it had drafted is swept away.
    """
    with transaction():
        asked = reports.claim(file_id)
    if asked is None:
        return
    failpoint("report.claimed")

    try:
        path = _writer(asked)(asked, _Progress(file_id))
    except DomainError as error:  # nothing that trying again would mend
        log.warning("report_failed", report=asked.report, code=error.code, error=error.message)
        with transaction():
            reports.fail(file_id, error.message)
        return
    if path is None:
        return  # nobody wants it any more
    size = path.stat().st_size
    stored_as = storage.keep(path, ending=path.suffix.removeprefix("."))
    failpoint("report.stored")
    with transaction():
        mine = reports.settle(file_id, stored_as, size_bytes=size)
        if mine:
            reports.deliver(file_id)
    if not mine:
        storage.discard(stored_as)


@job
def send_reports() -> None:
    """Accept the files of schedules whose time has come, each in a transaction of its own."""
    for reseller_id, schedule_id in reports.due_schedules(clock.now()):
        with bind(Scope(reseller_id)), transaction():
            reports.begin_round(schedule_id)
            failpoint("report.round")


def _writer(asked: Asked) -> Callable[[Asked, Progress], Path | None]:
    if asked.report is ReportKind.EXPORT:
        return reports.write_export
    if asked.report is ReportKind.INVOICE_SAMPLE:
        return reports.write_invoice_sample
    return _BY_FORMAT[asked.format]
