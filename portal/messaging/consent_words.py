"""The words by which people stop texts, allow them again, or ask for help: pure functions."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from typing import Final, NamedTuple


class Wish(StrEnum):
    """What a text of one word asks for."""

    STOP = "stop"
    START = "start"
    HELP = "help"


class Word(NamedTuple):
    """A text that is such a word: what it asks for, and in which language where the word tells."""

    wish: Wish
    language: str
    word: str


_EN, _FR, _ES = "en", "fr", "es"
_KNOWN: Final[dict[str, tuple[Wish, str]]] = {
    # The words of the law and of the carriers stand in no language: STOP is written everywhere.
    **dict.fromkeys(("stop", "stop all", "stopall", "end", "quit", "cancel"), (Wish.STOP, "")),
    **dict.fromkeys(("unsubscribe", "revoke", "optout", "opt out", "remove me"), (Wish.STOP, _EN)),
    **dict.fromkeys(
        ("arret", "arreter", "arretez", "annuler", "desabonner", "desabonnement", "desinscrire"),
        (Wish.STOP, _FR),
    ),
    **dict.fromkeys(("alto", "parar", "pare", "baja", "cancelar"), (Wish.STOP, _ES)),
    **dict.fromkeys(("start", "unstop", "optin", "opt in"), (Wish.START, "")),
    **dict.fromkeys(("yes", "subscribe", "resume"), (Wish.START, _EN)),
    **dict.fromkeys(("oui", "reprendre", "commencer"), (Wish.START, _FR)),
    **dict.fromkeys(("si", "empezar", "comenzar", "reanudar"), (Wish.START, _ES)),
    **dict.fromkeys(("help", "info", "information"), (Wish.HELP, "")),
    **dict.fromkeys(("aide",), (Wish.HELP, _FR)),
    **dict.fromkeys(("ayuda", "informacion"), (Wish.HELP, _ES)),
}
# Said with such a word out of politeness; alone they mean nothing.
_POLITE: Final = (
    "please", "pls", "plz", "thanks", "thank you", "now", "svp", "s il vous plait", "s il te plait",
    "merci", "por favor", "gracias",
)  # fmt: skip
_LONGEST = 60
_NOT_A_WORD = re.compile(r"[\W_]+")


def keyword(text: str) -> Word | None:
    """What a text asks for that is one of the words alone; a sentence that contains one is not.

    Capitals, accents, spaces, quotes and punctuation do not matter, nor a word of politeness.
    """
    if len(text) > _LONGEST:
        return None
    plain = _plain(text)
    for polite in _POLITE:
        plain = plain.removeprefix(f"{polite} ").removesuffix(f" {polite}")
    letters = plain.split(" ")
    if len(letters) > 2 and all(len(one) == 1 for one in letters):
        plain = "".join(letters)  # S T O P
    known = _KNOWN.get(plain)
    return None if known is None else Word(known[0], known[1], plain)


def _plain(text: str) -> str:
    """Small letters without accents; everything that is neither letter nor digit is one space."""
    split = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(one for one in split if not unicodedata.combining(one))
    return _NOT_A_WORD.sub(" ", kept).strip()
