"""Bringing the carrier's fees in, and comparing its lists with ours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from jobs.runtime import TryLater, job
from portal import calls, carriers, fax, messaging, numbers, reconciling, upstream
from portal.carriers import Carrier, Direction
from portal.core import clock
from portal.core.db import finish_reading, transaction
from portal.core.failpoints import failpoint
from portal.core.log import get_logger
from portal.reconciling import Part, Step

log = get_logger(__name__)

OVERLAP = timedelta(days=10)
LONGEST_LOOK = timedelta(days=91)
WINDOW = timedelta(days=31)


@job
def import_charges() -> None:
    """Ask for the carrier's fees since the last look, and a while before it; each is kept once."""
    now = clock.now()
    with transaction():
        carrier = upstream.carrier()
        since = calls.look_from("charges", now, overlap=LONGEST_LOOK, longest=LONGEST_LOOK)
        if calls.looked_before("charges"):
            since = calls.look_from("charges", now, overlap=OVERLAP, longest=LONGEST_LOOK)
    while since < now:
        until = min(since + WINDOW, now)
        try:
            rows = carrier.transactions(since, until)
        except carriers.CarrierError as error:
            with transaction():
                upstream.note_error(error)
            raise TryLater(error.code) from error
        with transaction():
            new = reconciling.record_charges(rows)
            calls.look_complete("charges", until, new=new)
        since = until


@job
def reconcile(run_id: int) -> None:
    """Compare a period, one question to the carrier at a time. Killed, it is begun anew."""
    with transaction():
        mine = reconciling.claim(run_id)
        carrier = upstream.carrier()
        steps = reconciling.steps(run_id) if mine else []
    for step in steps:
        try:
            theirs = _ask(carrier, step)
        except carriers.CarrierError as error:
            log.warning("reconciliation_failed", code=error.code)
            with transaction():
                upstream.note_error(error)
                reconciling.fail(run_id, str(error.sentence))
            return
        failpoint("reconciling.asked")
        with transaction():
            found = reconciling.compare(step, theirs)
            if not reconciling.note(run_id, found, compared=len(theirs)):
                return
    if steps:
        with transaction():
            reconciling.done(run_id)


@job
def mend_reconciliation(run_id: int) -> None:
    """Bring in what a comparison found at the carrier alone, or otherwise; twice is once."""
    with transaction():
        carrier = upstream.carrier()
        wanted = reconciling.missing(run_id)
    for step, keys in wanted:
        try:
            theirs = _ask(carrier, step)
        except carriers.CarrierError as error:
            raise TryLater(error.code) from error
        rows = [row for row in theirs if _key(step.part, row) in keys]
        done = _bring_in(step, rows)
        with transaction():
            reconciling.brought_in(run_id, step.part, frozenset(done))
    with transaction():
        reconciling.mended(run_id)


def _ask(carrier: Carrier, step: Step) -> Sequence[Any]:
    finish_reading()
    if step.part is Part.CALLS:
        return carrier.calls(step.since, step.until)
    if step.part is Part.TEXTS:
        since, until = step.since, step.until
        return [*carrier.sms(since, until), *carrier.mms(since, until)]
    if step.part is Part.FAXES:
        return carrier.faxes(step.since, step.until)
    if step.part is Part.FEES:
        return carrier.transactions(step.since, step.until)
    return [*(one.did for one in carrier.dids()), *(one.did for one in carrier.fax_numbers())]


def _key(part: Part, row: Any) -> str:
    if part is Part.TEXTS:
        return f"{row.kind}|{row.direction}|{row.id}"
    if part is Part.FAXES:
        return f"{row.direction}|{row.id}"
    return reconciling.one_number(row) if part is Part.NUMBERS else str(row.key())


def _bring_in(step: Step, rows: Sequence[Any]) -> list[str]:
    """Through the same doors as the importing jobs; the keys of what is here now."""
    if step.part is Part.CALLS:
        for first in range(0, len(rows), calls.BATCH):
            with transaction():
                calls.record(rows[first : first + calls.BATCH])
    elif step.part is Part.FEES:
        with transaction():
            reconciling.record_charges(rows)
    elif step.part is Part.NUMBERS:
        _read_numbers()
    else:
        # One of them, one transaction: two imports never hold wallets that the other one wants.
        rows = [row for row in rows if row.direction is Direction.IN]
        receive: Any = messaging.receive if step.part is Part.TEXTS else fax.receive
        for row in rows:
            with transaction():
                receive(row)
    return [_key(step.part, row) for row in rows]


def _read_numbers() -> None:
    carrier = upstream.carrier()
    finish_reading()
    dids, faxes = carrier.dids(), carrier.fax_numbers()
    with transaction():
        numbers.record_inventory(dids, faxes)
