"""Our texts as they are compared with the carrier's lists."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from portal.carriers import CarrierMessage
from portal.core.db import session
from portal.messaging.models import Message, StrayMessage
from portal.messaging.values import MessageState
from portal.numbers.models import Did

_CARRIED = (MessageState.SENT, MessageState.DELIVERED, MessageState.RECEIVED)
_REFERENCES_A_QUERY = 500


class ComparedText(NamedTuple):
    """One of our texts that the carrier carried."""

    public_id: uuid.UUID
    client_id: int | None
    kind: str
    direction: str
    carrier_ref: str | None
    at: datetime
    contact: str
    own_number: str

    @property
    def key(self) -> str:
        return f"{self.kind}|{self.direction}|{self.carrier_ref}"


def between(since: datetime, until: datetime) -> list[ComparedText]:
    """Every text of [since, until) that was sent or received."""
    rows = session().execute(
        select(
            Message.public_id,
            Message.client_id,
            Message.kind,
            Message.direction,
            Message.carrier_ref,
            Message.at,
            Message.contact,
            Did.number,
        )
        .join(Did, Did.id == Message.did_id)
        .where(
            Message.at >= since,
            Message.at < until,
            Message.state.in_(_CARRIED),
            Message.carrier_ref.is_not(None),
        )
        .order_by(Message.at, Message.id)
    )
    return [ComparedText(*row) for row in rows]


def unknown_to_us(messages: Sequence[CarrierMessage]) -> list[CarrierMessage]:
    """Those of a carrier's list that stand nowhere here, whoever's they are."""
    known: set[tuple[str, str, str | None]] = set()
    for first in range(0, len(messages), _REFERENCES_A_QUERY):
        some = [message.id for message in messages[first : first + _REFERENCES_A_QUERY]]
        for row in session().execute(
            select(Message.kind, Message.direction, Message.carrier_ref).where(
                Message.carrier_ref.in_(some)
            )
        ):
            known.add((row[0], row[1], row[2]))
        for kind, reference in session().execute(
            select(StrayMessage.kind, StrayMessage.carrier_ref).where(
                StrayMessage.carrier_ref.in_(some)
            )
        ):
            known.add((kind, "in", reference))
    return [
        message
        for message in messages
        if (message.kind.value, message.direction.value, message.id) not in known
    ]
