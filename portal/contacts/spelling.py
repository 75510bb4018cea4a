"""Names and numbers of contacts in the one spelling that is stored and looked for."""

from __future__ import annotations

import re
from collections.abc import Iterable

from portal.core import phone
from portal.core.errors import InvalidInput
from portal.identity.spelling import folded

LONGEST_KEY, LONGEST_SORT_NAME = 800, 60
_MOST_WORDS = 6
_SHORT_CODE = re.compile(r"[0-9]{3,8}")
_DIALLED = re.compile(r"\+?[0-9 ()./\-\u00a0]+")


def spelled_number(text: str, country: str = "US") -> str:
    """E.164, or a short code of 3 to 8 digits; raises InvalidInput for the field ``number``."""
    number = phone.normalise(text, default_country=country)
    if number is None:
        code = re.sub(r"[\s\-.]", "", text[:40])
        number = code if _SHORT_CODE.fullmatch(code) else None
    if number is None:
        raise InvalidInput("Enter a number with its area code.", field="number")
    return number


def search_key(name: str, company: str, email: str, numbers: Iterable[str]) -> str:
    """What the search looks through: words without accents, and the numbers."""
    words = " ".join(folded(text) for text in (name, company, email) if text)
    return f"{words[: LONGEST_KEY // 2]} {' '.join(numbers)}".strip()[:LONGEST_KEY]


def sort_name(name: str) -> str:
    """The spelling that decides the order of the list."""
    return folded(name)[:LONGEST_SORT_NAME]


def words_of(text: str) -> list[str]:
    """What somebody looks for, as pieces of a key that must all occur; a number is one piece."""
    text = text.strip()[:120]
    if _DIALLED.fullmatch(text):
        digits = re.sub(r"[^0-9]", "", text)
        return [digits] if digits else []
    return folded(text).split()[:_MOST_WORDS]
