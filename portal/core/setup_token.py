"""The word that opens the setup page of an empty installation: shown on the console, kept as a hash."""

from __future__ import annotations

import hashlib
import secrets

# Without letters and digits that look alike.
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_GROUPS, _LETTERS_A_GROUP = 4, 5  # 99 bits
# How the supervisor tells the hash to the part that keeps it, and hears that the page is open.
ENVIRONMENT = "PORTAL_SETUP_TOKEN_HASH"
IS_OPEN = "setup_is_open"


def new() -> str:
    """A fresh one, in groups that can be read and typed."""
    return "-".join(
        "".join(secrets.choice(_LETTERS) for _ in range(_LETTERS_A_GROUP)) for _ in range(_GROUPS)
    )


def hashed(token: str) -> str:
    """What is stored instead; dashes, blanks and capitals do not matter."""
    spelled = "".join(letter for letter in token.upper()[:200] if letter.isalnum())
    return hashlib.sha256(spelled.encode("utf-8", "replace")).hexdigest()
