"""Sending texts: accepted with the money set aside, handed over once, settled by what is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from sqlalchemy import select, update

from portal import entitlements, ledger, numbers, pricing
from portal.carriers import CarrierMessage
from portal.core import clock, live, phone, scope
from portal.core.db import insert_once, new_public_id, only_one, session
from portal.core.errors import InsufficientBalance, InvalidInput, NotFound, Refused
from portal.core.failpoints import failpoint
from portal.core.money import Money
from portal.core.queue import enqueue
from portal.core.sentences import N_
from portal.entitlements import Service
from portal.identity import ClientStatus, client_facts
from portal.ledger import Reason
from portal.messaging import consent, files, limits, relays
from portal.messaging.conversations import conversation_for, note_message
from portal.messaging.models import Message
from portal.messaging.values import Delivery, Draft, MessageState
from portal.numbers.models import Did
from portal.rating.messages import Kind, Plan, byte_count, plan
from portal.rating.messages import Reason as Why
from portal.tasks import DELIVER_SMS, LOOK_UP_MESSAGE

SOURCE = "message"
HOLD = "send"
SERVICE_OFF = "service_off"
NUMBER_GONE = "number_gone"
PART_FAILED = "part_failed"  # an earlier part of the same text did
FILE_LOST = "file_lost"
# A text that the carrier could not take for so long has failed: nobody expects it any more, and
# every message is to reach its end within four hours (invariant I9).
GIVE_UP_AFTER = timedelta(hours=3)
_SHORTEST_WAIT, _LONGEST_WAIT = timedelta(seconds=10), timedelta(minutes=2)
_LONGEST_REFERENCE = 55  # with the place of a part it fits its column
_PART_MARK = "#"
_REASONS = {
    Why.EMPTY: (N_("Write a message first."), "text"),
    Why.LONGER_THAN_SMS: (
        N_("A text has at most 160 bytes. Choose how to send a longer one, or shorten it."), "text",
    ),
    Why.TEXT_TOO_LONG: (N_("An MMS has at most 2,048 bytes of text. Shorten it."), "text"),
    Why.TOO_MANY_PARTS: (
        N_("A text goes out in at most ten parts. Shorten it, or send it as an MMS."), "text",
    ),
    Why.TOO_MANY_FILES: (N_("A message takes at most three files. Remove some."), "files"),
    Why.FILES_TOO_LARGE: (
        N_("All files together may have at most 1.2 MB. Remove some."), "files",
    ),
}  # fmt: skip
# When an unknown outcome is looked up at the carrier (safety rule D4).
LOOK_UP_AFTER = (
    timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(minutes=60),
)  # fmt: skip


def queue(client_id: int, draft: Draft, *, person_id: int | None = None) -> Message:
    """Accept a text: fix its price, set the money aside, hand it to the carrier afterwards.

    All in the caller's transaction, so a client never pays for a message that was not stored.
    The same reference again is the message that is there already, whatever its text; of a text in
    parts it is the first. Raises InvalidInput (``sender``, ``recipient``, ``text``, ``files``),
    InsufficientBalance, or Refused when the client is suspended.
    """
    _check_reference(draft.reference)
    limits.one_at_a_time(client_id)  # the same text twice at once: the second finds the first
    if already := _by_reference(client_id, draft.reference):
        return already
    sender = _may_send(client_id, draft.sender)
    recipient = _recipient(draft.recipient)
    chosen = files.uploads(client_id, person_id, draft.files)
    planned = plan(
        draft.text,
        [file.bytes for file in chosen],
        choice=draft.send_as,
        sms=pricing.sms_price(sender, "out", "sms"),
        mms=pricing.sms_price(sender, "out", "mms"),
    )
    _refuse_impossible(draft.text, planned)
    return _accept(
        client_id, sender, recipient, planned, draft.reference, person_id=person_id,
        with_files=lambda message: files.attach(message, draft.files, person_id=person_id),
    )  # fmt: skip


def _accept(
    client_id: int,
    sender: numbers.DidOwner,
    recipient: str,
    planned: Plan,
    reference: str,
    *,
    person_id: int | None,
    with_files: Callable[[Message], None],
) -> Message:
    """Store and hold each part; the first goes to the carrier, and each takes the next along."""
    consent.refuse_stopped(client_id, sender.did_id, recipient)
    at = clock.now()
    conversation_id = conversation_for(client_id, sender.did_id, recipient, at=at)
    limits.take(client_id, conversation_id, recipient, texts=len(planned.parts))
    kind = planned.kind or Kind.SMS
    values = {
        "reseller_id": scope.reseller_id(),
        "client_id": client_id,
        "conversation_id": conversation_id,
        "did_id": sender.did_id,
        "did_link_id": sender.link_id,
        "direction": "out",
        "kind": kind.value,
        "contact": recipient,
        "state": MessageState.QUEUED,
        "parts": len(planned.parts),
        "price": pricing.sms_price(sender, "out", kind.value),
        "error_code": "",
        "lease_number": 0,
        "look_ups": 0,
        "sent_by_id": person_id,
        "at": at,
    }
    accepted: list[Message] = []
    for part, text in enumerate(planned.parts, start=1):
        own_reference = _reference_of(reference, part)
        own = {"public_id": new_public_id(), "text": text, "part": part}
        new = insert_once(Message, values | own | {"reference": own_reference})
        message = _by_reference(client_id, own_reference)
        assert message is not None
        if not new:
            return message
        _hold(message)
        failpoint("sms.held")
        accepted.append(message)
    first = accepted[0]
    with_files(first)
    note_message(conversation_id, text=" ".join(planned.parts), direction="out", at=at)
    enqueue(DELIVER_SMS, message_id=first.id)
    live.tell("conversation-changed", client_id=client_id, did_id=sender.did_id)
    live.tell("balance-changed", client_id=client_id)
    return first


def was_accepted(client_id: int, reference: str) -> bool:
    """Is there a message of this reference already?"""
    return _by_reference(client_id, reference) is not None


def may_text(client_id: int, sub_account_id: int | None) -> bool:
    """May a client send from a number of this sub-account? One of none goes by all of them."""
    try:
        return entitlements.allowed(Service.SMS_MMS, client_id, sub_account_id)
    except NotFound:  # unlinked meanwhile
        return entitlements.allowed(Service.SMS_MMS, client_id)


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
    _post(won)
    following = _next_part(won)
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


def retry(
    client_id: int, public_id: object, *, reference: str, person_id: int | None = None
) -> Message:
    """Send a failed message again: a new one with the same words and files, held and charged anew.

    Of a text in parts the following ones, which failed with it, go too.
    """
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
    _check_reference(reference)
    limits.one_at_a_time(client_id)
    if already := _by_reference(client_id, reference):
        return already
    sender = _may_send(client_id, number)
    texts = [failed.text, *(one.text for one in _parts_that_failed_with(failed))]
    kind = Kind(failed.kind)
    price = Money(pricing.sms_price(sender, "out", kind.value).micros * len(texts))
    return _accept(
        client_id, sender, failed.contact,
        Plan(kind, tuple(texts), sum(map(byte_count, texts)), price, ()),
        reference, person_id=person_id,
        with_files=lambda message: files.attach_again(message, failed),
    )  # fmt: skip


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


def _by_reference(client_id: int, reference: str) -> Message | None:
    found: Message | None = session().scalar(
        select(Message)
        .where(Message.client_id == client_id, Message.reference == reference)
        .execution_options(populate_existing=True)
    )
    return found


def _check_reference(reference: str) -> None:
    """An empty one would make every message the same one."""
    is_sane = 0 < len(reference) <= _LONGEST_REFERENCE and reference.isprintable()
    if not is_sane or _PART_MARK in reference:
        raise InvalidInput("This form is out of date. Open the page again.", field="reference")


def _may_send(client_id: int, number: str) -> numbers.DidOwner:
    """The number it goes out from; raises what forbids it."""
    if client_facts(client_id).status is not ClientStatus.ACTIVE:
        raise Refused("Your account is suspended. Add funds to send messages.", code="suspended")
    sender = _sender(client_id, number)
    is_off = not relays.is_on(client_id, sender.did_id)
    if is_off or not may_text(client_id, sender.sub_account_id):
        raise InvalidInput("Text messages are switched off for this number.", field="sender")
    return sender


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


def _refuse_impossible(text: str, planned: Plan) -> None:
    """Say why a message cannot go out as it is, beside what is to blame."""
    if "\x00" in text:
        raise InvalidInput("This text contains characters that cannot be sent.", field="text")
    for reason in planned.reasons:
        sentence, field = _REASONS[reason]
        raise InvalidInput(sentence, field=field, code=reason.value)


def _reference_of(reference: str, part: int) -> str:
    return reference if part == 1 else f"{reference}{_PART_MARK}{part}"


def _next_part(message: Message) -> Message | None:
    if message.part >= message.parts or message.reference is None or message.client_id is None:
        return None
    reference = message.reference.partition(_PART_MARK)[0]
    return _by_reference(message.client_id, _reference_of(reference, message.part + 1))


def _parts_that_failed_with(message: Message) -> Iterator[Message]:
    following = _next_part(message)
    while following is not None and following.state == MessageState.FAILED:
        yield following
        following = _next_part(following)


def _fail(message: Message) -> None:
    """Give its money back, and that of the parts that would have followed."""
    _give_back(message)
    following = _next_part(message)
    while following is not None:
        mine = only_one(
            update(Message)
            .where(Message.id == following.id, Message.state == MessageState.QUEUED)
            .values(state=MessageState.FAILED, error_code=PART_FAILED)
        )
        if mine:
            _give_back(following)
        following = _next_part(following)


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
        reason=Reason.SMS if message.kind == Kind.SMS else Reason.MMS,
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
