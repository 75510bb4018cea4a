"""Reading contacts."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, select

from portal.contacts.models import Contact, ContactGroup, ContactMember, ContactNumber
from portal.contacts.spelling import words_of
from portal.contacts.values import ContactCard, ContactChoice, NumberFacts, NumberKind
from portal.core.db import session
from portal.core.errors import NotFound

_NUMBERS_A_QUERY = 500


def names(client_id: int, numbers: Iterable[str]) -> dict[str, str]:
    """The names of these numbers, where the client knows them: one query for a page's worth."""
    wanted, found = sorted({number for number in numbers if number}), {}
    for first in range(0, len(wanted), _NUMBERS_A_QUERY):
        rows = session().execute(
            select(ContactNumber.number, Contact.name)
            .join(Contact, Contact.id == ContactNumber.contact_id)
            .where(
                ContactNumber.client_id == client_id,
                ContactNumber.number.in_(wanted[first : first + _NUMBERS_A_QUERY]),
            )
        )
        found.update({row.number: row.name for row in rows})
    return found


def search(client_id: int, text: str, *, rows: int = 8) -> list[ContactChoice]:
    """Numbers of the contacts that this describes: words without accents, or part of a number."""
    words = words_of(text)
    if not words:
        return []
    found = session().execute(
        select(Contact.public_id, Contact.name, ContactNumber.number, ContactNumber.kind)
        .join(ContactNumber, ContactNumber.contact_id == Contact.id)
        .where(Contact.client_id == client_id, Contact.deleted_at.is_(None), *mentions(words))
        .order_by(Contact.sort_name, Contact.id, ContactNumber.position, ContactNumber.id)
        .limit(rows)
    )
    return [
        ContactChoice(row.public_id, row.name, row.number, NumberKind(row.kind)) for row in found
    ]


def by_number(client_id: int, number: str) -> ContactCard | None:
    """Whose number this is, if the client knows."""
    contact = session().scalar(
        select(Contact)
        .join(ContactNumber, ContactNumber.contact_id == Contact.id)
        .where(ContactNumber.client_id == client_id, ContactNumber.number == number)
    )
    return None if contact is None else cards([contact])[0]


def find(client_id: int, public_id: uuid.UUID) -> ContactCard:
    """One contact; NotFound when it is not theirs or was deleted."""
    return cards([row_of(client_id, public_id)])[0]


def mentions(words: Sequence[str]) -> list[ColumnElement[bool]]:
    """Conditions by which a contact is found: every word occurs somewhere."""
    return [Contact.search_key.contains(word, autoescape=True) for word in words]


def row_of(client_id: int, public_id: uuid.UUID) -> Contact:
    """A contact's row, for this package; NotFound when it is not theirs or was deleted."""
    contact: Contact | None = session().scalar(
        select(Contact).where(
            Contact.public_id == public_id,
            Contact.client_id == client_id,
            Contact.deleted_at.is_(None),
        )
    )
    if contact is None:
        raise NotFound("There is no such contact.")
    return contact


def _kept_numbers(contact: Contact) -> list[NumberFacts]:
    """The numbers of a deleted contact: it has none in the table, so that others may get them."""
    return [NumberFacts(number, NumberKind(kind)) for number, kind in contact.kept]


def cards(contacts: Sequence[Contact]) -> list[ContactCard]:
    """Contacts with their numbers and groups, in two queries however many there are."""
    ids = [contact.id for contact in contacts]
    numbers: dict[int, list[NumberFacts]] = {}
    groups: dict[int, dict[uuid.UUID, str]] = {}
    for row in session().execute(
        select(ContactNumber.contact_id, ContactNumber.number, ContactNumber.kind)
        .where(ContactNumber.contact_id.in_(ids))
        .order_by(ContactNumber.position, ContactNumber.id)
    ):
        numbers.setdefault(row.contact_id, []).append(NumberFacts(row.number, NumberKind(row.kind)))
    for member in session().execute(
        select(ContactMember.contact_id, ContactGroup.public_id, ContactGroup.name)
        .join(ContactGroup, ContactGroup.id == ContactMember.group_id)
        .where(ContactMember.contact_id.in_(ids))
        .order_by(ContactGroup.key)
    ):
        groups.setdefault(member.contact_id, {})[member.public_id] = member.name
    return [
        ContactCard(
            one.public_id, one.name, one.company, one.email, one.language, one.note,
            tuple(numbers.get(one.id, _kept_numbers(one))), groups.get(one.id, {}), one.updated_at,
        )
        for one in contacts
    ]  # fmt: skip
