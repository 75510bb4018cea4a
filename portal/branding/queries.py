"""A reseller's brand as it is published now, and the versions before it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import select

from portal.branding.css import Theme, stylesheet_hash
from portal.branding.css import stylesheet as stylesheet_of
from portal.branding.looks import Look, ShownPicture, read_pictures
from portal.branding.models import TextColours, ThemeVersion
from portal.branding.picture_files import Purpose
from portal.branding.text_colours import colour_classes
from portal.core import scope
from portal.core.db import session
from portal.core.errors import NotFound
from portal.identity.models import Reseller

PAGE_VERSIONS: Final = 20


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
    pictures: Mapping[Purpose, ShownPicture] = field(default_factory=dict)

    @property
    def sheet(self) -> Sheet:
        """Its style sheet."""
        return sheet_of(self.theme, self.text_colours)

    @property
    def paper_logo(self) -> ShownPicture | None:
        """The logo of papers: their own, else the login's, which is made for a light ground too."""
        return self.pictures.get(Purpose.PAPER_LOGO) or self.pictures.get(Purpose.LOGIN_LOGO)

    @property
    def look(self) -> Look:
        """What the brand editor edits."""
        return Look(self.title, self.theme, self.pictures, self.claim, self.claim_text)


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One published version."""

    public_id: uuid.UUID
    version: int
    look: Look
    published_at: datetime
    published_by: str


_COLUMNS = (
    ThemeVersion.public_id,
    ThemeVersion.version,
    ThemeVersion.title,
    ThemeVersion.colours,
    ThemeVersion.claim,
    ThemeVersion.claim_text,
    ThemeVersion.pictures,
    ThemeVersion.published_at,
    ThemeVersion.published_by,
)


def sheet_of(theme: Theme, text_colours: tuple[str, ...] = ()) -> Sheet:
    """The style sheet of any theme, with the colours of the reseller's texts."""
    text = stylesheet_of(theme) + colour_classes(text_colours, theme)
    return Sheet(text, stylesheet_hash(text))


def current_theme() -> Brand:
    """The bound reseller's brand; the product's own before anything was published."""
    row = (
        session()
        .execute(
            select(*_COLUMNS, TextColours.colours.label("text_colours"))
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
        read_pictures(row.pictures),
    )


def stylesheet() -> Sheet:
    """The bound reseller's style sheet, for its address."""
    return current_theme().sheet


def versions(*, before: int | None = None) -> list[VersionRow]:
    """Published versions, newest first, at most PAGE_VERSIONS of those before this number."""
    query = select(*_COLUMNS).order_by(ThemeVersion.version.desc()).limit(PAGE_VERSIONS)
    if before is not None:
        query = query.where(ThemeVersion.version < before)
    return [_version(row) for row in session().execute(query)]


def find_version(public_id: uuid.UUID) -> VersionRow:
    """One published version; NotFound for another reseller's."""
    row = session().execute(select(*_COLUMNS).where(ThemeVersion.public_id == public_id)).first()
    if row is None:
        raise NotFound("This version does not exist.")
    return _version(row)


def _version(row: Any) -> VersionRow:
    look = Look(
        row.title,
        Theme.of(row.colours),
        read_pictures(row.pictures),
        row.claim,
        row.claim_text,
    )
    return VersionRow(row.public_id, row.version, look, row.published_at, row.published_by)
