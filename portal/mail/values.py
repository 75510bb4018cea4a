"""Words of mail: which mails there are, and what became of one."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from portal.config import Smtp


class MailState(StrEnum):
    """KEPT: no mail server is configured, so it is read with ``portal mails``."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    KEPT = "kept"
    DISMISSED = "dropped"


class Security(StrEnum):
    """How the way to a mail server is encrypted."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


class Step(StrEnum):
    """How far a mail came, in this order."""

    CONNECTED = "connected"
    ENCRYPTED = "encrypted"
    LOGGED_IN = "logged_in"
    ACCEPTED = "accepted"


class Problem(StrEnum):
    """Why a mail did not leave."""

    UNKNOWN_HOST = "unknown_host"
    FORBIDDEN = "forbidden"
    UNREACHABLE = "unreachable"
    TOO_SLOW = "too_slow"
    TLS = "tls"
    NO_STARTTLS = "no_starttls"
    NO_LOGIN = "no_login"
    LOGIN = "login"
    SENDER = "sender"
    RECIPIENT = "recipient"
    REFUSED = "refused"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class ServerDetails:
    """The mail server form, without the password, which is typed and never shown."""

    host: str
    port: int
    security: Security
    username: str
    sender_address: str
    sender_name: str


@dataclass(frozen=True, slots=True)
class ServerHealth:
    """How a reseller's own mail server does; ``problem`` is empty while the last mail left."""

    last_ok_at: datetime | None
    problem: str
    said: str
    failing_since: datetime | None


@dataclass(frozen=True, slots=True)
class WayOut:
    """The server a mail goes through. ``own``: the reseller's, which may only reach what is allowed."""

    server: Smtp
    own: bool
    sender: str = ""  # instead of the mail's, when the server is the reseller's own
    reply_to: str = ""


class MailName(StrEnum):
    """Every mail the portal writes; the folder of its templates is called the same."""

    RESET_PASSWORD = "reset_password"
    PASSWORD_WAS_RESET = "password_was_reset"
    INVITATION = "invitation"
    SECOND_STEP_ON = "second_step_on"
    SECOND_STEP_OFF = "second_step_off"
    LOW_BALANCE = "low_balance"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    EXPOSURE_STOPPED = "exposure_stopped"
    EXPOSURE_ALARM = "exposure_alarm"
    PAYMENT_RECEIVED = "payment_received"
    TOP_UP_STOPPED = "top_up_stopped"
    FAX_RESULT = "fax_result"
    SIGN_UP_VERIFY = "sign_up_verify"
    SIGN_UP_KNOWN = "sign_up_known"
    SIGN_UP_RECEIVED = "sign_up_received"
    ACCOUNT_ACTIVATED = "account_activated"
    NOTICE = "notice"
    TEXT_NOT_SENT = "text_not_sent"
    WELCOME = "welcome"
    TEXT_COPY = "text_copy"
    NEWS = "news"
    INVOICE_ISSUED = "invoice_issued"
    RECEIPT_ISSUED = "receipt_issued"
    CREDIT_NOTE_ISSUED = "credit_note_issued"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets a mail, in which language; ``client_id`` when it belongs to a client's account."""

    email: str
    first_name: str
    last_name: str
    language: str
    client_id: int | None = None
    company: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """A mail in words, before it is queued."""

    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of the store that goes along, and what it is called for the reader."""

    stored_as: str
    name: str


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
    tried_since: datetime
    lease_number: int
    attachment: Attachment | None = None


@dataclass(frozen=True, slots=True)
class Undelivered:
    """Mails that did not leave: ``failed`` were given up, ``waiting`` are late and still tried."""

    failed: int
    waiting: int


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
