"""Whether a contact wants texts of a number: what they said, what was entered for them, and its log.

Every change and every claim of a text locks the same row, so the moments at which they happen are
in the order in which they hold: a text is handed over before a stop, or not at all (invariant I12).
The row comes before the wallet in every transaction that wants both.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from portal import identity
from portal.core import clock, live, phone, scope
from portal.core.db import insert_once, session
from portal.core.errors import InvalidInput, NotFound, Refused
from portal.identity import Visitor
from portal.messaging.consent_words import Wish, Word, keyword
from portal.messaging.models import Consent, ConsentEvent, Message
from portal.messaging.values import ConsentChange, Source
from portal.numbers.models import Did, DidLink

__all__ = [
    "STOPPED", "enter_consent", "hear", "is_stopped", "is_stopped_between", "keyword",
    "refuse_stopped", "stopped_of", "stops",
]  # fmt: skip

STOPPED = "stopped"
_LONGEST_REASON = 200


def is_stopped(client_id: int, did_id: int, contact: str) -> bool:
    """Has this contact asked for no more texts from this number?"""
    found = session().scalar(
        select(Consent.id).where(
            Consent.client_id == client_id,
            Consent.did_id == did_id,
            Consent.contact == contact,
            Consent.stopped_at.is_not(None),
        )
    )
    return found is not None


def stopped_of(client_id: int, did_id: int, contacts: Sequence[str]) -> set[str]:
    """Which of these want no texts from this number: one query for some hundred."""
    found = session().scalars(
        select(Consent.contact).where(
            Consent.client_id == client_id,
            Consent.did_id == did_id,
            Consent.contact.in_(contacts),
            Consent.stopped_at.is_not(None),
        )
    )
    return set(found)


def is_stopped_between(client_id: int, own_number: str, contact: str) -> bool:
    """The same by the own number, in E.164."""
    found = session().scalar(
        select(Consent.id)
        .join(Did, Did.id == Consent.did_id)
        .where(
            Consent.client_id == client_id,
            Did.number == own_number,
            Consent.contact == contact,
            Consent.stopped_at.is_not(None),
        )
    )
    return found is not None


def refuse_stopped(client_id: int, did_id: int, contact: str) -> None:
    """Raise Refused for a text to somebody who wants none."""
    if is_stopped(client_id, did_id, contact):
        raise Refused(
            "This contact has stopped texts from this number. Nothing was sent.",
            code=STOPPED, field="recipient",
        )  # fmt: skip


def stops(message: Message) -> bool:
    """Is this text to somebody who has stopped texts meanwhile? Locks that for this transaction.

    The answer to the word itself goes out all the same: it says that the word was heard.
    """
    if message.consent_word or message.client_id is None:
        return False
    return _held(message.client_id, message.did_id, message.contact).stopped_at is not None


def hear(message: Message, *, at: datetime) -> Word | None:
    """Take in what an arrived text asks for; the word, when it has an effect. Before its charge.

    A word that is older than the newest one (the carrier told late) changes nothing. To allow texts
    that were never stopped is an ordinary answer.
    """
    word = keyword(message.text)
    if word is None or message.client_id is None:
        return None
    if word.wish is Wish.HELP:
        return word
    row = _held(message.client_id, message.did_id, message.contact)
    if row.word_at is not None and at < row.word_at:
        return None
    if word.wish is Wish.START and row.stopped_at is None:
        return None
    change = ConsentChange.STOPPED if word.wish is Wish.STOP else ConsentChange.ALLOWED
    _change(
        row, change, word_at=at, source=Source.CONTACT, word=word.word, message=message.public_id
    )
    return word


def enter_consent(
    client_id: int,
    number: str,
    contact: str,
    change: ConsentChange,
    *,
    reason: str,
    by: Visitor | None = None,
) -> None:
    """Write down what a contact said elsewhere, by the client or by staff. In a transaction.

    Raises InvalidInput naming ``number``, ``contact`` or ``reason``.
    """
    reason = " ".join(reason.split())
    if not reason:
        raise InvalidInput("Say how the contact told you.", field="reason")
    if len(reason) > _LONGEST_REASON:
        raise InvalidInput("This is too long.", field="reason")
    spelled = phone.normalise(contact)
    if spelled is None:
        raise InvalidInput("Enter a number with its area code.", field="contact")
    did_id = session().scalar(
        select(Did.id)
        .join(DidLink, DidLink.did_id == Did.id)
        .where(
            DidLink.client_id == client_id,
            DidLink.valid_to.is_(None),
            Did.number == number,
        )
    )
    if did_id is None:
        raise InvalidInput("Choose one of your numbers.", field="number")
    row = _held(client_id, did_id, spelled)
    if (row.stopped_at is not None) == (change is ConsentChange.STOPPED):
        return
    of_the_client = by is None or (by.client_id is not None and not by.acting)
    source = Source.CLIENT if of_the_client else Source.STAFF
    _change(row, change, word_at=clock.now(), source=source, reason=reason, by=by)
    if source is Source.STAFF:
        identity.record(
            f"texts.{change.value}", by=by, client_id=client_id,
            contact=phone.international(spelled), number=phone.international(number), reason=reason,
        )  # fmt: skip


def _change(
    row: Consent,
    change: ConsentChange,
    *,
    word_at: datetime,
    source: Source,
    word: str = "",
    reason: str = "",
    message: uuid.UUID | None = None,
    by: Visitor | None = None,
) -> None:
    at = clock.now()  # under the lock, so that no text is handed over later
    row.stopped_at = at if change is ConsentChange.STOPPED else None
    row.word_at = word_at
    session().add(
        ConsentEvent(
            client_id=row.client_id,
            did_id=row.did_id,
            contact=row.contact,
            at=at,
            change=change,
            source=source,
            word=word,
            reason=reason,
            message=message,
            person_name=by.name if by else "",
        )
    )
    session().flush()
    assert row.client_id is not None
    live.tell("conversation-changed", client_id=row.client_id, did_id=row.did_id)


def _held(client_id: int, did_id: int, contact: str) -> Consent:
    """The row of a number and a contact, locked until this transaction ends."""
    insert_once(
        Consent,
        {
            "reseller_id": scope.reseller_id(),
            "client_id": client_id,
            "did_id": did_id,
            "contact": contact,
        },
    )
    row: Consent | None = session().scalar(
        select(Consent)
        .where(
            Consent.client_id == client_id,
            Consent.did_id == did_id,
            Consent.contact == contact,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound("There is no such number.")
    return row
