"""Texts for later at their moment, and texts to many, row after row."""

from __future__ import annotations

from jobs.runtime import job
from portal import prepared
from portal.core.db import transaction
from portal.core.failpoints import failpoint


@job
def send_later(later_id: int, version: int) -> None:
    """Its moment has come. An older version, or one that is over, is left alone."""
    with transaction():
        prepared.send_due(later_id, version)


@job
def run_bulk(bulk_id: int) -> None:
    """Send as many as the limits let through now. Cut off or begun twice it goes on: a row is sent once."""
    with transaction():
        left = prepared.wake(bulk_id)
    going = prepared.Next.GO_ON
    while going is prepared.Next.GO_ON:
        with transaction():
            going = prepared.send_next(bulk_id, left_today=left)
        failpoint("bulk.row")
        left -= 1
