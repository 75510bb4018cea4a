"""Work on many clients, some rows at a time, with news for whoever watches."""

from __future__ import annotations

from jobs.runtime import job
from portal import batches
from portal.core import live
from portal.core.db import transaction
from portal.core.failpoints import failpoint


@job
def run_batch(batch_id: int) -> None:
    """Do every row that waits. Cut off or begun twice it goes on: a row is done once."""
    going = True
    while going:
        with transaction():
            going = batches.run_some(batch_id)
            live.tell("job-changed", client_id=None)
        failpoint("batch.chunk")
