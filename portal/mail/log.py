"""Which mails were written, what became of each, and having one sent again."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, update

from portal.core import clock
from portal.core.db import only_one, session
from portal.core.errors import NotFound, Refused
from portal.core.queue import enqueue
from portal.core.sentences import N_
from portal.mail.models import OutgoingMail
from portal.mail.servers import try_server_now
from portal.mail.service import WITH_LINKS
from portal.mail.values import MailName, MailState
from portal.tasks import SEND_MAIL

PAGE_ROWS = 50
# Their subjects tell what somebody wrote to a client, or what a text was about.
_PRIVATE = (MailName.TEXT_COPY, MailName.NEWS, MailName.NOTICE)


@dataclass(frozen=True, slots=True)
class LoggedMail:
    """A mail in the log. ``said`` is the server's answer or what went wrong, in its own words.

    ``can_be_sent``: its text is still kept, and nothing in it works only once.
    """

    public_id: uuid.UUID
    client_id: int | None
    name: str
    recipient: str
    subject: str
    state: MailState
    said: str
    attached_name: str
    created_at: datetime
    sent_at: datetime | None
    can_be_sent: bool


@dataclass(frozen=True, slots=True)
class LogPage:
    """Some mails, the newest first; ``older`` is the cursor of the next page, empty at the end."""

    rows: list[LoggedMail]
    older: str


def log(
    *, text: str = "", state: str = "", client_id: int | None = None, after: str = ""
) -> LogPage:
    """Mails of the bound reseller whose address or subject has the text in it."""
    conditions: list[ColumnElement[bool]] = []
    if text:
        conditions.append(
            or_(
                OutgoingMail.recipient.icontains(text, autoescape=True),
                OutgoingMail.subject.icontains(text, autoescape=True)
                & OutgoingMail.name.not_in([one.value for one in _PRIVATE]),
            )
        )
    if state in set(MailState):
        conditions.append(OutgoingMail.state == state)
    if client_id is not None:
        conditions.append(OutgoingMail.client_id == client_id)
    if after.isascii() and after.isdigit():
        conditions.append(OutgoingMail.id < int(after[:18]))
    rows = session().scalars(
        select(OutgoingMail)
        .where(*conditions)
        .order_by(OutgoingMail.id.desc())
        .limit(PAGE_ROWS + 1)
    )
    found = list(rows)
    shown = found[:PAGE_ROWS]
    older = str(shown[-1].id) if len(found) > PAGE_ROWS else ""
    return LogPage([_logged(row) for row in shown], older)


def send_again(public_id: uuid.UUID) -> LoggedMail:
    """Have one mail sent again as it was written; twice at once is once. In a transaction.

    Refused when it is waiting already, when its text is forgotten, or when its link works once only.
    """
    row = session().scalar(select(OutgoingMail).where(OutgoingMail.public_id == public_id))
    if row is None:
        raise NotFound("There is no such mail.")
    if row.state == MailState.QUEUED:
        raise Refused(N_("This mail is on its way."), code="waiting")
    if not _can_be_sent(row):
        raise Refused(N_("Its text is forgotten, or its link works once only."), code="spent")
    mine = only_one(
        update(OutgoingMail)
        .where(OutgoingMail.id == row.id, OutgoingMail.state == row.state)
        .values(state=MailState.QUEUED, tried_since=clock.now(), lease_until=None, last_error="")
    )
    if not mine:
        raise Refused(N_("This mail is on its way."), code="waiting")
    try_server_now()
    enqueue(SEND_MAIL, mail_id=row.id)
    return _logged(row)


def _logged(row: OutgoingMail) -> LoggedMail:
    return LoggedMail(
        row.public_id, row.client_id, row.name, row.recipient,
        "" if row.name in _PRIVATE else row.subject,
        MailState(row.state), row.last_error, row.attached_name, row.created_at, row.sent_at,
        _can_be_sent(row),
    )  # fmt: skip


def _can_be_sent(row: OutgoingMail) -> bool:
    return bool(row.text) and row.state != MailState.QUEUED and row.name not in WITH_LINKS
