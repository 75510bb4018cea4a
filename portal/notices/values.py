"""What people are told, and how they want to be told."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo


class NoticeKind(StrEnum):
    """What happened. ``about`` of a text is its conversation, of the others the fax itself."""

    TEXT = "text"
    FAX_RECEIVED = "fax_in"
    FAX_SENT = "fax_sent"
    FAX_FAILED = "fax_failed"

    @property
    def is_fax(self) -> bool:
        return self is not NoticeKind.TEXT


@dataclass(frozen=True, slots=True)
class News:
    """Something that happened at one number of a client.

    ``who`` is a name or a number, ``text`` what they wrote, ``given_to_id`` whose conversation it is.
    """

    kind: NoticeKind
    client_id: int
    did_id: int
    about: uuid.UUID
    who: str
    text: str = ""
    given_to_id: int | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """How one person wants to be told; the hours are of the person's own zone, None for no quiet."""

    mail_texts: bool = False
    mail_faxes: bool = False
    minutes: int = 10
    push_texts: bool = True
    push_faxes: bool = True
    push_shows_text: bool = False
    only_mine: bool = False
    quiet_from: time | None = None
    quiet_until: time | None = None

    def wants_mail(self, kind: NoticeKind) -> bool:
        """By mail? How a fax ended that was sent has a mail of its own."""
        return (
            self.mail_texts
            if kind is NoticeKind.TEXT
            else (self.mail_faxes and kind is NoticeKind.FAX_RECEIVED)
        )

    def wants_push(self, kind: NoticeKind) -> bool:
        return self.push_faxes if kind.is_fax else self.push_texts

    def quiet_end(self, at: datetime, zone: str) -> datetime | None:
        """When the quiet that ``at`` lies in is over; None when it lies in none."""
        if (
            self.quiet_from is None
            or self.quiet_until is None
            or self.quiet_from == self.quiet_until
        ):
            return None
        here = ZoneInfo(zone)
        local = at.astimezone(here)
        now = local.time()
        over_night = self.quiet_from > self.quiet_until
        if over_night:
            is_quiet = now >= self.quiet_from or now < self.quiet_until
        else:
            is_quiet = self.quiet_from <= now < self.quiet_until
        if not is_quiet:
            return None
        day = local.date()
        if over_night and now >= self.quiet_from:
            day += timedelta(days=1)
        return datetime.combine(day, self.quiet_until, here).astimezone(at.tzinfo)


class NoticeRow(NamedTuple):
    """One line under the bell. ``times``: how often it happened before somebody looked."""

    kind: str
    about: uuid.UUID
    who: str
    text: str
    times: int
    at: datetime
    is_read: bool
