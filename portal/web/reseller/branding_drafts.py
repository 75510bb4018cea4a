"""A draft as one word in an address: it reaches the frames of the editor without being stored.

Whoever changes the word sees a changed picture, and nothing else: it is shown to staff alone.
"""

from __future__ import annotations

import base64
import json
import uuid

from flask import abort

from portal.branding import Look, Theme, read_pictures, stored_pictures
from portal.core.errors import NotFound

_LONGEST = 8_000


def word_of(look: Look) -> str:
    """The look as letters and digits that every address may hold."""
    values = {
        "title": look.title,
        "claim": look.claim,
        "text": look.claim_text,
        "theme": look.theme.word,
        "pictures": stored_pictures(look.pictures),
    }
    raw = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def look_of(word: str) -> Look:
    """The look of such a word; 404 for anything else."""
    try:
        if len(word) > _LONGEST:
            raise ValueError("longer than any look")
        values = json.loads(base64.urlsafe_b64decode(word + "=" * (-len(word) % 4)))
        pictures = read_pictures(values["pictures"])
        sizes = [size for one in pictures.values() for size in (one.width, one.height)]
        if not all(isinstance(size, int) for size in sizes):
            raise ValueError("a size is no number")
        look = Look(
            str(values["title"])[:80],
            Theme.from_word(values["theme"]),
            pictures,
            str(values["claim"])[:120],
            str(values["text"])[:300],
        )
        word_of(look)  # raises when it holds half a letter, which no page can say
        return look
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        abort(404)


def theme_of(word: str) -> Theme | None:
    """The colours of such a word; None for anything else."""
    try:
        return Theme.from_word(word)
    except ValueError:
        return None


def version_id(text: str) -> uuid.UUID:
    """The public id in an address; NotFound when it is none."""
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise NotFound("This version does not exist.") from error
