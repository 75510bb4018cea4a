"""What a balance leads to."""

from __future__ import annotations

from datetime import datetime

from jobs.runtime import job
from portal import billing, payments
from portal.core.db import transaction


@job
def review_balance(client_id: int, rose_at: str = "") -> None:
    """Warn, suspend, resume or top up one client, each once per crossing."""
    with transaction():
        billing.review(client_id, rose_at=datetime.fromisoformat(rose_at) if rose_at else None)
        payments.review_top_up(client_id)
