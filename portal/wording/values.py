"""Words of the reseller's texts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portal.core.errors import InvalidInput
from portal.core.sentences import N_
from portal.wording.document import Document


@dataclass(frozen=True, slots=True)
class TextKind:
    """A text that a reseller may word: the names that may stand in it, and those that must."""

    name: str
    variables: frozenset[str]
    needed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SavedText:
    """A reseller's own words in one language. ``version`` 0 is a text that is not written yet."""

    name: str
    language: str
    subject: str
    document: Document
    version: int
    updated_at: datetime | None
    updated_by: str


@dataclass(frozen=True, slots=True)
class TextRow:
    """One line of the overview: which text is written in which language, and since when."""

    name: str
    language: str
    updated_at: datetime


class UnknownNames(InvalidInput):
    """Names in brackets that stand for nothing; each with the nearest that does (or nothing)."""

    code = "unknown_names"

    def __init__(self, names: dict[str, str], *, field: str) -> None:
        super().__init__(
            N_("This text has a name in brackets that stands for nothing."), field=field
        )
        self.names = names
