"""How a reseller's portal looks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core import clock
from portal.core.db import Base, ResellerOwned


class ThemeVersion(ResellerOwned, Base):
    """The colours of one brand version; the newest published one is in use."""

    __tablename__ = "theme_versions"
    __table_args__ = (UniqueConstraint("reseller_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int]
    title: Mapped[str] = mapped_column(String(80))
    colours: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    claim: Mapped[str] = mapped_column(String(120), default="")  # the statement beside the login
    claim_text: Mapped[str] = mapped_column(String(300), default="")
    welcome: Mapped[str] = mapped_column(String(4000), default="")  # plain text, paragraphs kept
    published_at: Mapped[datetime] = mapped_column(default=clock.now)
