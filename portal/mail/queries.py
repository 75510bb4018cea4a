"""Reads of mails: what the outbox of an installation without a mail server shows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import and_, func, or_, select

from portal.core import clock
from portal.core.db import session
from portal.mail.models import OutgoingMail
from portal.mail.values import MailRow, MailState, Undelivered

_NOT_SENT = (MailState.KEPT, MailState.QUEUED, MailState.FAILED)

# A mail that waits this long is worth a look; before that it is a server that was busy.
_LATE = timedelta(minutes=15)


def undelivered() -> Undelivered:
    """How many mails of the bound reseller were given up, and how many are late."""
    late = and_(
        OutgoingMail.state == MailState.QUEUED, OutgoingMail.created_at < clock.now() - _LATE
    )
    rows = session().execute(
        select(OutgoingMail.state, func.count())
        .where(or_(OutgoingMail.state == MailState.FAILED, late))
        .group_by(OutgoingMail.state)
    )
    counts = {row[0]: row[1] for row in rows}
    return Undelivered(counts.get(MailState.FAILED, 0), counts.get(MailState.QUEUED, 0))


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
