"""Accepting texts: checked, priced, their money set aside, and left to be handed over."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlalchemy import select

from portal import entitlements, numbers, pricing
from portal.core import clock, live, phone, scope
from portal.core.db import insert_once, new_public_id, session
from portal.core.errors import InvalidInput, NotFound, Refused
from portal.core.failpoints import failpoint
from portal.core.money import Money
from portal.core.queue import enqueue
from portal.core.sentences import N_
from portal.entitlements import Service
from portal.identity import ClientStatus, client_facts
from portal.messaging import consent, files, limits, number_texts
from portal.messaging.conversations import conversation_for, note_message
from portal.messaging.models import Message
from portal.messaging.money import hold
from portal.messaging.parts import PART_MARK, by_reference, next_part, reference_of
from portal.messaging.values import Draft, MessageState
from portal.numbers.models import Did
from portal.rating.messages import Kind, Plan, byte_count, plan
from portal.rating.messages import Reason as Why
from portal.tasks import DELIVER_SMS

_LONGEST_REFERENCE = 55  # with the place of a part it fits its column
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


def queue(client_id: int, draft: Draft, *, person_id: int | None = None) -> Message:
    """Accept a text: fix its price, set the money aside, hand it to the carrier afterwards.

    All in the caller's transaction, so a client never pays for a message that was not stored.
    The same reference again is the message that is there already, whatever its text; of a text in
    parts it is the first. Raises InvalidInput (``sender``, ``recipient``, ``text``, ``files``),
    InsufficientBalance, or Refused when the client is suspended.
    """
    _check_reference(draft.reference)
    limits.one_at_a_time(client_id)  # the same text twice at once: the second finds the first
    if already := by_reference(client_id, draft.reference):
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
        own_reference = reference_of(reference, part)
        own = {"public_id": new_public_id(), "text": text, "part": part}
        new = insert_once(Message, values | own | {"reference": own_reference})
        message = by_reference(client_id, own_reference)
        assert message is not None
        if not new:
            return message
        hold(message)
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
    return by_reference(client_id, reference) is not None


def may_text(client_id: int, sub_account_id: int | None) -> bool:
    """May a client send from a number of this sub-account? One of none goes by all of them."""
    try:
        return entitlements.allowed(Service.SMS_MMS, client_id, sub_account_id)
    except NotFound:  # unlinked meanwhile
        return entitlements.allowed(Service.SMS_MMS, client_id)


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
    if already := by_reference(client_id, reference):
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


def _check_reference(reference: str) -> None:
    """An empty one would make every message the same one."""
    is_sane = 0 < len(reference) <= _LONGEST_REFERENCE and reference.isprintable()
    if not is_sane or PART_MARK in reference:
        raise InvalidInput("This form is out of date. Open the page again.", field="reference")


def _may_send(client_id: int, number: str) -> numbers.DidOwner:
    """The number it goes out from; raises what forbids it."""
    if client_facts(client_id).status is not ClientStatus.ACTIVE:
        raise Refused("Your account is suspended. Add funds to send messages.", code="suspended")
    sender = _sender(client_id, number)
    is_off = not number_texts.is_on(client_id, sender.did_id)
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


def _parts_that_failed_with(message: Message) -> Iterator[Message]:
    following = next_part(message)
    while following is not None and following.state == MessageState.FAILED:
        yield following
        following = next_part(following)
