"""The row with what a client wants of their texts."""

from __future__ import annotations

from sqlalchemy import select

from portal.core import scope
from portal.core.db import insert_once, session
from portal.messaging.models import TextSettings


def settings_of(client_id: int) -> TextSettings:
    """The client's row, made with its first setting."""
    values = {
        "reseller_id": scope.reseller_id(), "client_id": client_id, "answers": {},
        "staff_may_read": False,
    }  # fmt: skip
    insert_once(TextSettings, values)
    return (
        session()
        .scalars(
            select(TextSettings)
            .where(TextSettings.client_id == client_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        .one()
    )
