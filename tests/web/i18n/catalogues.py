"""The catalogues and the sentences that the extractor finds now."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from babel.messages import Catalog, Message
from babel.messages.pofile import read_po

from portal.config import PROJECT
from portal.web.i18n import TRANSLATIONS

TRANSLATED = ("fr", "es")
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|\{\w+\}")


@cache
def extracted() -> Catalog:
    """Every sentence of code and templates, as script/translate finds it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "messages.pot"
        subprocess.run(["script/translate", "--extract", path], cwd=PROJECT, check=True)
        with path.open("rb") as file:
            return read_po(file)


def po_path(language: str) -> Path:
    return TRANSLATIONS / language / "LC_MESSAGES" / "messages.po"


@cache
def catalogue(language: str) -> Catalog:
    with po_path(language).open("rb") as file:
        return read_po(file, locale=language)


def sentences(catalog: Catalog) -> Iterator[Message]:
    """Everything but the header."""
    return (message for message in catalog if message.id)


def forms(text: object) -> tuple[str, ...]:
    """The one or several forms of a sentence or of its translation."""
    return tuple(text) if isinstance(text, tuple | list) else (str(text),)


def placeholders(text: str) -> list[str]:
    """What is filled in, in any order."""
    return sorted(_PLACEHOLDER.findall(text))
