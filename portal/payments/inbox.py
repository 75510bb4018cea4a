"""What gateways tell us: stored as it came, answered, and read afterwards."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from portal.core import clock, scope
from portal.core.db import session
from portal.core.errors import NotFound
from portal.core.failpoints import failpoint
from portal.core.queue import enqueue
from portal.payments.accounts import gateway_account
from portal.payments.gateways import open_gateway
from portal.payments.gateways.practice import press
from portal.payments.gateways.protocol import Gateway, Heard, HeardKind
from portal.payments.intents import intent_of_ref
from portal.payments.models import PaymentMessage
from portal.payments.values import PRACTICE, Intent
from portal.tasks import READ_PAYMENT_MESSAGE

LARGEST_MESSAGE = 100_000
_LONGEST_HEADER = 2000


@dataclass(frozen=True, slots=True)
class MessageWork:
    """A message that nobody has read, and the gateway that may have written it."""

    gateway_name: str
    gateway: Gateway
    headers: Mapping[str, str]
    body: bytes


def keep_message(gateway: str, headers: Mapping[str, str], body: bytes) -> None:
    """Store a message; its sender gets an answer when this is committed."""
    row = PaymentMessage(
        reseller_id=scope.reseller_id(),
        gateway=gateway,
        headers={name.lower(): text[:_LONGEST_HEADER] for name, text in headers.items()},
        # Byte by byte: a gateway confirms exactly what it wrote. PostgreSQL stores no NUL.
        body=body.decode("latin-1").replace("\x00", "?"),
    )
    session().add(row)
    session().flush()
    enqueue(READ_PAYMENT_MESSAGE, message_id=row.id)
    failpoint("payment.stored")


def open_message(message_id: int) -> MessageWork | None:
    """A message to be read; None when it was, or its gateway is not set up any more."""
    row = session().scalar(
        select(PaymentMessage).where(
            PaymentMessage.id == message_id, PaymentMessage.handled_at.is_(None)
        )
    )
    if row is None:
        return None
    try:
        gateway = open_gateway(row.gateway)
    except NotFound:
        close_message(message_id, problem="no_gateway")
        return None
    return MessageWork(row.gateway, gateway, dict(row.headers), row.body.encode("latin-1"))


def close_message(message_id: int, *, event_id: str = "", problem: str = "") -> None:
    """The message was dealt with; a problem is kept for whoever has to find out."""
    row = session().scalar(select(PaymentMessage).where(PaymentMessage.id == message_id))
    if row is not None:
        row.handled_at, row.event_id, row.problem = clock.now(), event_id[:120], problem[:200]
        session().flush()


def meant(gateway: str, heard: Heard) -> Intent | None:
    """The payment of the bound reseller that a message is about."""
    return intent_of_ref(
        gateway,
        name=heard.intent,
        gateway_ref=heard.gateway_ref,
        capture_ref=heard.capture_ref,
    )


def forget_messages(before: datetime) -> None:
    """Messages that were read long ago."""
    session().execute(delete(PaymentMessage).where(PaymentMessage.handled_at < before))


def press_practice(intent: Intent, state: str) -> bool:
    """A button of the practice page: the gateway decides, and rings as a real one would."""
    account = gateway_account(PRACTICE)
    if account is None or not account.on or intent.gateway != PRACTICE:
        raise NotFound("There is no practice gateway here.")
    if not press(intent, state):
        return False
    said = {
        "id": f"{intent.gateway_ref}:{state}",
        "kind": HeardKind.MOVED.value,
        "order": intent.gateway_ref,
        "proof": account.hook,
    }
    keep_message(PRACTICE, {}, json.dumps(said).encode())
    return True
