"""What clients' calls lead to, beside their price."""

from __future__ import annotations

from jobs.runtime import job
from portal import exposure
from portal.core.db import transaction
from portal.core.log import get_logger

log = get_logger(__name__)


@job
def review_exposure(client_id: int) -> None:
    """Alarm, and stop the client where its limits say so, each once."""
    with transaction():
        found = exposure.review(client_id)
    if found:
        log.warning("unusual_calls", client_id=client_id, kinds=[kind.value for kind in found])
