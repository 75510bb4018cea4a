"""What a former client's orders told about them, taken away."""

from __future__ import annotations

from sqlalchemy import Select, select, update

from portal.core.db import session
from portal.pbx.models import AccountOrder


def clients_with_open_orders() -> Select[int | None]:
    """Whose new sub-accounts are still on their way: what was wished is needed for them."""
    return select(AccountOrder.client_id).where(
        AccountOrder.finished_at.is_(None), AccountOrder.client_id.is_not(None)
    )


def forget_wishes_of(client_id: int) -> None:
    """Empty what was wished for a client's new sub-accounts; that they were ordered stays."""
    session().execute(
        update(AccountOrder)
        .where(AccountOrder.client_id == client_id, AccountOrder.finished_at.is_not(None))
        .values(wish={}, sealed_password=None, problem=""),
        execution_options={"synchronize_session": False},
    )
