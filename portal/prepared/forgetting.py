"""What a former client had prepared, taken away with the words and names in it."""

from __future__ import annotations

from sqlalchemy import delete

from portal.core.db import session
from portal.prepared.models import BulkRow, BulkText, LaterText, MessageTemplate


def forget_prepared_of(client_id: int) -> None:
    """Delete templates, texts for later and texts to many; what was sent is a message."""
    for model in (MessageTemplate, LaterText, BulkRow, BulkText):
        session().execute(
            delete(model).where(model.client_id == client_id),
            execution_options={"synchronize_session": False},
        )
