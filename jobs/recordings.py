"""Recordings of calls: asked for by account, kept once, charged when their call is known."""

from __future__ import annotations

from datetime import timedelta

from jobs.runtime import TryLater, job
from portal import calls, carriers, upstream
from portal.core import clock
from portal.core.db import transaction
from portal.core.failpoints import failpoint

_KIND = "recordings"
OVERLAP = timedelta(days=3)
LONGEST_LOOK = timedelta(days=31)


@job
def import_recordings() -> None:
    """Ask for the recordings of each account with calls since the last look; charge what is known."""
    now = clock.now()
    with transaction():
        carrier = upstream.carrier()
        since = calls.look_from(_KIND, now, overlap=OVERLAP, longest=LONGEST_LOOK)
        accounts = calls.accounts_to_ask(since, now)
    new = 0
    for account in accounts:
        try:
            listed = carrier.call_recordings(account, since, now)
        except carriers.CarrierError as error:
            if error.code == "invalid_account":  # it was removed since
                continue
            with transaction():
                upstream.note_error(error)
            raise TryLater(error.code) from error
        with transaction():
            new += calls.keep_recordings(listed)
        failpoint("recordings.kept")
    with transaction():
        calls.look_complete(_KIND, now, new=new)
    last_id: int | None = 0
    while last_id is not None:
        with transaction():
            last_id = calls.charge_recordings(now, after_id=last_id)
