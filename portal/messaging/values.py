"""Words and values of text messages."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from portal.core.money import Money
from portal.rating.messages import Choice


class MessageState(StrEnum):
    """What became of a message. UNKNOWN: it may have gone out; it is looked up, never sent again."""

    QUEUED = "queued"
    SENDING = "sending"
    UNKNOWN = "unknown"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    RECEIVED = "received"


class FileState(StrEnum):
    """Where a file of a message is: to be fetched, kept, lost at the carrier, or not let in."""

    WAITING = "waiting"
    HERE = "here"
    GONE = "gone"
    REFUSED = "refused"


class ConsentChange(StrEnum):
    """What became of a contact's consent."""

    STOPPED = "stopped"
    ALLOWED = "allowed"


class Source(StrEnum):
    """Who said so: the contact by a text, or somebody who wrote it down for them."""

    CONTACT = "contact"
    CLIENT = "client"
    STAFF = "staff"


UNSETTLED = (MessageState.QUEUED, MessageState.SENDING, MessageState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Draft:
    """A text somebody wants to send. ``sender`` and ``recipient`` in E.164.

    ``reference`` is made by the browser (or API): the same reference is the same message.
    ``files`` are uploads of the person who sends; with one it is an MMS. ``send_as`` says what a text
    of more than 160 bytes becomes: one MMS, or several SMS.
    """

    sender: str
    recipient: str
    text: str
    reference: str
    files: tuple[uuid.UUID, ...] = ()
    send_as: Choice = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message claimed by one run of the job, as values: no row, no transaction stays open."""

    message_id: int
    lease_number: int
    sender: str
    recipient: str
    text: str
    at: datetime
    kind: str = "sms"
    files: tuple[FileRow, ...] = ()


class FileRow(NamedTuple):
    """A file of a message or an upload, as it is kept."""

    public_id: uuid.UUID
    state: str
    name: str
    mime: str
    bytes: int
    width: int
    height: int
    stored_as: str
    thumbnail_as: str
    problem: str

    @property
    def is_picture(self) -> bool:
        """Can it be shown in place?"""
        return self.mime.startswith("image/")

    @property
    def is_sound(self) -> bool:
        """Can it be played in place?"""
        return self.mime.startswith("audio/")


class Show(StrEnum):
    """Which conversations a list holds. What is archived stands nowhere else."""

    OPEN = "open"
    UNREAD = "unread"
    MINE = "mine"
    UNASSIGNED = "unassigned"
    DONE = "done"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True)
class Inbox:
    """Which conversations, and what they must mention. ``person_id`` is who looks, for MINE."""

    show: Show = Show.OPEN
    text: str = ""
    own_number: str = ""
    person_id: int | None = None


class EntryKind(StrEnum):
    """What the team did in a conversation. NOTE is written, the others are told."""

    NOTE = "note"
    GIVEN = "given"
    RELEASED = "released"
    DONE = "done"
    REOPENED = "reopened"


class Arrived(NamedTuple):
    """A text that came in. ``who`` is the contact's name, or the number of somebody unknown."""

    client_id: int
    did_id: int
    conversation: uuid.UUID
    who: str
    text: str
    given_to_id: int | None


class Assignee(NamedTuple):
    """Somebody of the team who may see a conversation."""

    public_id: uuid.UUID
    name: str
    person_id: int


class EntryRow(NamedTuple):
    """A note or an event between the bubbles; names are empty for staff of the reseller."""

    public_id: uuid.UUID
    kind: str
    text: str
    person_id: int | None
    person: str
    other_id: int | None
    other: str
    at: datetime


class ConversationRow(NamedTuple):
    """One line of the list of conversations.

    ``last_state``, ``last_kind`` and ``last_id`` are of its newest text; ``found`` is the text that a search met,
    and ``found_text`` its words.
    """

    public_id: uuid.UUID
    contact: str
    contact_name: str
    own_number: str
    own_label: str
    last_at: datetime
    last_text: str
    last_direction: str
    unread: int
    is_done: bool
    is_archived: bool = False
    assigned_to_id: int | None = None
    assigned_to: str = ""
    last_state: str = ""
    last_kind: str = ""
    last_id: int = 0
    found: uuid.UUID | None = None
    found_text: str = ""

    @property
    def title(self) -> str:
        """The contact's name, or the number when there is none."""
        return self.contact_name or self.contact


class MessageRow(NamedTuple):
    """One bubble."""

    id: int
    public_id: uuid.UUID
    direction: str
    kind: str
    text: str
    state: str
    error_code: str
    reference: str | None
    price: Money
    at: datetime
    sent_by: str | None
    part: int = 1
    parts: int = 1
    time_is_ours: bool = False  # when it reached us: the carrier's date could not be right

    @property
    def is_unsettled(self) -> bool:
        """Is its outcome still open?"""
        return self.state in UNSETTLED


def plain_number(number: str) -> str:
    """A number as the carrier writes it: ten digits in North America, digits elsewhere."""
    digits = number.removeprefix("+")
    return digits[1:] if digits.startswith("1") and len(digits) == 11 else digits


class Way(StrEnum):
    """How an arrived text goes on."""

    EMAIL = "email"
    FORWARD = "forward"
    URL = "url"


class RelayState(StrEnum):
    """WAITING: not gone on yet, it is tried again. FAILED: nobody tries any more.

    TRYING: the client's system is asked right now. UNWANTED: this way was taken away meanwhile.
    """

    WAITING = "waiting"
    TRYING = "trying"
    DONE = "done"
    FAILED = "failed"
    UNWANTED = "unwanted"


class Form(StrEnum):
    """How the client's own system is told of a text."""

    GET = "get"
    JSON = "json"
    FORM = "form"


@dataclass(frozen=True, slots=True)
class NumberSettings:
    """What a client wants done with the texts that arrive at a number; empty words are nothing."""

    number: str
    is_on: bool = True
    email: str = ""
    forward_to: str = ""
    callback_url: str = ""
    callback_form: Form = Form.GET
    give_up_hours: int = 24
    secret: str = field(default="", repr=False)


class RelayRow(NamedTuple):
    """One line of a number's log; without a contact it was a test."""

    id: int
    public_id: uuid.UUID
    created_at: datetime
    way: str
    state: str
    attempts: int
    last_answer: str
    tried_at: datetime | None
    contact: str | None
    conversation: uuid.UUID | None


def printable(text: str) -> str:
    """What another system said, fit for a line of a log."""
    return "".join(one for one in " ".join(text.split())[:200] if one.isprintable())
