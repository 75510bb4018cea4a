"""Faxes and what they are made of: documents, files, pages, folders, and what happened to them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core import clock
from portal.core.db import (
    Base,
    BigId,
    DidOwned,
    ResellerOwned,
    SharedByTeam,
    new_public_id,
)
from portal.core.money import Money


class FaxDocument(DidOwned, Base):
    """What is sent: files and their pages, shared by all faxes of one sending. Sealed once sent.

    ``pdf`` is the pages without covers as the carrier gets them, made by the first fax that goes
    out; ``pdf_digest`` is its SHA-256.
    """

    __tablename__ = "fax_documents"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    did_id: Mapped[int] = mapped_column(ForeignKey("dids.id"))
    quality: Mapped[str] = mapped_column(String(8), default="fine")  # fine, standard
    paper: Mapped[str] = mapped_column(String(6), default="letter")  # letter, a4
    pdf: Mapped[str] = mapped_column(String(60), default="")
    pdf_digest: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    sealed_at: Mapped[datetime | None]


class FaxFolder(SharedByTeam, Base):
    """A folder that a client made. ``folded_name`` is the name in small letters without accents."""

    __tablename__ = "fax_folders"
    __table_args__ = (UniqueConstraint("reseller_id", "client_id", "folded_name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    name: Mapped[str] = mapped_column(String(40))
    folded_name: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class Fax(DidOwned, Base):
    """One fax, in or out, from its draft to its end.

    ``reference`` is the browser's id of a send: it happens once. Rate, pulse and exchange rate are
    what was in force when it was accepted (out) or began (in); ``price`` is what is held while its
    end is open and what was charged afterwards. ``told_by_id`` is the webhook that told of it.
    """

    __tablename__ = "faxes"
    __table_args__ = (
        UniqueConstraint("reseller_id", "client_id", "reference"),
        UniqueConstraint("reseller_id", "direction", "carrier_ref"),
        Index("ix_faxes_client_time", "reseller_id", "client_id", "at", "id"),
        Index("ix_faxes_reseller_time", "reseller_id", "at", "id"),
        Index("ix_faxes_document", "document_id"),
        Index("ix_faxes_state", "state"),
        Index("ix_faxes_handed_over_at", "handed_over_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    direction: Mapped[str] = mapped_column(String(4))  # in, out
    state: Mapped[str] = mapped_column(String(10))
    did_id: Mapped[int] = mapped_column(ForeignKey("dids.id"))
    did_link_id: Mapped[int | None] = mapped_column(ForeignKey("did_links.id"))
    document_id: Mapped[int | None] = mapped_column(ForeignKey("fax_documents.id"))
    folder_id: Mapped[int | None] = mapped_column(ForeignKey("fax_folders.id"))
    contact: Mapped[str] = mapped_column(String(20), default="")  # E.164; empty in a draft
    contact_name: Mapped[str] = mapped_column(String(80), default="")
    subject: Mapped[str] = mapped_column(String(120), default="")
    cover: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    recipients: Mapped[list[dict[str, str]] | None] = mapped_column(JSON)  # of a draft, as typed
    searched: Mapped[str] = mapped_column(String(400), default="")  # folded, for the search
    pages: Mapped[int] = mapped_column(default=0)
    pages_done: Mapped[int] = mapped_column(default=0)
    seconds: Mapped[int] = mapped_column(default=0)
    billed_seconds: Mapped[int] = mapped_column(default=0)
    price: Mapped[Money] = mapped_column(default=lambda: Money(0))
    rate_e8: Mapped[int] = mapped_column(BigInteger, default=0)
    pulse_seconds: Mapped[int] = mapped_column(default=6)
    package: Mapped[str] = mapped_column(String(80), default="")  # whose pulse it is
    exchange_e8: Mapped[int | None] = mapped_column(BigInteger)
    carrier_cost_e8: Mapped[int] = mapped_column(BigInteger, default=0)
    cost: Mapped[Money] = mapped_column(default=lambda: Money(0))
    worksheet: Mapped[str] = mapped_column(Text, default="")
    pdf: Mapped[str] = mapped_column(String(60), default="")  # names in the store
    pdf_bytes: Mapped[int] = mapped_column(default=0)
    report: Mapped[str] = mapped_column(String(60), default="")
    reference: Mapped[str | None] = mapped_column(String(80))
    carrier_ref: Mapped[str | None] = mapped_column(String(40))
    told_by_id: Mapped[int | None] = mapped_column(ForeignKey("inbound_faxes.id"), unique=True)
    error_code: Mapped[str] = mapped_column(String(40), default="")
    error_page: Mapped[int] = mapped_column(default=0)
    holds: Mapped[int] = mapped_column(default=0)  # how often money was set aside for it
    lease_number: Mapped[int] = mapped_column(default=0)
    attempt: Mapped[int] = mapped_column(default=0)
    retries_left: Mapped[int] = mapped_column(default=0)
    retry_minutes: Mapped[int] = mapped_column(default=0)
    sent_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime] = mapped_column(default=clock.now)
    due_at: Mapped[datetime | None]
    handed_over_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]  # when the carrier took this attempt
    finished_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    binned_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]


class FaxFile(DidOwned, Base):
    """One file that was uploaded for a document; converted by a job, never in the web process."""

    __tablename__ = "fax_files"
    __table_args__ = (Index("ix_fax_files_document", "document_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("fax_documents.id"))
    did_id: Mapped[int] = mapped_column(ForeignKey("dids.id"))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(12), default="")
    size_bytes: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(200), default="")
    stored_as: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class FaxPage(DidOwned, Base):
    """One page: of a document (``file_id`` says of which file), or the cover of one fax.

    ``picture`` is the black and white page as it is sent, ``view`` and ``thumb`` are for screens.
    """

    __tablename__ = "fax_pages"
    __table_args__ = (
        Index("ix_fax_pages_document", "document_id", "position"),
        Index("ix_fax_pages_fax", "fax_id"),
        UniqueConstraint("file_id", "number"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    did_id: Mapped[int] = mapped_column(ForeignKey("dids.id"))
    document_id: Mapped[int | None] = mapped_column(ForeignKey("fax_documents.id"))
    file_id: Mapped[int | None] = mapped_column(ForeignKey("fax_files.id"))
    fax_id: Mapped[int | None] = mapped_column(ForeignKey("faxes.id"))
    number: Mapped[int]  # in its file
    position: Mapped[int]  # in the document
    left_out: Mapped[bool] = mapped_column(default=False)
    picture: Mapped[str] = mapped_column(String(60), default="")
    view: Mapped[str] = mapped_column(String(60), default="")
    thumb: Mapped[str] = mapped_column(String(60), default="")
    width: Mapped[int] = mapped_column(default=0)
    height: Mapped[int] = mapped_column(default=0)


class FaxEvent(DidOwned, Base):
    """One entry of a fax's timeline."""

    __tablename__ = "fax_events"
    __table_args__ = (Index("ix_fax_events_fax", "fax_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    fax_id: Mapped[int] = mapped_column(ForeignKey("faxes.id"))
    did_id: Mapped[int] = mapped_column(ForeignKey("dids.id"))
    kind: Mapped[str] = mapped_column(String(12))
    attempt: Mapped[int] = mapped_column(default=1)
    page: Mapped[int] = mapped_column(default=0)
    pages: Mapped[int] = mapped_column(default=0)
    code: Mapped[str] = mapped_column(String(40), default="")
    carrier_ref: Mapped[str] = mapped_column(String(40), default="")  # of an attempt that is over
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime] = mapped_column(default=clock.now)


class FaxSettings(SharedByTeam, Base):
    """How often a client's faxes are tried again, after how long, and how long they are kept."""

    __tablename__ = "fax_settings"
    __table_args__ = (UniqueConstraint("reseller_id", "client_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    retries: Mapped[int] = mapped_column(default=2)
    retry_minutes: Mapped[int] = mapped_column(default=5)
    keep_days: Mapped[int | None]  # None: until somebody deletes them


class FaxMailWish(SharedByTeam, Base):
    """When one of a client's people wants a mail about the end of a fax."""

    __tablename__ = "fax_mail_wishes"
    __table_args__ = (UniqueConstraint("reseller_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    wish: Mapped[str] = mapped_column(String(8))


class InboundFax(ResellerOwned, Base):
    """What the carrier's webhook brought, stored before it is answered and handled afterwards."""

    __tablename__ = "inbound_faxes"
    __table_args__ = (Index("ix_inbound_faxes_same", "reseller_id", "digest"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    sender: Mapped[str] = mapped_column(String(40), default="")
    sender_name: Mapped[str] = mapped_column(String(80), default="")
    recipient: Mapped[str] = mapped_column(String(40), default="")
    digest: Mapped[str] = mapped_column(String(64), default="")  # SHA-256 of file and numbers
    stored_as: Mapped[str] = mapped_column(String(60), default="")
    received_at: Mapped[datetime] = mapped_column(default=clock.now)
    handled_at: Mapped[datetime | None]
    problem: Mapped[str] = mapped_column(String(200), default="")


class StrayFax(ResellerOwned, Base):
    """A fax for a number that no client had: kept for the reseller, charged to nobody."""

    __tablename__ = "stray_faxes"
    __table_args__ = (
        UniqueConstraint("reseller_id", "carrier_ref"),
        UniqueConstraint("told_by_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    carrier_ref: Mapped[str | None] = mapped_column(String(40))
    told_by_id: Mapped[int | None] = mapped_column(ForeignKey("inbound_faxes.id"))
    did_number: Mapped[str] = mapped_column(String(20))
    contact: Mapped[str] = mapped_column(String(20))
    contact_name: Mapped[str] = mapped_column(String(80), default="")
    pages: Mapped[int] = mapped_column(default=0)
    pdf: Mapped[str] = mapped_column(String(60), default="")
    at: Mapped[datetime]
