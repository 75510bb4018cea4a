"""What a former client wrote and was written, taken away: who, when and at what price stays."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, delete, select, update

from portal.core import slow_hosts
from portal.core.db import session
from portal.messaging.files import forget_files_of
from portal.messaging.models import (
    Conversation,
    ConversationEntry,
    InboundEvent,
    Message,
    NumberTexts,
    TextRelay,
    TextSettings,
)
from portal.messaging.values import UNSETTLED


def clients_with_open_texts() -> Select[int | None]:
    """Whose texts have not reached their end: their words are looked for at the carrier."""
    return select(Message.client_id).where(
        Message.state.in_(UNSETTLED), Message.client_id.is_not(None)
    )


def forget_texts_of(client_id: int) -> list[str]:
    """Empty the texts of a client's messages and their team's notes, and forget their files.

    The stored names of the files come back, to be discarded once that is committed.
    """
    for statement in (
        update(Message).where(Message.client_id == client_id).values(text="", search_text=""),
        delete(ConversationEntry).where(ConversationEntry.client_id == client_id),
        update(Conversation).where(Conversation.client_id == client_id).values(last_text=""),
        update(TextRelay).where(TextRelay.client_id == client_id).values(last_answer=""),
        update(TextSettings).where(TextSettings.client_id == client_id).values(answers={}),
        delete(NumberTexts).where(NumberTexts.client_id == client_id),
    ):
        session().execute(statement, execution_options={"synchronize_session": False})
    slow_hosts.forget_those_of(client_id)
    return forget_files_of(select(Message.id).where(Message.client_id == client_id))


def forget_events(before: datetime) -> None:
    """Empty what webhooks said, once it was dealt with and this old: the text lives in its message."""
    session().execute(
        update(InboundEvent)
        .where(
            InboundEvent.handled_at < before, InboundEvent.problem == "", InboundEvent.body != ""
        )
        .values(body=""),
        execution_options={"synchronize_session": False},
    )
