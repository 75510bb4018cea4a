"""A text in parts: one message each, found by the reference of the first and their place."""

from __future__ import annotations

from sqlalchemy import select

from portal.core.db import session
from portal.messaging.models import Message

PART_MARK = "#"


def by_reference(client_id: int, reference: str) -> Message | None:
    """The message that was accepted under this reference."""
    found: Message | None = session().scalar(
        select(Message)
        .where(Message.client_id == client_id, Message.reference == reference)
        .execution_options(populate_existing=True)
    )
    return found


def reference_of(reference: str, part: int) -> str:
    """The reference of a part; the first one has the text's own."""
    return reference if part == 1 else f"{reference}{PART_MARK}{part}"


def next_part(message: Message) -> Message | None:
    """The part that follows, None after the last."""
    if message.part >= message.parts or message.reference is None or message.client_id is None:
        return None
    reference = message.reference.partition(PART_MARK)[0]
    return by_reference(message.client_id, reference_of(reference, message.part + 1))
