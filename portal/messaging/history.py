"""Texts of the past, brought in from the carrier's list: both directions, each once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import select

from portal import ledger, numbers, pricing
from portal.carriers import CarrierMessage, MessageKind
from portal.core import phone, scope
from portal.core.db import insert_all, new_public_id, session
from portal.core.money import Money
from portal.ledger import Charge, CostDelta, CostKind, Reason
from portal.messaging import consent
from portal.messaging.consent_words import keyword
from portal.messaging.conversations import conversation_for, note_message
from portal.messaging.media import wait_for
from portal.messaging.models import Message
from portal.messaging.money import SOURCE
from portal.messaging.values import MessageState
from portal.numbers import DidBook, DidOwner

_REASONS = {"sms": Reason.SMS, "mms": Reason.MMS}
_REFERENCES_A_QUERY = 500


def bring_in(messages: Sequence[CarrierMessage], *, posted_at: datetime) -> int:
    """Store and charge past texts whose number was somebody's then; how many were new.

    For moving in and for the demo only: while the portal runs, what it sent itself must not be
    taken for something sent elsewhere.
    """
    fresh = _fresh(messages)
    if not fresh:
        return 0
    first, after = fresh[0].at, fresh[-1].at + timedelta(seconds=1)
    book, cost = numbers.did_book(first, after), pricing.text_cost_book(after)
    talks: dict[tuple[int, str], int] = {}
    rows = [
        _row(message, owner, talks, cost)
        for message in fresh
        if (owner := _owner(book, message)) is not None
    ]
    insert_all(Message, rows)
    _take_in(rows, fresh)
    ledger.charge_many([_charge(row) for row in rows], posted_at=posted_at)
    ledger.note_costs(
        [CostDelta(row["client_id"], CostKind.TEXT, row["cost"]) for row in rows],
        posted_at=posted_at,
    )
    return len(rows)


def _fresh(messages: Sequence[CarrierMessage]) -> list[CarrierMessage]:
    """Each once, without those that are here, the oldest first."""
    wanted = {(one.kind.value, one.direction.value, one.id): one for one in messages}
    refs = sorted({ref for _, _, ref in wanted})
    for start in range(0, len(refs), _REFERENCES_A_QUERY):
        some = refs[start : start + _REFERENCES_A_QUERY]
        here = session().execute(
            select(Message.kind, Message.direction, Message.carrier_ref).where(
                Message.carrier_ref.in_(some)
            )
        )
        for row in here:
            wanted.pop((row.kind, row.direction, row.carrier_ref), None)
    return sorted(wanted.values(), key=lambda one: one.at)


def _owner(book: DidBook, message: CarrierMessage) -> DidOwner | None:
    return book.at(phone.normalise(message.did) or message.did, message.at)


def _row(
    message: CarrierMessage,
    owner: DidOwner,
    talks: dict[tuple[int, str], int],
    cost: Callable[[str, str, datetime], Money],
) -> dict[str, Any]:
    direction = message.direction.value
    kind: Literal["sms", "mms"] = "mms" if message.kind is MessageKind.MMS else "sms"
    contact = phone.normalise(message.contact) or message.contact[:20]
    talk = (owner.did_id, contact)
    if talk not in talks:
        talks[talk] = conversation_for(owner.client_id, *talk, at=message.at)
    return {
        "public_id": new_public_id(),
        "reseller_id": scope.reseller_id(),
        "client_id": owner.client_id,
        "conversation_id": talks[talk],
        "did_id": owner.did_id,
        "did_link_id": owner.link_id,
        "direction": direction,
        "kind": kind,
        "contact": contact,
        "text": message.text,
        "state": MessageState.RECEIVED if direction == "in" else MessageState.DELIVERED,
        "carrier_ref": message.id,
        "price": pricing.sms_price(owner, "in" if direction == "in" else "out", kind),
        "cost": cost(direction, kind, message.at),
        "error_code": "",
        "lease_number": 0,
        "look_ups": 0,
        "at": message.at,
    }


def _take_in(rows: Sequence[dict[str, Any]], messages: Sequence[CarrierMessage]) -> None:
    """What a text does beside being there: its conversation's line, a stop of the past, its files."""
    media = {(one.kind.value, one.direction.value, one.id): one.media for one in messages}
    newest: dict[int, dict[str, Any]] = {}
    arrived: dict[int, int] = {}
    for row in rows:
        newest[row["conversation_id"]] = row
        came = row["direction"] == "in"
        arrived[row["conversation_id"]] = arrived.get(row["conversation_id"], 0) + came
        if came and keyword(row["text"]) is not None:  # it holds, and was answered elsewhere
            message = select(Message).where(Message.public_id == row["public_id"])
            consent.hear(session().scalars(message).one(), at=row["at"])
        wait_for(row["public_id"], media[row["kind"], row["direction"], row["carrier_ref"]])
    for conversation_id, row in newest.items():
        note_message(
            conversation_id,
            text=row["text"],
            direction=row["direction"],
            at=row["at"],
            arrived=arrived[conversation_id],
        )


def _charge(row: dict[str, Any]) -> Charge:
    return Charge(
        row["client_id"], row["price"], _REASONS[row["kind"]], SOURCE, str(row["public_id"]),
        "received" if row["direction"] == "in" else "send",
        description=row["contact"], occurred_at=row["at"],
    )  # fmt: skip
