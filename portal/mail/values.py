"""Words of mail: which mails there are, and what became of one."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class MailState(StrEnum):
    """KEPT: no mail server is configured, so it is read with ``portal mails``."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    KEPT = "kept"


class MailName(StrEnum):
    """Every mail the portal writes; the folder of its templates is called the same."""

    RESET_PASSWORD = "reset_password"
    PASSWORD_WAS_RESET = "password_was_reset"
    LOW_BALANCE = "low_balance"
    SUSPENDED = "suspended"
    RESUMED = "resumed"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets a mail, in which language; ``client_id`` when it belongs to a client's account."""

    email: str
    first_name: str
    last_name: str
    language: str
    client_id: int | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A mail in words, before it is queued."""

    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ClaimedMail:
    """A mail that this process alone may send until its lease ends."""

    id: int
    public_id: uuid.UUID
    sender: str
    recipient: str
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)
    written_at: datetime
    lease_number: int


@dataclass(frozen=True, slots=True)
class MailRow:
    """A mail as the operator's list shows it; ``number`` is for the command line only."""

    number: int
    public_id: uuid.UUID
    name: str
    recipient: str
    subject: str
    text: str = field(repr=False)
    state: str
    created_at: datetime
