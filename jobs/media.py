"""Fetching the files that came with a message."""

from __future__ import annotations

from pathlib import Path

from jobs.runtime import job
from portal import carriers, messaging, upstream
from portal.core import storage
from portal.core.db import transaction
from portal.core.failpoints import failpoint
from portal.documents import Unreadable

_NOT_LET_IN = {"media_forbidden": "forbidden", "media_too_large": "too_large"}


@job
def fetch_media(file_id: int, attempt: int) -> None:
    """Fetch one file, look at it behind the fence, keep it. Running it twice keeps it once."""
    with transaction():
        address = messaging.file_to_fetch(file_id)
        carrier = upstream.carrier() if address else None
    if address is None or carrier is None:
        return
    try:  # no transaction is open while we wait for the network
        content = carrier.media(address)
    except carriers.CarrierError as error:
        with transaction():
            if error.code == "media_gone":
                messaging.file_lost(file_id)
            elif error.code in _NOT_LET_IN:
                messaging.file_not_let_in(file_id, code=_NOT_LET_IN[error.code])
            else:
                messaging.file_not_there_yet(file_id, attempt=attempt)
        return
    fetched = storage.draft(ending="in")
    try:
        fetched.write_bytes(content)
        _take_in(file_id, fetched)
    finally:
        fetched.unlink(missing_ok=True)


def _take_in(file_id: int, fetched: Path) -> None:
    try:
        file = messaging.as_arrived(fetched)
    except Unreadable as refusal:
        with transaction():
            messaging.file_not_let_in(file_id, code=refusal.code)
        return
    failpoint("media.kept")
    with transaction():
        mine = messaging.file_arrived(file_id, file)
    if not mine:
        for name in (file.stored_as, file.thumbnail_as):
            storage.discard(name)
