"""Words of faxes by e-mail."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class MailState(StrEnum):
    """What became of a mail that was to go out as a fax."""

    WAITING = "waiting"
    FAXED = "faxed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Wishes:
    """The settings of a number as its form has them."""

    takes_mail: bool = False
    senders: tuple[str, ...] = ()
    code_required: bool = True
    quality: str = "fine"
    paper: str = "letter"
    copies_to: tuple[str, ...] = ()
    copy_arrivals: bool = False
    copy_results: bool = False
    attach: bool = True


@dataclass(frozen=True, slots=True)
class Box:
    """A number's settings. ``address`` is where mails go, ``code`` what their subject must hold."""

    did: uuid.UUID
    number: str
    label: str
    address: str
    code: str
    wishes: Wishes


class ReceivedMail(NamedTuple):
    """A mail that came for a fax, as its list shows it; ``reason`` is a sentence, or empty."""

    at: datetime
    sender: str
    contact: str
    state: MailState
    reason: str
    fax: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class Work:
    """A mail that a job makes a fax of."""

    mail_id: int
    public_id: uuid.UUID
    client_id: int
    number: str
    contact: str
    subject: str
    sender: str
    stored_as: str
    quality: str
    paper: str
    draft: uuid.UUID | None
