"""Text as people type it, in the one spelling that is stored and compared."""

from __future__ import annotations

import unicodedata


def one_line(text: str) -> str:
    """On one line, single spaces, without control characters: fit for a field or a mail header."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def folded(text: str) -> str:
    """Without accents and capitals, as one searches."""
    apart = unicodedata.normalize("NFKD", one_line(text).casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def spelled_alike(email: str) -> str:
    """The spelling under which an e-mail address is compared; never refuses, for login forms."""
    return one_line(email).lower()[:254]
