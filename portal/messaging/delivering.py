"""Handing texts to the carrier: claimed by one run, settled by what is known, never sent twice."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update

from portal import numbers, pricing
from portal.carriers import CarrierMessage
from portal.core import clock, live
from portal.core.db import only_one, session
from portal.core.queue import enqueue
from portal.messaging import consent, files
from portal.messaging.models import Message
from portal.messaging.money import give_back, post
from portal.messaging.parts import next_part
from portal.messaging.sending import may_text
from portal.messaging.values import Delivery, MessageState
from portal.numbers.models import Did
from portal.tasks import DELIVER_SMS, LOOK_UP_MESSAGE

SERVICE_OFF = "service_off"
NUMBER_GONE = "number_gone"
PART_FAILED = "part_failed"  # an earlier part of the same text did
FILE_LOST = "file_lost"
# A text that the carrier could not take for so long has failed: nobody expects it any more, and
# every message is to reach its end within four hours (invariant I9).
GIVE_UP_AFTER = timedelta(hours=3)
_SHORTEST_WAIT, _LONGEST_WAIT = timedelta(seconds=10), timedelta(minutes=2)
# When an unknown outcome is looked up at the carrier (safety rule D4).
LOOK_UP_AFTER = (
    timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(minutes=60),
)  # fmt: skip


def claim(message_id: int) -> Delivery | None:
    """Take a queued message for one attempt; None when there is nothing to do.

    A message that an earlier run took and never settled may have gone out: it becomes unknown. One
    whose number is no longer the client's, whose service was switched off or whose contact has
    stopped texts meanwhile, fails here, and its money is given back.
    """
    row = (
        session()
        .execute(
            select(Message, Did.number)
            .join(Did, Did.id == Message.did_id)
            .where(Message.id == message_id)
            .execution_options(populate_existing=True)
        )
        .first()
    )
    if row is None:
        return None
    message, number = row
    if message.state == MessageState.SENDING:
        mark_unknown(message_id, message.lease_number)
        return None
    lease = message.lease_number + 1
    stopped = consent.stops(message)  # before the moment of the hand-over is taken
    mine = only_one(
        update(Message)
        .where(
            Message.id == message_id,
            Message.state == MessageState.QUEUED,
            Message.lease_number == message.lease_number,
        )
        .values(state=MessageState.SENDING, lease_number=lease, handed_over_at=clock.now())
    )
    if not mine:
        return None
    if problem := consent.STOPPED if stopped else _forbidden_by_now(message, number):
        refuse(message_id, lease, code=problem)
        return None
    return Delivery(
        message_id, lease, number, message.contact, message.text, message.at, message.kind,
        files.of_message(message_id),
    )  # fmt: skip


def _forbidden_by_now(message: Message, number: str) -> str:
    """What forbids a message to go out that was accepted before; empty when nothing does."""
    owner = numbers.owner_of(number)
    if owner is None or owner.client_id != message.client_id:
        return NUMBER_GONE
    if not may_text(owner.client_id, owner.sub_account_id):
        return SERVICE_OFF
    too_late = message.part > 1 and clock.now() - message.at > GIVE_UP_AFTER
    return PART_FAILED if too_late else ""


def settle(message_id: int, lease_number: int, carrier_ref: str) -> None:
    """The carrier took it: sent, and charged; its next part goes. A run that lost its lease changes nothing."""
    won = _move(message_id, lease_number, MessageState.SENT, error_code="", carrier_ref=carrier_ref)
    if won is None:
        return
    won.cost = pricing.text_cost("out", won.kind)
    post(won)
    following = next_part(won)
    if following is not None and following.state == MessageState.QUEUED:
        enqueue(DELIVER_SMS, message_id=following.id)


def refuse(message_id: int, lease_number: int, *, code: str) -> None:
    """The carrier will never take it: failed, and the money is given back."""
    failed = _move(message_id, lease_number, MessageState.FAILED, error_code=code)
    if failed is not None:
        _fail(failed)


def put_back(
    message_id: int, lease_number: int, *, code: str, retry_after_seconds: int | None = None
) -> None:
    """It certainly did not go out: tried again soon, and given up after ``GIVE_UP_AFTER``.

    A task of its own each time, since one task is only tried so often and an outage may be longer.
    """
    waiting = _move(message_id, lease_number, MessageState.QUEUED, error_code=code)
    if waiting is None:
        return
    age = clock.now() - waiting.at
    if age > GIVE_UP_AFTER:
        only_one(
            update(Message)
            .where(Message.id == message_id, Message.state == MessageState.QUEUED)
            .values(state=MessageState.FAILED)
        )
        _fail(waiting)
        return
    wait = max(age / 4, timedelta(seconds=retry_after_seconds or 0), _SHORTEST_WAIT)
    due_at = clock.now() + min(wait, _LONGEST_WAIT)
    enqueue(DELIVER_SMS, due_at=due_at, message_id=message_id)


def mark_unknown(message_id: int, lease_number: int) -> None:
    """It may have gone out: look it up later, and never send it blindly."""
    if _move(message_id, lease_number, MessageState.UNKNOWN) is not None:
        enqueue(
            LOOK_UP_MESSAGE, due_at=clock.now() + LOOK_UP_AFTER[0],
            message_id=message_id, attempt=1,
        )  # fmt: skip


def to_look_up(message_id: int) -> tuple[Delivery, list[str]] | None:
    """An unknown message, and the carrier's references that belong to others; None when settled."""
    row = (
        session()
        .execute(
            select(Message, Did.number)
            .join(Did, Did.id == Message.did_id)
            .where(Message.id == message_id, Message.state == MessageState.UNKNOWN)
            .execution_options(populate_existing=True)
        )
        .first()
    )
    if row is None:
        return None
    message, number = row
    taken = session().scalars(
        select(Message.carrier_ref).where(
            Message.did_id == message.did_id,
            Message.contact == message.contact,
            Message.kind == message.kind,  # the carrier numbers the two kinds apart
            Message.direction == "out",
            Message.carrier_ref.is_not(None),
        )
    )
    around = message.handed_over_at or message.at
    delivery = Delivery(
        message.id, message.lease_number, number, message.contact, message.text, around,
        message.kind,
    )  # fmt: skip
    return delivery, [reference for reference in taken if reference]


def found(message_id: int, lease_number: int, at_carrier: CarrierMessage) -> None:
    """The carrier has it: sent, and charged once."""
    settle(message_id, lease_number, at_carrier.id)


def not_found(message_id: int, lease_number: int, *, attempt: int) -> None:
    """The carrier does not have it (yet): look again later; after the last look it has failed."""
    if attempt >= len(LOOK_UP_AFTER):
        refuse(message_id, lease_number, code="not_sent")
        return
    wait = LOOK_UP_AFTER[attempt] - LOOK_UP_AFTER[attempt - 1]
    enqueue(LOOK_UP_MESSAGE, due_at=clock.now() + wait, message_id=message_id, attempt=attempt + 1)


def look_again(message_id: int, *, attempt: int) -> None:
    """The carrier could not be asked: the same look once more, as often as it takes."""
    wait = LOOK_UP_AFTER[min(attempt, len(LOOK_UP_AFTER)) - 1] / 2
    due_at = clock.now() + min(wait, _LONGEST_WAIT)
    enqueue(LOOK_UP_MESSAGE, due_at=due_at, message_id=message_id, attempt=attempt)


def delivered(carrier_refs: list[str], *, at: datetime, kind: str = "sms") -> None:
    """The carrier says that these arrived."""
    for first in range(0, len(carrier_refs), 500):
        some = carrier_refs[first : first + 500]
        rows = session().scalars(
            select(Message).where(
                Message.direction == "out",
                Message.kind == kind,
                Message.carrier_ref.in_(some),
                Message.state == MessageState.SENT,
            )
        )
        for message in rows:
            message.state = MessageState.DELIVERED
            message.delivered_at = at
            live.tell("conversation-changed", client_id=message.client_id, did_id=message.did_id)
    session().flush()


def _fail(message: Message) -> None:
    """Give its money back, and that of the parts that would have followed."""
    give_back(message)
    following = next_part(message)
    while following is not None:
        mine = only_one(
            update(Message)
            .where(Message.id == following.id, Message.state == MessageState.QUEUED)
            .values(state=MessageState.FAILED, error_code=PART_FAILED)
        )
        if mine:
            give_back(following)
        following = next_part(following)


def _move(
    message_id: int, lease_number: int, state: MessageState, **values: object
) -> Message | None:
    """Change an unsettled message that this lease still owns; the row, or None when it is lost."""
    mine = only_one(
        update(Message)
        .where(
            Message.id == message_id,
            Message.lease_number == lease_number,
            Message.state.in_([MessageState.SENDING, MessageState.UNKNOWN]),
        )
        .values(state=state, **values)
    )
    if not mine:
        return None
    message: Message | None = session().scalar(
        select(Message).where(Message.id == message_id).execution_options(populate_existing=True)
    )
    if message is not None:
        live.tell("conversation-changed", client_id=message.client_id, did_id=message.did_id)
    return message
