"""A language nobody speaks: every sentence in brackets, accented and a third longer.

Text of a page that does not stand in brackets did not go through a catalogue; text that is cut or
overlaps has no room for French.
"""

from __future__ import annotations

import re
from pathlib import Path

from babel.messages import Catalog
from babel.messages.mofile import write_mo
from flask import Flask

from tests.web.i18n.catalogues import extracted, forms, sentences

BEGIN, END = "⟦", "⟧"
_KEPT = re.compile(r"(%\(\w+\)[sd]|%%|\{\w+\})")
_ACCENTS = str.maketrans("aceinouyACEINOUY", "àçéîñöûýÀÇÉÎÑÖÛÝ")


def pseudo(sentence: str) -> str:
    """``Log in`` becomes ``⟦Löĝ…⟧``: placeholders stay, the rest grows by 35 per cent."""
    parts = _KEPT.split(sentence)
    said = "".join(
        part if number % 2 else part.translate(_ACCENTS) for number, part in enumerate(parts)
    )
    letters = sum(len(part) for part in parts[::2])
    return f"{BEGIN}{said}{'~' * -(-letters * 35 // 100)}{END}"


def build(folder: Path, language: str = "fr") -> Path:
    """Write ``<folder>/<language>/LC_MESSAGES/messages.mo`` with every sentence found now.

    Returns the folder.
    """
    made = Catalog(locale=language)
    for message in sentences(extracted()):
        said = tuple(pseudo(form) for form in forms(message.id))
        made.add(message.id, said if message.pluralizable else said[0], context=message.context)
    path = folder / language / "LC_MESSAGES" / "messages.mo"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_mo(file, made)
    return folder


def speak(app: Flask, folder: Path, language: str = "fr") -> None:
    """Let an application say everything of one language in pseudo, built into an empty folder."""
    app.extensions["babel"].translation_directories = [str(build(folder, language))]
