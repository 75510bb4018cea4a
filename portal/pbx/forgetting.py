"""What a former client's orders told about them, taken away."""

from __future__ import annotations

from sqlalchemy import update

from portal.core.db import session
from portal.pbx.models import AccountOrder


def forget_wishes_of(client_id: int) -> None:
    """Empty what was wished for a client's new sub-accounts; that they were ordered stays."""
    session().execute(
        update(AccountOrder)
        .where(AccountOrder.client_id == client_id, AccountOrder.finished_at.is_not(None))
        .values(wish={}, sealed_password=None, problem=""),
        execution_options={"synchronize_session": False},
    )
