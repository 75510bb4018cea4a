"""Bringing the carrier's calls in: overlapping windows, every call once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from jobs.runtime import TryLater, job
from portal import calls, carriers, upstream
from portal.core import clock
from portal.core.db import transaction
from portal.core.failpoints import failpoint
from portal.core.log import get_logger
from portal.core.sentences import N_

log = get_logger(__name__)

# How far back each look goes. Rows come late: minutes usually, a day sometimes, ten days once.
OVERLAPS = ((timedelta(days=1), timedelta(days=10)), (timedelta(hours=1), timedelta(hours=48)))
SHORT_OVERLAP = timedelta(hours=2)
FIRST_LOOK = timedelta(days=91)
WINDOW = timedelta(days=3)
_UNREADABLE = N_("The carrier lists calls that could not be read: compare its list with yours.")


@job
def import_calls() -> None:
    """Ask for everything since the last look, a little further back each hour and day."""
    now = clock.now()
    with transaction():
        carrier = upstream.carrier()
        since = calls.import_from(now, OVERLAPS, shortest=SHORT_OVERLAP, first=FIRST_LOOK)
    total, unreadable = calls.Recorded(), list[carriers.UnreadableRow]()
    for start, end in _windows(since, now):
        try:
            rows = carrier.calls(start, end, unreadable=unreadable.append)
        except carriers.CarrierError as error:
            with transaction():
                upstream.note_error(error)
            raise TryLater(error.code) from error
        failpoint("calls.fetched")
        for first in range(0, len(rows), calls.BATCH):
            with transaction():
                total += calls.record(rows[first : first + calls.BATCH])
            failpoint("calls.committed")
        with transaction():
            calls.mark_complete(end, new=total.new, run_at=now if end == now else None)
        failpoint("calls.marked")
    with transaction():
        upstream.note_ok()
        if unreadable:
            upstream.note_error(_not_understood(unreadable))
    if total.new or total.corrected:
        log.info("calls_imported", new=total.new, corrected=total.corrected, known=total.known)


def _not_understood(rows: list[carriers.UnreadableRow]) -> carriers.CarrierError:
    """What staff are told, so that a row nobody could read is not lost in a log."""
    for row in rows:
        log.error("carrier_row_unreadable", method=row.method, reason=row.reason)
    return carriers.CarrierError("unreadable_rows", permanent=False, sentence=_UNREADABLE)


@job
def rerate_unrated() -> None:
    """Price again what waits for a rate or an owner, a chunk at a time; the rest keeps waiting."""
    last_id: int | None = 0
    while last_id is not None:
        with transaction():
            last_id = calls.rerate_waiting(after_id=last_id).last_id


def _windows(since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    while since < until:
        end = min(since + WINDOW, until)
        yield since, end
        since = end
