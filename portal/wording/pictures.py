"""The reseller's own pictures, as texts show them."""

from __future__ import annotations

import uuid

from portal import branding
from portal.wording.document import Document
from portal.wording.render import Shown


def missing_pictures(document: Document) -> frozenset[uuid.UUID]:
    """Pictures of a text that the bound reseller does not have."""
    return document.pictures - set(shown_pictures(document, base=""))


def shown_pictures(document: Document, *, base: str) -> dict[uuid.UUID, Shown]:
    """The pictures of a text by id; ``base`` is what their addresses begin with."""
    if not document.pictures:
        return {}
    return {
        one.public_id: Shown(base + one.path, one.width, one.height)
        for one in branding.list_pictures()
        if one.public_id in document.pictures
    }
