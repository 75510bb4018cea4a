"""A mail at the door: whose number it is for, whether its sender may, and is it new?

Asked by the listener while the other mail server waits, so nothing of the mail is opened but its
head. What is taken is on the disk and in the database before we say so.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from email.utils import getaddresses
from typing import Final

from sqlalchemy import func, select

from portal import identity, numbers
from portal.core import clock, phone, storage
from portal.core.db import insert_once, new_public_id, session
from portal.core.queue import enqueue
from portal.core.scope import Scope, bind, unscoped
from portal.faxmail.boxes import code_of
from portal.faxmail.models import FaxMail, FaxMailBox
from portal.faxmail.values import MailState
from portal.identity import ClientStatus, one_line
from portal.tasks import TAKE_IN_FAX_MAIL

MOST_AN_HOUR: Final = 60
_OF_ROBOTS: Final = ("list-id", "list-unsubscribe", "x-autoreply", "x-autorespond", "x-loop")
HEADS: Final = (
    "from", "subject", "message-id", "auto-submitted", "precedence", "return-path", *_OF_ROBOTS,
)  # fmt: skip
_NUMBER: Final = re.compile(r"\+?\(?\d[\d ().-]{5,24}\d")


class NotTaken(Exception):
    """The answer to the other mail server: a code of SMTP and words."""


@dataclass(frozen=True, slots=True)
class Door:
    """An address that a mail may come through. ``contact`` is the number behind its plus, or empty."""

    reseller_id: int
    client_id: int
    did_id: int
    contact: str
    recipient: str
    senders: frozenset[str]
    code: str


def knock(recipient: str, sender: str) -> Door:
    """Whose address it is, and may this sender use it? NotTaken says why not."""
    name, _, to = recipient.rpartition("@")[0].lower().partition("+")
    with unscoped("the secret address says whose number it is"):
        row = session().scalar(select(FaxMailBox).where(FaxMailBox.address == name[:40]))
    if row is None or not row.takes_mail or row.client_id is None:
        raise NotTaken("550 5.1.1 There is no such fax address")
    with bind(Scope(row.reseller_id)):
        return _door(row, recipient, to, sender)


def check(doors: Sequence[Door], heads: Mapping[str, str]) -> list[tuple[Door, str, str]]:
    """Each address with the number to fax and a subject, from the mail's own head.

    ``heads`` are the lines of HEADS that it has. All or none: a mail gets one answer.
    """
    if _is_automatic(heads):
        raise NotTaken("550 5.7.1 Automatic mails are not faxed")
    try:
        writers = {address.lower() for _, address in getaddresses([heads.get("from", "")])}
    except RecursionError:  # brackets without end
        writers = set()
    subject = one_line(heads.get("subject", ""))[:400]
    return [(door, *_aim(door, writers, subject)) for door in doors]


def keep(door: Door, contact: str, subject: str, *, sender: str, message_id: str, content: bytes) -> bool:  # fmt: skip
    """Take a mail in, in the caller's transaction; False when it came before.

    The same Message-ID for the same address is the same fax, however often it is delivered.
    """
    digest = _digest(door, contact, message_id, content)
    with bind(Scope(door.reseller_id)):
        known = select(FaxMail.id).where(FaxMail.digest == digest)
        if session().scalar(known) is not None:
            return False
        path = storage.draft(ending="eml")
        path.write_bytes(content)
        stored_as = storage.keep(path, ending="eml")
        new = insert_once(
            FaxMail,
            {
                "reseller_id": door.reseller_id,
                "client_id": door.client_id,
                "public_id": new_public_id(),
                "did_id": door.did_id,
                "digest": digest,
                "sender": sender[:254],
                "contact": contact,
                "subject": subject[:120],
                "stored_as": stored_as,
                "state": MailState.WAITING,
                "at": clock.now(),
            },
        )
        if not new:
            storage.discard(stored_as)
            return False
        enqueue(TAKE_IN_FAX_MAIL, mail_id=session().scalars(known).one())
        return True


def _door(row: FaxMailBox, recipient: str, to: str, sender: str) -> Door:
    client_id = row.client_id
    assert client_id is not None
    owner = numbers.owner_of_did(row.did_id)
    if owner is None or owner.client_id != client_id:
        raise NotTaken("550 5.1.1 There is no such fax address")
    if identity.client_facts(client_id).status is not ClientStatus.ACTIVE:
        raise NotTaken("550 5.7.1 This account sends no faxes at present")
    if sender.lower() not in row.senders:
        raise NotTaken("550 5.7.1 This sender may not write to this fax address")
    contact = ""
    if to and (contact := phone.normalise(to) or "") == "":
        raise NotTaken("550 5.1.3 Write the fax number behind the plus, like +14165550123")
    hour = clock.now() - timedelta(hours=1)
    count = session().scalar(
        select(func.count(FaxMail.id)).where(FaxMail.did_id == row.did_id, FaxMail.at > hour)
    )
    if (count or 0) >= MOST_AN_HOUR:
        raise NotTaken("450 4.7.1 Too many mails came for this number; try again later")
    code = code_of(row) if row.code_required else ""
    return Door(
        row.reseller_id, client_id, row.did_id, contact, recipient.lower(),
        frozenset(row.senders), code,
    )  # fmt: skip


def _aim(door: Door, writers: set[str], subject: str) -> tuple[str, str]:
    if not writers or not writers <= door.senders:
        raise NotTaken("550 5.7.1 This sender may not write to this fax address")
    words = subject.split()
    if door.code:
        fitting = [word for word in words if secrets.compare_digest(
            word.strip(".,;:#[]()").lower().encode(), door.code.encode()
        )]  # fmt: skip
        if not fitting:
            raise NotTaken("550 5.7.1 The subject lacks the security code of this fax address")
        words = [word for word in words if word not in fitting]
    rest = " ".join(words)
    if door.contact:
        return door.contact, rest
    for match in _NUMBER.finditer(rest):
        if (contact := phone.normalise(match[0])) is not None:
            return contact, " ".join(rest.replace(match[0], " ").split())
    raise NotTaken("550 5.1.3 Write the fax number in the subject, or behind a plus in the address")


def _is_automatic(heads: Mapping[str, str]) -> bool:
    """Answering machines, bounces and mailing lists: faxing or answering one may go round for ever."""
    told = heads.get("auto-submitted", "").strip().lower()
    return (
        told not in {"", "no"}
        or heads.get("precedence", "").strip().lower() in {"bulk", "junk", "list", "auto_reply"}
        or heads.get("return-path", "").strip() == "<>"
        or any(heads.get(name) for name in _OF_ROBOTS)
    )


def _digest(door: Door, contact: str, message_id: str, content: bytes) -> str:
    known_by = message_id.strip().encode("utf-8", "replace") or hashlib.sha256(content).digest()
    return hashlib.sha256(b"\0".join([known_by, str(door.did_id).encode(), contact.encode()])).hexdigest()  # fmt: skip
