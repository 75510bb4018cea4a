"""Whom a bulk text is for: contacts, a group, or the lines of a file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from portal.contacts import ContactCard, NumberKind, spelled_number
from portal.core import phone
from portal.core.errors import InvalidInput
from portal.core.sentences import N_
from portal.core.sheets import Sheet
from portal.identity.spelling import folded, one_line
from portal.prepared import variables
from portal.prepared.values import Recipient

_LONGEST_VALUE = 200
_NUMBERS = "number mobile phone telephone tel cell cellphone mobilephone phonenumber numero portable telefono movil"
_NAMES = "name fullname nom nombre contact contacto"
_FIRST_NAMES = "firstname prenom givenname"
_COMPANIES = "company societe entreprise empresa organisation organization"


def of_contacts(cards: Iterable[ContactCard]) -> tuple[list[Recipient], Counter[str]]:
    """Each contact's mobile number; who has none that takes texts is counted."""
    found, left_out = list[Recipient](), Counter[str]()
    for card in cards:
        number = card.number_for(NumberKind.MOBILE)
        if not number:
            left_out["no_number"] += 1
            continue
        shown = phone.international(number)
        values = variables.of_contact(card.name, card.company, shown)
        found.append(Recipient(number, card.name, values))
    return found, left_out


def of_sheet(sheet: Sheet, *, country: str) -> tuple[list[Recipient], Counter[str]]:
    """The lines of a file: one column has the number, and every column is a variable by its title."""
    titles = [_letters(title) for title in sheet.head]
    at = _column(titles, _NUMBERS)
    if at is None:
        raise InvalidInput(N_("No column is called number, mobile or phone."), field="file")
    name_at, first_at = _column(titles, _NAMES), _column(titles, _FIRST_NAMES)
    company_at = _column(titles, _COMPANIES)
    found, left_out = list[Recipient](), Counter[str]()
    for _, cells in sheet.rows:
        cell = [one_line(one)[:_LONGEST_VALUE] for one in cells] + [""] * len(titles)
        try:
            number = spelled_number(cell[at].lstrip("'"), country)
        except InvalidInput:
            left_out["no_number"] += 1
            continue
        first = cell[first_at] if first_at is not None else ""
        name = (cell[name_at] if name_at is not None else "") or first
        company = cell[company_at] if company_at is not None else ""
        values = variables.of_contact(name, company, phone.international(number))
        if first:
            values["first name"] = first
        own = {
            title: text
            for title, text in zip(columns(sheet), cell, strict=False)
            if title and title not in values
        }
        found.append(Recipient(number, name[:120], values | own))
    return found, left_out


def columns(sheet: Sheet) -> list[str]:
    """The titles as variables are spelled; empty for one that cannot be a name."""
    spelled = [" ".join(title.lower().replace("_", " ").split())[:40] for title in sheet.head]
    return [title if re.fullmatch(r"[^\[\]]+", title) else "" for title in spelled]


def _letters(title: str) -> str:
    return re.sub(r"[^a-z]", "", folded(title))


def _column(titles: Sequence[str], words: str) -> int | None:
    return next((at for at, title in enumerate(titles) if title in words.split()), None)
