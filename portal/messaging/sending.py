"""Sending texts: accepted with the money set aside, handed over once, settled by what is known."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update

from portal import entitlements, ledger, numbers, pricing
from portal.carriers import CarrierMessage
from portal.core import clock, live, phone, scope
from portal.core.db import insert_once, new_public_id, only_one, session
from portal.core.errors import InsufficientBalance, InvalidInput, NotFound, Refused
from portal.core.failpoints import failpoint
from portal.core.queue import enqueue
from portal.entitlements import Service
from portal.identity import ClientStatus, client_facts
from portal.ledger import Reason
from portal.messaging.conversations import conversation_for, note_message
from portal.messaging.models import Message
from portal.messaging.values import Delivery, Draft, MessageState
from portal.numbers.models import Did
from portal.rating.messages import SMS_BYTES, as_sent, byte_count
from portal.tasks import DELIVER_SMS, LOOK_UP_MESSAGE

SOURCE = "message"
HOLD = "send"
SERVICE_OFF = "service_off"
NUMBER_GONE = "number_gone"
# A text that the carrier could not take for so long has failed: nobody expects it any more, and
# every message is to reach its end within four hours (invariant I9).
GIVE_UP_AFTER = timedelta(hours=3)
_SHORTEST_WAIT, _LONGEST_WAIT = timedelta(seconds=10), timedelta(minutes=2)
_LONGEST_REFERENCE = 60
# When an unknown outcome is looked up at the carrier (safety rule D4).
LOOK_UP_AFTER = (
    timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(minutes=60),
)  # fmt: skip


def queue_sms(client_id: int, draft: Draft, *, person_id: int | None = None) -> Message:
    """Accept a text: fix its price, set the money aside, hand it to the carrier afterwards.

    All in the caller's transaction, so a client never pays for a message that was not stored.
    The same reference again is the message that is there already, whatever its text. Raises
    InvalidInput (``sender``, ``recipient``, ``text``), InsufficientBalance, or Refused when the
    client is suspended.
    """
    _check_reference(draft.reference)
    if already := _by_reference(client_id, draft.reference):
        return already
    if client_facts(client_id).status is not ClientStatus.ACTIVE:
        raise Refused("Your account is suspended. Add funds to send messages.", code="suspended")
    sender = _sender(client_id, draft.sender)
    if not may_text(client_id, sender.sub_account_id):
        raise InvalidInput("Text messages are switched off for this number.", field="sender")
    recipient = _recipient(draft.recipient)
    text = _text(draft.text)
    price = pricing.sms_price(sender, "out", "sms")
    at = clock.now()
    conversation_id = conversation_for(client_id, sender.did_id, recipient, at=at)
    values = {
        "public_id": new_public_id(),
        "reseller_id": scope.reseller_id(),
        "client_id": client_id,
        "conversation_id": conversation_id,
        "did_id": sender.did_id,
        "did_link_id": sender.link_id,
        "direction": "out",
        "kind": "sms",
        "contact": recipient,
        "text": text,
        "state": MessageState.QUEUED,
        "reference": draft.reference,
        "price": price,
        "error_code": "",
        "lease_number": 0,
        "look_ups": 0,
        "sent_by_id": person_id,
        "at": at,
    }
    new = insert_once(Message, values)
    message = _by_reference(client_id, draft.reference)
    assert message is not None
    if not new:
        return message
    _hold(message)
    failpoint("sms.held")
    note_message(conversation_id, text=text, direction="out", at=at)
    enqueue(DELIVER_SMS, message_id=message.id)
    live.tell("conversation-changed", client_id=client_id, did_id=sender.did_id)
    live.tell("balance-changed", client_id=client_id)
    return message


def may_text(client_id: int, sub_account_id: int | None) -> bool:
    """May a client send from a number of this sub-account? One of none goes by all of them."""
    try:
        return entitlements.allowed(Service.SMS_MMS, client_id, sub_account_id)
    except NotFound:  # unlinked meanwhile
        return entitlements.allowed(Service.SMS_MMS, client_id)


def claim(message_id: int) -> Delivery | None:
    """Take a queued message for one attempt; None when there is nothing to do.

    A message that an earlier run took and never settled may have gone out: it becomes unknown. One
    whose number is no longer the client's, or whose service was switched off meanwhile, fails here,
    and its money is given back.
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
    owner = numbers.owner_of(number)
    if owner is None or owner.client_id != message.client_id:
        refuse(message_id, lease, code=NUMBER_GONE)
        return None
    if not may_text(owner.client_id, owner.sub_account_id):
        refuse(message_id, lease, code=SERVICE_OFF)
        return None
    return Delivery(message_id, lease, number, message.contact, message.text, message.at)


def settle(message_id: int, lease_number: int, carrier_ref: str) -> None:
    """The carrier took it: sent, and charged. A run that lost its lease changes nothing."""
    won = _move(message_id, lease_number, MessageState.SENT, error_code="", carrier_ref=carrier_ref)
    if won is not None:
        _post(won)


def refuse(message_id: int, lease_number: int, *, code: str) -> None:
    """The carrier will never take it: failed, and the money is given back."""
    failed = _move(message_id, lease_number, MessageState.FAILED, error_code=code)
    if failed is not None:
        _give_back(failed)


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
        _give_back(waiting)
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
            Message.direction == "out",
            Message.carrier_ref.is_not(None),
        )
    )
    around = message.handed_over_at or message.at
    delivery = Delivery(
        message.id, message.lease_number, number, message.contact, message.text, around
    )
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


def retry(client_id: int, public_id: object, *, reference: str) -> Message:
    """Send a failed message again: a new message with the same words, held and charged anew."""
    row = (
        session()
        .execute(
            select(Message, Did.number)
            .join(Did, Did.id == Message.did_id)
            .where(
                Message.public_id == public_id,
                Message.client_id == client_id,
                Message.state == MessageState.FAILED,
            )
        )
        .first()
    )
    if row is None:
        raise NotFound("There is no failed message to send again.")
    failed, number = row
    return queue_sms(client_id, Draft(number, failed.contact, failed.text, reference))


def delivered(carrier_refs: list[str], *, at: datetime) -> None:
    """The carrier says that these arrived."""
    for first in range(0, len(carrier_refs), 500):
        some = carrier_refs[first : first + 500]
        rows = session().scalars(
            select(Message).where(
                Message.direction == "out",
                Message.kind == "sms",
                Message.carrier_ref.in_(some),
                Message.state == MessageState.SENT,
            )
        )
        for message in rows:
            message.state = MessageState.DELIVERED
            message.delivered_at = at
            live.tell("conversation-changed", client_id=message.client_id, did_id=message.did_id)
    session().flush()


def _by_reference(client_id: int, reference: str) -> Message | None:
    found: Message | None = session().scalar(
        select(Message).where(Message.client_id == client_id, Message.reference == reference)
    )
    return found


def _check_reference(reference: str) -> None:
    """An empty one would make every message the same one."""
    if not 0 < len(reference) <= _LONGEST_REFERENCE or not reference.isprintable():
        raise InvalidInput("This form is out of date. Open the page again.", field="reference")


def _sender(client_id: int, number: str) -> numbers.DidOwner:
    choices = {choice.number for choice in numbers.sms_choices(client_id)}
    owner = numbers.owner_of(number) if number in choices else None
    if owner is None or owner.client_id != client_id:
        raise InvalidInput("Choose one of your numbers that can send texts.", field="sender")
    return owner


def _recipient(text: str) -> str:
    number = phone.normalise(text)
    if number is None:
        raise InvalidInput("Enter a number with its area code.", field="recipient")
    return number


def _text(text: str) -> str:
    sent = as_sent(text).strip()
    if not sent:
        raise InvalidInput("Write a message first.", field="text")
    if "\x00" in sent:
        raise InvalidInput("This text contains characters that cannot be sent.", field="text")
    if byte_count(sent) > SMS_BYTES:
        raise InvalidInput("A text has at most 160 bytes. Shorten it a little.", field="text")
    return sent


def _hold(message: Message) -> None:
    assert message.client_id is not None
    try:
        ledger.hold(
            message.client_id, message.price,
            source_type=SOURCE, source_id=str(message.public_id), kind=HOLD,
        )  # fmt: skip
    except InsufficientBalance as error:
        raise InsufficientBalance(
            "Your balance does not cover this message. Add funds first.", field="text"
        ) from error


def _post(message: Message) -> None:
    ledger.post_hold(
        source_type=SOURCE,
        source_id=str(message.public_id),
        kind=HOLD,
        reason=Reason.SMS,
        description=message.contact,
        occurred_at=message.at,
    )
    assert message.client_id is not None
    ledger.review_crossed([message.client_id])
    live.tell("balance-changed", client_id=message.client_id)


def _give_back(message: Message) -> None:
    ledger.void_hold(source_type=SOURCE, source_id=str(message.public_id), kind=HOLD)
    live.tell("balance-changed", client_id=message.client_id)


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
