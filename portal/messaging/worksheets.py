"""How the price of one text came about: the facts, for whoever puts them into words."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select

from portal.core.db import session
from portal.core.errors import NotFound
from portal.core.money import ZERO, Money
from portal.messaging.models import Conversation, Message, MessageFile
from portal.messaging.values import UNSETTLED, MessageState
from portal.numbers.models import Did, DidLink
from portal.rating.messages import byte_count


class TextSheet(NamedTuple):
    """What decided the price of a text. ``fee`` is what the number's connection says, since ``fee_since``.

    ``taken`` is what was charged; ``held`` what is still set aside for it.
    """

    public_id: uuid.UUID
    conversation: uuid.UUID
    direction: str
    kind: str
    state: str
    contact: str
    own_number: str
    at: datetime
    text_bytes: int
    part: int
    parts: int
    files: int
    file_bytes: int
    fee: Money | None
    fee_since: datetime | None
    held: Money
    taken: Money
    cost: Money

    @property
    def profit(self) -> Money:
        """What is left of the price."""
        return self.taken - self.cost

    @property
    def was_free(self) -> bool:
        """Did it cost nothing because it never went out?"""
        return self.state == MessageState.FAILED


def worksheet(client_id: int, public_id: uuid.UUID) -> TextSheet:
    """The worksheet of a text; NotFound when it is not theirs. Of a deleted one too: the books know it."""
    found = find_worksheet(client_id, public_id)
    if found is None:
        raise NotFound("There is no such message.")
    return found


def find_worksheet(client_id: int, public_id: uuid.UUID) -> TextSheet | None:
    """The same, or None."""
    row = (
        session()
        .execute(
            select(Message, Did.number, DidLink, Conversation.public_id)
            .join(Did, Did.id == Message.did_id)
            .join(Conversation, Conversation.id == Message.conversation_id)
            .outerjoin(DidLink, DidLink.id == Message.did_link_id)
            .where(Message.public_id == public_id, Message.client_id == client_id)
        )
        .first()
    )
    if row is None:
        return None
    message, number, conversation = row[0], row[1], row[3]
    link: DidLink | None = row[2]
    count, size = (
        session()
        .execute(
            select(func.count(MessageFile.id), func.coalesce(func.sum(MessageFile.bytes), 0)).where(
                MessageFile.message_id == message.id
            )
        )
        .one()
    )
    fee: Money | None = (
        getattr(link, f"{message.kind}_{message.direction}") if link is not None else None
    )
    open_still = message.state in UNSETTLED
    failed = message.state == MessageState.FAILED
    return TextSheet(
        message.public_id, conversation, message.direction, message.kind, message.state,
        message.contact, number, message.at, byte_count(message.text), message.part, message.parts,
        count, int(size), fee, link.valid_from if link is not None else None,
        message.price if open_still else ZERO,
        ZERO if open_still or failed else message.price,
        ZERO if open_still or failed else message.cost or ZERO,
    )  # fmt: skip
