"""A reseller's brand as it is published now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from portal.branding.css import Theme, stylesheet_hash
from portal.branding.css import stylesheet as stylesheet_of
from portal.branding.models import TextColours, ThemeVersion
from portal.branding.text_colours import colour_classes
from portal.core import scope
from portal.core.db import session
from portal.identity.models import Reseller


class Sheet(NamedTuple):
    """The brand's style sheet and the hash in its address."""

    text: str
    hash: str


@dataclass(frozen=True, slots=True)
class Brand:
    """The published brand: version 0 is the product's own look under the reseller's name.

    ``claim`` and ``claim_text`` stand beside the login; ``text_colours`` are in the reseller's texts.
    """

    version: int
    title: str
    theme: Theme
    claim: str
    claim_text: str
    published_at: datetime | None
    text_colours: tuple[str, ...] = ()

    @property
    def sheet(self) -> Sheet:
        """Its style sheet."""
        text = stylesheet_of(self.theme) + colour_classes(self.text_colours, self.theme)
        return Sheet(text, stylesheet_hash(text))


def current_theme() -> Brand:
    """The bound reseller's brand; the product's own before anything was published."""
    row = (
        session()
        .execute(
            select(
                ThemeVersion.version,
                ThemeVersion.title,
                ThemeVersion.colours,
                ThemeVersion.claim,
                ThemeVersion.claim_text,
                ThemeVersion.published_at,
                TextColours.colours.label("text_colours"),
            )
            .outerjoin(TextColours, TextColours.reseller_id == ThemeVersion.reseller_id)
            .order_by(ThemeVersion.version.desc())
            .limit(1)
        )
        .first()
    )
    if row is None:
        name, colours = (
            session()
            .execute(
                select(Reseller.name, TextColours.colours)
                .outerjoin(TextColours, TextColours.reseller_id == Reseller.id)
                .where(Reseller.id == scope.reseller_id())
            )
            .one()
        )
        return Brand(0, name, Theme(), "", "", None, tuple(colours or ()))
    return Brand(
        row.version,
        row.title,
        Theme.of(row.colours),
        row.claim,
        row.claim_text,
        row.published_at,
        tuple(row.text_colours or ()),
    )


def stylesheet() -> Sheet:
    """The bound reseller's style sheet, for its address."""
    return current_theme().sheet
