"""Texts of the past, brought in from the carrier's list: both directions, each once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import select

from portal import ledger, numbers, pricing
from portal.carriers import CarrierMessage, MessageKind
from portal.core import phone, scope
from portal.core.db import insert_once, new_public_id, session
from portal.ledger import Charge, CostDelta, CostKind, Reason
from portal.messaging import consent
from portal.messaging.conversations import conversation_for, note_message
from portal.messaging.media import wait_for
from portal.messaging.models import Message
from portal.messaging.money import SOURCE
from portal.messaging.values import MessageState

_REASONS = {"sms": Reason.SMS, "mms": Reason.MMS}


def bring_in(messages: Sequence[CarrierMessage], *, posted_at: datetime) -> int:
    """Store and charge past texts whose number was somebody's then; how many were new.

    For moving in and for the demo only: while the portal runs, what it sent itself must not be
    taken for something sent elsewhere.
    """
    kept = [one for message in messages if (one := _keep(message)) is not None]
    ledger.charge_many([charge for charge, _ in kept], posted_at=posted_at)
    ledger.note_costs([cost for _, cost in kept], posted_at=posted_at)
    return len(kept)


def _keep(message: CarrierMessage) -> tuple[Charge, CostDelta] | None:
    owner = numbers.owner_of(phone.normalise(message.did) or message.did, message.at)
    if owner is None:
        return None
    direction = message.direction.value
    kind: Literal["sms", "mms"] = "mms" if message.kind is MessageKind.MMS else "sms"
    contact = phone.normalise(message.contact) or message.contact[:20]
    cost = pricing.text_cost(direction, kind, message.at)
    price = pricing.sms_price(owner, "in" if direction == "in" else "out", kind)
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
            "direction": direction,
            "kind": kind,
            "contact": contact,
            "text": message.text,
            "state": MessageState.RECEIVED if direction == "in" else MessageState.DELIVERED,
            "carrier_ref": message.id,
            "price": price,
            "cost": cost,
            "error_code": "",
            "lease_number": 0,
            "look_ups": 0,
            "at": message.at,
        },
    )
    if not new:
        return None
    if direction == "in":  # a stop of the past holds, and was answered elsewhere
        row = session().scalars(select(Message).where(Message.public_id == public_id)).one()
        consent.hear(row, at=message.at)
    note_message(conversation_id, text=message.text, direction=direction, at=message.at)
    wait_for(public_id, message.media)
    charge = Charge(
        owner.client_id, price, _REASONS[kind], SOURCE, str(public_id),
        "received" if direction == "in" else "send",
        description=contact, occurred_at=message.at,
    )  # fmt: skip
    return charge, CostDelta(owner.client_id, CostKind.TEXT, cost)
