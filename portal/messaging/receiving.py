"""Texts that arrive: each once, whether by webhook, by polling, or by both."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select

from portal import ledger, numbers, pricing
from portal.carriers import CarrierMessage, Direction
from portal.core import clock, live, phone, scope
from portal.core.db import insert_once, new_public_id, session
from portal.core.failpoints import failpoint
from portal.core.queue import enqueue
from portal.ledger import Reason
from portal.messaging import consent, consent_answers, relays
from portal.messaging.consent_words import Word
from portal.messaging.conversations import conversation_for, note_message
from portal.messaging.media import wait_for
from portal.messaging.models import InboundEvent, Message, StrayMessage
from portal.messaging.money import SOURCE, note_cost
from portal.messaging.values import MessageState
from portal.tasks import RECEIVE_MESSAGE, TELL_OF_TEXT

_LONGEST_BODY = 65_536
_REFERENCES_A_QUERY = 500


def keep_event(kind: str, body: str) -> int:
    """Store what a webhook said, to be handled after it was answered; the row's id."""
    event = InboundEvent(kind=kind, body=body[:_LONGEST_BODY])
    session().add(event)
    session().flush()
    enqueue(RECEIVE_MESSAGE, event_id=event.id)
    return event.id


def keep_problem(kind: str, body: str, problem: str) -> None:
    """Store what could not be read, for the person who has to find out."""
    session().add(
        InboundEvent(
            kind=kind, body=body[:_LONGEST_BODY], problem=problem[:200], handled_at=clock.now()
        )
    )
    session().flush()


def open_event(event_id: int) -> tuple[str, str, datetime] | None:
    """Kind, body and time of an event that is not handled yet."""
    row = session().scalar(
        select(InboundEvent).where(InboundEvent.id == event_id, InboundEvent.handled_at.is_(None))
    )
    return None if row is None else (row.kind, row.body, row.received_at)


def close_event(event_id: int, *, problem: str = "") -> None:
    """The event was dealt with."""
    row = session().scalar(select(InboundEvent).where(InboundEvent.id == event_id))
    if row is not None:
        row.handled_at = clock.now()
        row.problem = problem[:200]
        session().flush()


def not_yet_here(messages: Sequence[CarrierMessage]) -> list[CarrierMessage]:
    """Those of a carrier's list that came in and are not stored: usually none or a few.

    Most of a list was told by the webhook before; it costs one query for hundreds of them.
    """
    arrived = [message for message in messages if message.direction is Direction.IN]
    known: set[tuple[str, str]] = set()
    for first in range(0, len(arrived), _REFERENCES_A_QUERY):
        some = [message.id for message in arrived[first : first + _REFERENCES_A_QUERY]]
        for model, more in ((Message, (Message.direction == "in",)), (StrayMessage, ())):
            rows = session().execute(
                select(model.kind, model.carrier_ref).where(model.carrier_ref.in_(some), *more)
            )
            known.update((kind, reference) for kind, reference in rows if reference)
    return [message for message in arrived if (message.kind.value, message.id) not in known]


def receive(message: CarrierMessage) -> bool:
    """Store and charge an inbound message once; True when it is new.

    It belongs to whoever had the number when it arrived. For a number of nobody it is kept for the
    reseller and charged to nobody.
    """
    if message.direction is not Direction.IN:
        return False
    number = phone.normalise(message.did) or message.did
    owner = numbers.owner_of(number, message.at)
    if owner is None:
        return _keep_stray(message, number)
    contact = phone.normalise(message.contact) or message.contact[:20]
    price = pricing.sms_price(owner, "in", message.kind.value)
    cost = pricing.text_cost("in", message.kind.value, message.at)
    conversation_id = conversation_for(owner.client_id, owner.did_id, contact, at=message.at)
    public_id = new_public_id()
    new = insert_once(
        Message,
        {
            "public_id": public_id,
            "reseller_id": scope.reseller_id(),
            "client_id": owner.client_id,
            "conversation_id": conversation_id,
            "did_id": owner.did_id,
            "did_link_id": owner.link_id,
            "direction": "in",
            "kind": message.kind.value,
            "contact": contact,
            "text": message.text,
            "state": MessageState.RECEIVED,
            "carrier_ref": message.id,
            "odd_date": message.odd_date,
            "price": price,
            "cost": cost,
            "error_code": "",
            "lease_number": 0,
            "look_ups": 0,
            "at": message.at,
        },
    )
    if not new:
        return False
    word = _heard(public_id, message.at)
    ledger.charge(
        owner.client_id,
        price,
        reason=Reason.SMS if message.kind.value == "sms" else Reason.MMS,
        source_type=SOURCE,
        source_id=str(public_id),
        kind="received",
        description=contact,
        occurred_at=message.at,
    )
    note_cost(owner.client_id, cost)
    note_message(conversation_id, text=message.text, direction="in", at=message.at)
    if word is not None:
        consent_answers.answer(word, owner, contact, conversation_id)
    wait_for(public_id, message.media)
    relays.begin(owner, public_id, contact)
    enqueue(TELL_OF_TEXT, message=str(public_id))
    failpoint("sms.received")
    live.tell("conversation-changed", client_id=owner.client_id, did_id=owner.did_id)
    live.tell("balance-changed", client_id=owner.client_id)
    ledger.review_crossed([owner.client_id])
    return True


def _heard(public_id: uuid.UUID, at: datetime) -> Word | None:
    """What an arrived text asks for by STOP, START or HELP; before the wallet is locked."""
    row = session().scalars(select(Message).where(Message.public_id == public_id)).one()
    return consent.hear(row, at=at)


def _keep_stray(message: CarrierMessage, number: str) -> bool:
    return insert_once(
        StrayMessage,
        {
            "reseller_id": scope.reseller_id(),
            "kind": message.kind.value,
            "carrier_ref": message.id,
            "did_number": number[:20],
            "contact": message.contact[:20],
            "text": message.text,
            "at": message.at,
        },
    )


def fields_of(items: Mapping[str, str]) -> dict[str, str]:
    """The fields of a webhook worth keeping, each cut to a sane length."""
    return {key[:40]: value[:4_096] for key, value in list(items.items())[:20]}
