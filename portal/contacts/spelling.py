"""Names and numbers of contacts in the one spelling that is stored and looked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from portal.contacts.values import LANGUAGES, LONGEST, MOST_NUMBERS, ContactDraft, NumberFacts
from portal.core import phone
from portal.core.errors import InvalidInput
from portal.core.sentences import N_
from portal.identity.addresses import checked_email
from portal.identity.spelling import folded, one_line

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


def checked(draft: ContactDraft, country: str = "US") -> ContactDraft:
    """The draft as it is stored; raises InvalidInput naming the field."""
    name, company = one_line(draft.name), one_line(draft.company)
    note = "\n".join(line.rstrip() for line in draft.note.replace("\x00", "").splitlines()).strip()
    if not name and not company:
        raise InvalidInput(N_("Give a name or a company."), field="name")
    for field, text in (("name", name), ("company", company), ("note", note)):
        if len(text) > LONGEST[field]:
            raise InvalidInput(N_("This is too long."), field=field)
    email = checked_email(draft.email) if draft.email.strip() else ""
    if draft.language not in LANGUAGES:
        raise InvalidInput(N_("Choose a language of the list."), field="language")
    return replace(
        draft,
        name=name or company,
        company=company,
        email=email,
        note=note,
        numbers=_checked_numbers(draft.numbers, country),
    )


def _checked_numbers(numbers: Sequence[NumberFacts], country: str) -> tuple[NumberFacts, ...]:
    if len(numbers) > MOST_NUMBERS:
        raise InvalidInput(N_("A contact has at most 10 numbers."), field="number_0")
    found: dict[str, NumberFacts] = {}
    for at, one in enumerate(numbers):
        try:
            number = spelled_number(one.number, country)
        except InvalidInput as error:
            raise InvalidInput(error.message, field=f"number_{at}") from error
        found.setdefault(number, NumberFacts(number, one.kind))
    return tuple(found.values())
