"""Reads of the reseller's texts."""

from __future__ import annotations

import uuid

from sqlalchemy import select

from portal.core.db import session
from portal.identity.models import Person
from portal.wording.document import Document, from_delta
from portal.wording.models import Wording
from portal.wording.values import SavedText, TextRow


def find_text(name: str, language: str) -> SavedText | None:
    """The bound reseller's words in exactly this language."""
    return _first(name, [language])


def text_for(name: str, language: str, reseller_language: str) -> SavedText | None:
    """The words for somebody who reads ``language``, else those in the reseller's own language."""
    return _first(name, [language, reseller_language])


def written_texts() -> list[TextRow]:
    """Which texts the bound reseller has worded, and when."""
    rows = session().execute(select(Wording.name, Wording.language, Wording.updated_at))
    return [TextRow(*row) for row in rows]


def texts_showing(picture: uuid.UUID) -> list[tuple[str, str]]:
    """Names and languages of the bound reseller's texts that show this picture."""
    rows = session().execute(
        select(Wording.name, Wording.language, Wording.delta).order_by(
            Wording.name, Wording.language
        )
    )
    return [
        (name, language)
        for name, language, delta in rows
        if picture in from_delta(delta).pictures
    ]  # fmt: skip


def blank_text(name: str, language: str) -> SavedText:
    """A text that is not written yet, for its form."""
    return SavedText(name, language, "", Document(), 0, None, "")


def _first(name: str, languages: list[str]) -> SavedText | None:
    query = (
        select(Wording, Person.name)
        .outerjoin(Person, Person.id == Wording.updated_by_id)
        .where(Wording.name == name, Wording.language.in_(languages))
        .execution_options(populate_existing=True)
    )
    found = {row.language: (row, by) for row, by in session().execute(query)}
    for language in languages:
        if language in found:
            row, by = found[language]
            return SavedText(
                row.name,
                row.language,
                row.subject,
                from_delta(row.delta),  # checked again: what is shown is what the schema knows
                row.version,
                row.updated_at,
                by or "",
            )
    return None
