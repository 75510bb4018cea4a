"""How a reseller's portal looks."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core import clock
from portal.core.db import Base, BigId, ResellerOwned, new_public_id


class ThemeVersion(ResellerOwned, Base):
    """The colours of one brand version; the newest published one is in use."""

    __tablename__ = "theme_versions"
    __table_args__ = (UniqueConstraint("reseller_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    version: Mapped[int]
    title: Mapped[str] = mapped_column(String(80))
    colours: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    claim: Mapped[str] = mapped_column(String(120), default="")  # the statement beside the login
    claim_text: Mapped[str] = mapped_column(String(300), default="")
    pictures: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # place to ShownPicture
    published_at: Mapped[datetime] = mapped_column(default=clock.now)
    published_by: Mapped[str] = mapped_column(String(120), default="")


class Picture(ResellerOwned, Base):
    """A picture made anew from what a reseller sent; its file lies in the instance folder."""

    __tablename__ = "pictures"
    __table_args__ = (UniqueConstraint("reseller_id", "purpose", "digest"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    name: Mapped[str] = mapped_column(String(120))
    purpose: Mapped[str] = mapped_column(String(16))
    media_type: Mapped[str] = mapped_column(String(20))
    ending: Mapped[str] = mapped_column(String(4))
    width: Mapped[int]
    height: Mapped[int]
    size_bytes: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))  # sha256 of what is kept
    stored_as: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class TextColours(ResellerOwned, Base):
    """Free colours in a reseller's texts: the brand's style sheet has a class for each."""

    __tablename__ = "text_colours"
    __table_args__ = (UniqueConstraint("reseller_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    colours: Mapped[list[str]] = mapped_column(JSON, default=list)
