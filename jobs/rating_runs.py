"""Past calls priced once more, a portion of clients at a time."""

from __future__ import annotations

from time import monotonic

from jobs.runtime import job
from portal import calls
from portal.core.db import transaction
from portal.core.failpoints import failpoint

TELL_EVERY_SECONDS = 1


@job
def price_on_paper(run_id: int) -> None:
    """Find out what a draft would have earned. Killed half way it begins anew: nothing was kept."""
    opened = calls.open_run(run_id)
    if opened is None:
        return
    size = calls.size(opened.wanted)
    with transaction():
        calls.note_total(run_id, size.calls)
    lines: list[calls.Line] = []
    told = monotonic()
    for done in calls.on_paper(opened.wanted, opened.book, lines, has_minutes=size.has_minutes):
        if monotonic() > told + TELL_EVERY_SECONDS:
            with transaction():
                calls.note_progress(run_id, done)
            told = monotonic()
    with transaction():
        calls.keep_lines(run_id, lines)
        calls.finish_run(run_id)


@job
def price_again(run_id: int) -> None:
    """Post what calls cost more or less. Each portion is whole; the next try goes on after it."""
    opened = calls.open_run(run_id)
    if opened is None:
        return
    work = calls.portions(opened.wanted, after=opened.done_client_id)
    with transaction():
        calls.note_total(run_id, sum(one.calls for one in work))
    before = opened.done_client_id
    for portion in work:
        with transaction():
            lines = calls.for_real(opened.wanted, portion, book=opened.book, zone=opened.zone)
            calls.add_lines(run_id, lines, before=before, last=portion.last)
        failpoint("rerating.committed")
        before = portion.last
    with transaction():
        calls.finish_run(run_id)
