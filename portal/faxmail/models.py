"""Addresses of numbers, mails that came to them, and what was mailed about a fax."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core import clock
from portal.core.db import Base, BigId, DidOwned, new_public_id


class FaxMailBox(DidOwned, Base):
    """What a number takes and gives by e-mail. ``address`` is the name before the @, a secret."""

    __tablename__ = "fax_mail_boxes"
    __table_args__ = (UniqueConstraint("did_id", "client_id"), UniqueConstraint("address"))

    id: Mapped[int] = mapped_column(primary_key=True)
    did_id: Mapped[int] = mapped_column(ForeignKey("dids.id"))
    address: Mapped[str] = mapped_column(String(40))
    sealed_code: Mapped[str] = mapped_column(Text)
    takes_mail: Mapped[bool] = mapped_column(default=False)
    senders: Mapped[list[str]] = mapped_column(JSON)
    code_required: Mapped[bool] = mapped_column(default=True)
    quality: Mapped[str] = mapped_column(String(8), default="fine")
    paper: Mapped[str] = mapped_column(String(6), default="letter")
    copies_to: Mapped[list[str]] = mapped_column(JSON)
    copy_arrivals: Mapped[bool] = mapped_column(default=False)
    copy_results: Mapped[bool] = mapped_column(default=False)
    attach: Mapped[bool] = mapped_column(default=True)


class FaxMail(DidOwned, Base):
    """A mail that was taken for one number; ``digest`` is its Message-ID and whom it is for."""

    __tablename__ = "fax_mails"
    __table_args__ = (
        UniqueConstraint("reseller_id", "digest"),
        Index("ix_fax_mails_did", "did_id", "at"),
        Index("ix_fax_mails_fax", "fax"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    did_id: Mapped[int] = mapped_column(ForeignKey("dids.id"))
    digest: Mapped[str] = mapped_column(String(64))
    sender: Mapped[str] = mapped_column(String(254))
    contact: Mapped[str] = mapped_column(String(20))  # E.164
    subject: Mapped[str] = mapped_column(String(120), default="")
    stored_as: Mapped[str] = mapped_column(String(60))  # empty once it is faxed or refused
    state: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(String(300), default="")
    draft: Mapped[uuid.UUID | None]  # the fax while it is being made
    fax: Mapped[uuid.UUID | None]
    at: Mapped[datetime] = mapped_column(default=clock.now)
    handled_at: Mapped[datetime | None]


class FaxCopy(DidOwned, Base):
    """That something was mailed about a fax: ``what`` happens once."""

    __tablename__ = "fax_copies"
    __table_args__ = (UniqueConstraint("reseller_id", "fax_id", "what"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    did_id: Mapped[int] = mapped_column(ForeignKey("dids.id"))
    fax_id: Mapped[int] = mapped_column(ForeignKey("faxes.id"))
    what: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(default=clock.now)
