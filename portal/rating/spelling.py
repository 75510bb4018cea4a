"""Characters that cost a text more than one byte, and how they can be spelled with fewer."""

from __future__ import annotations

import unicodedata
from typing import Final, NamedTuple

from portal.rating.messages import byte_count

# Only spellings that mean the same and are shorter in UTF-8: three dots cost what "…" does.
CHEAPER: Final[dict[str, str]] = {
    **dict.fromkeys("‘’‚‛′´ʼ‹›", "'"),
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys("\u00a0\u2002\u2003\u2007\u2009\u200a\u202f", " "),
    **dict.fromkeys("\u00ad\u200b\u2060\ufeff", ""),
    "•": "*", "·": ".", "×": "x", "ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl",
}  # fmt: skip
_FIRST_MARK, _LAST_MARK = "\u0300", "\u036f"


class Costly(NamedTuple):
    """A character of a text that costs more than one byte each time."""

    character: str
    bytes: int
    times: int


def costly(text: str) -> list[Costly]:
    """The characters that cost more than one byte, each once, in the order they appear."""
    times: dict[str, int] = {}
    for character in text:
        if character > "\x7f":
            times[character] = times.get(character, 0) + 1
    return [Costly(one, byte_count(one), count) for one, count in times.items()]


def cheaper(text: str, *, accents: bool = False) -> str:
    """The same words with fewer bytes; letters lose their accents only when asked."""
    spelled = "".join(CHEAPER.get(character, character) for character in text)
    return "".join(_plain(character) for character in spelled) if accents else spelled


def _plain(character: str) -> str:
    """A letter without its accents, when it is a letter of ASCII then."""
    bare = "".join(
        one
        for one in unicodedata.normalize("NFD", character)
        if not _FIRST_MARK <= one <= _LAST_MARK
    )
    return bare if bare.isascii() else character
