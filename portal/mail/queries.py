"""Reads of mails: what the outbox page of an installation without a mail server shows."""

from __future__ import annotations

from sqlalchemy import select

from portal.core.db import session
from portal.mail.models import OutgoingMail
from portal.mail.values import MailRow, MailState


def kept_mails(*, limit: int = 50) -> list[MailRow]:
    """The mails of the bound scope that nobody sent, newest first."""
    found = session().scalars(
        select(OutgoingMail)
        .where(OutgoingMail.state == MailState.KEPT)
        .order_by(OutgoingMail.id.desc())
        .limit(limit)
    )
    return [
        MailRow(
            public_id=mail.public_id,
            name=mail.name,
            recipient=mail.recipient,
            subject=mail.subject,
            text=mail.text,
            state=mail.state,
            created_at=mail.created_at,
        )
        for mail in found
    ]
