"""One try of one way of one text, as values: nothing of the database stays open meanwhile."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select

from portal import identity
from portal.core import clock, slow_hosts
from portal.core.db import session
from portal.messaging import files
from portal.messaging.media_links import links_of
from portal.messaging.models import Message, NumberTexts, TextRelay
from portal.messaging.number_texts import settings
from portal.messaging.values import NumberSettings, Way
from portal.numbers.models import Did, DidLink

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class RelayWork:
    """One try. ``settings`` are those of now; ``reference`` is the carrier's id."""

    relay_id: int
    lease_number: int
    client_id: int
    way: Way
    settings: NumberSettings
    contact: str
    text: str
    kind: str
    reference: str
    at: datetime
    message: uuid.UUID | None
    media: tuple[str, ...] = ()
    run: int = 0  # of the client's line

    @property
    def is_test(self) -> bool:
        """Is there no text behind it?"""
        return self.message is None

    @property
    def host(self) -> str:
        """Whose answer is waited for."""
        return host_of(self.settings.callback_url)


def wishes(client_id: int) -> list[NumberTexts]:
    """What a client wants at the numbers that are theirs now; nothing once they are closed."""
    if identity.client_facts(client_id).closed_at is not None:
        return []
    return list(
        session().scalars(
            select(NumberTexts)
            .join(DidLink, DidLink.did_id == NumberTexts.did_id)
            .where(
                NumberTexts.client_id == client_id,
                DidLink.client_id == client_id,
                DidLink.valid_from <= clock.now(),
                DidLink.valid_to.is_(None),
            )
            .order_by(NumberTexts.did_id)
        )
    )


def work_of(relay: TextRelay, wish: NumberTexts, *, run: int = 0) -> RelayWork:
    """All that the try of this row needs."""
    found: Any = (
        session()
        .execute(
            select(Did.number, Message)
            .select_from(Did)
            .outerjoin(Message, Message.id == relay.message_id)
            .where(Did.id == relay.did_id)
        )
        .one()
    )
    number, message = found
    assert relay.client_id is not None
    return RelayWork(
        relay_id=relay.id,
        lease_number=relay.lease_number,
        client_id=relay.client_id,
        way=Way(relay.way),
        settings=settings(wish, number),
        contact=message.contact if message else "+16135550100",
        text=message.text if message else "Test",
        kind=message.kind if message else "sms",
        reference=(message.carrier_ref or "") if message else "0",
        at=message.at if message else relay.created_at,
        message=message.public_id if message else None,
        media=links_of(files.of_message(message.id))
        if message and relay.way == Way.URL and message.kind == "mms"
        else (),
        run=run,
    )


def host_of(url: str) -> str:
    """Host and port of an address that was checked when it was saved: another port is another system."""
    parts = urlsplit(url)
    place = f"{parts.hostname or ''}:{parts.port or _PORTS.get(parts.scheme, 0)}"
    return place[-slow_hosts.LONGEST_HOST :]
