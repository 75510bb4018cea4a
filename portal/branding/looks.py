"""A look: everything that is published together, and how its pictures are named in it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from portal.branding.css import Theme
from portal.branding.picture_files import Purpose
from portal.branding.pictures import PictureFacts

PLACES: Final = (
    Purpose.LOGIN_LOGO,
    Purpose.HEADER,
    Purpose.LOGIN_ART,
    Purpose.MENU_LOGO,
    Purpose.PAPER_LOGO,
)
_SQUARE = 1.6


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """A picture as a page needs it."""

    public_id: uuid.UUID
    ending: str
    width: int
    height: int

    @classmethod
    def of(cls, facts: PictureFacts) -> ShownPicture:
        """What a kept picture is on a page."""
        return cls(facts.public_id, facts.ending, facts.width, facts.height)

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> ShownPicture:
        """From a version's row."""
        return cls(
            uuid.UUID(stored["public_id"]), stored["ending"], stored["width"], stored["height"]
        )

    def stored(self) -> dict[str, object]:
        """For a version's row."""
        return {
            "public_id": str(self.public_id),
            "ending": self.ending,
            "width": self.width,
            "height": self.height,
        }

    @property
    def path(self) -> str:
        """Its address below the portal's."""
        return f"/pictures/{self.public_id}.{self.ending}"

    @property
    def is_name(self) -> bool:
        """A wide picture has the name in it; beside a square one the title is set in type."""
        return self.width > _SQUARE * self.height


@dataclass(frozen=True, slots=True)
class Look:
    """Title, colours, pictures, and the statement beside the login."""

    title: str
    theme: Theme = field(default_factory=Theme)
    pictures: Mapping[Purpose, ShownPicture] = field(default_factory=dict)
    claim: str = ""
    claim_text: str = ""


def read_pictures(stored: Mapping[str, Any]) -> dict[Purpose, ShownPicture]:
    """The pictures of a version's row, by place."""
    return {place: ShownPicture.read(stored[place]) for place in PLACES if place in stored}


def stored_pictures(pictures: Mapping[Purpose, ShownPicture]) -> dict[str, Any]:
    """The same for a row."""
    return {place.value: pictures[place].stored() for place in PLACES if place in pictures}
