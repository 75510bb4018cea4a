"""What the telephone network writes into texts, made harmless: pure functions."""

from __future__ import annotations

import re
import unicodedata

# Invisible characters that reorder or hide text; the joiners that emoji need stay.
_TRICKS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
_SPACES = re.compile(r"\s+")
_NUMBER_CHARS = re.compile(r"[^0-9+*#]")
_NORTH_AMERICAN = re.compile(r"\+?1?([2-9][0-9]{9})")


def line(value: object, limit: int) -> str:
    """One line of text without control characters, at most `limit` characters."""
    return _SPACES.sub(" ", body(value, limit * 4)).strip()[:limit].rstrip()


def body(value: object, limit: int) -> str:
    """Several lines: as `line`, but newlines and tabs stay."""
    if value is None or isinstance(value, bool | dict | list):
        return ""
    raw = str(value)[: limit * 2].replace("\r\n", "\n").replace("\r", "\n")
    if raw.isascii() and raw.isprintable():  # almost all of it
        return raw[:limit]
    return "".join(char for char in raw if _harmless(char))[:limit]


def unescaped(text: str) -> str:
    """Undo the quotes that the carrier's PHP escapes in message texts."""
    return text.replace("\\'", "'").replace('\\"', '"')


def number(value: object) -> str:
    """One spelling of a telephone number: ten digits in North America, else what was dialled.

    Short codes, foreign numbers with + or 011, star codes stay as they are; withheld is "".
    """
    text = line(value, 60)
    digits = _NUMBER_CHARS.sub("", text)
    found = _NORTH_AMERICAN.fullmatch(digits)
    return found[1] if found else digits[:40]


def party(value: object) -> str:
    """The far end of a call: a number in one spelling, or an account's or device's name."""
    text = line(value, 80)
    return text if re.search(r"[A-Za-z_@]", text) else number(text)


def caller(value: object) -> tuple[str, str]:
    """Name and number out of `"John Doe" <5551112222>` in all its spellings."""
    text = unescaped(line(value, 160))
    before, bracket, after = text.rpartition("<")
    if bracket:
        name, digits = before, after.split(">")[0]
    elif re.fullmatch(r"[0-9+*#() .\-]+", text):
        name, digits = "", text
    else:
        name, digits = text, ""
    return name.strip(" \"'")[:80], number(digits)


def _harmless(char: str) -> bool:
    if char in "\n\t":
        return True
    # Cs are halves of characters, which no database takes; Co and Cn have no meaning here.
    return unicodedata.category(char) not in ("Cc", "Cs") and char not in _TRICKS
