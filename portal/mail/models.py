"""Mails as they were written, waiting or sent; and which ones a reseller leaves out."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core import clock
from portal.core.db import Base, BigId, ClientOwned, ResellerOwned, new_public_id
from portal.mail.values import MailState, Security


class OutgoingMail(ClientOwned, Base):
    """One mail. Its text may hold a reset link, so it is emptied once the mail is old."""

    __tablename__ = "outgoing_mails"
    __table_args__ = (
        Index("ix_outgoing_mails_latest", "reseller_id", "id"),
        Index("ix_outgoing_mails_state", "reseller_id", "state"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    name: Mapped[str] = mapped_column(String(40))
    sender: Mapped[str] = mapped_column(String(254))
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(8), default=MailState.QUEUED)
    # The link in the text: its time starts anew when the mail leaves.
    token_id: Mapped[int | None] = mapped_column(
        ForeignKey("one_time_tokens.id", ondelete="SET NULL")
    )
    # A PDF of the store; when it is gone by then, the mail leaves without it.
    attached: Mapped[str] = mapped_column(String(60), default="")
    attached_name: Mapped[str] = mapped_column(String(120), default="")
    lease_number: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    sent_at: Mapped[datetime | None]
    tried_since: Mapped[datetime | None]  # when staff had it tried again; else since it was written


class MailServer(ResellerOwned, Base):
    """A reseller's own way out for mails, and how it does. The password is sealed for this row."""

    __tablename__ = "mail_servers"
    __table_args__ = (UniqueConstraint("reseller_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    host: Mapped[str] = mapped_column(String(253))
    port: Mapped[int]
    security: Mapped[str] = mapped_column(String(8), default=Security.STARTTLS)
    username: Mapped[str] = mapped_column(String(254), default="")
    sealed_password: Mapped[str] = mapped_column(Text, default="")
    sender_address: Mapped[str] = mapped_column(String(254))
    sender_name: Mapped[str] = mapped_column(String(120), default="")
    last_ok_at: Mapped[datetime | None]
    problem: Mapped[str] = mapped_column(String(20), default="")
    said: Mapped[str] = mapped_column(String(300), default="")  # the server's own words
    failing_since: Mapped[datetime | None]


class MailSwitch(ResellerOwned, Base):
    """Whether a mail is written at all; without a row it is."""

    __tablename__ = "mail_switches"
    __table_args__ = (UniqueConstraint("reseller_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    is_on: Mapped[bool]
