"""Reads of mails: what the outbox of an installation without a mail server shows."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from portal.core.db import session
from portal.mail.models import OutgoingMail
from portal.mail.values import MailRow, MailState

_NOT_SENT = (MailState.KEPT, MailState.QUEUED, MailState.FAILED)


def kept_mails(*, limit: int = 50) -> list[MailRow]:
    """The mails of the bound scope that nobody will send, newest first."""
    return _newest((MailState.KEPT,), limit)


def unsent_mails(*, limit: int = 50) -> list[MailRow]:
    """The mails of the bound scope that were not sent: kept, waiting or refused; newest first."""
    return _newest(_NOT_SENT, limit)


def unsent_mail(number: int) -> MailRow | None:
    """One of ``unsent_mails`` by its number."""
    row = session().scalar(
        select(OutgoingMail).where(OutgoingMail.id == number, OutgoingMail.state.in_(_NOT_SENT))
    )
    return None if row is None else _row(row)


def _newest(states: Iterable[MailState], limit: int) -> list[MailRow]:
    found = session().scalars(
        select(OutgoingMail)
        .where(OutgoingMail.state.in_(states))
        .order_by(OutgoingMail.id.desc())
        .limit(limit)
    )
    return [_row(row) for row in found]


def _row(row: OutgoingMail) -> MailRow:
    return MailRow(
        number=row.id,
        public_id=row.public_id,
        name=row.name,
        recipient=row.recipient,
        subject=row.subject,
        text=row.text,
        state=row.state,
        created_at=row.created_at,
    )
