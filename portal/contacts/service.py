"""Writing contacts: made, changed, named, deleted, brought back, and two made one."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update

from portal.contacts.groups import members_of
from portal.contacts.models import Contact, ContactMember, ContactNumber
from portal.contacts.queries import cards, row_of
from portal.contacts.spelling import checked, search_key, sort_name
from portal.contacts.values import (
    LONGEST,
    MOST_CONTACTS,
    MOST_NUMBERS,
    ContactCard,
    ContactDraft,
    NumberFacts,
    NumberKind,
)
from portal.core import clock, live, scope
from portal.core.db import insert_once, session
from portal.core.errors import InvalidInput, Refused
from portal.core.sentences import N_
from portal.identity.spelling import one_line


def add(client_id: int, draft: ContactDraft, *, country: str = "US") -> ContactCard:
    """A new contact. Raises InvalidInput: of a number, for the field ``number_0``, ``number_1`` …"""
    draft = checked(draft, country)
    if _count(client_id) >= MOST_CONTACTS:
        raise Refused(N_("There are 20,000 contacts. Delete some first."), code="too_many")
    contact = Contact(client_id=client_id, name=draft.name)
    _fill(contact, draft)
    session().add(contact)
    session().flush()
    _number(contact, draft.numbers)
    respell(contact)
    live.tell("conversation-changed", client_id=client_id)
    return cards([contact])[0]


def edit(
    client_id: int,
    public_id: uuid.UUID,
    draft: ContactDraft,
    *,
    country: str = "US",
    seen: str = "",
) -> ContactCard:
    """Save the form. ``seen`` is the ``mark`` of the card it was filled from: Refused when another was saved since."""
    draft = checked(draft, country)
    contact = _locked(client_id, public_id)
    card = cards([contact])[0]
    if seen and seen != mark(card):
        raise Refused(
            N_("Somebody else has saved this contact meanwhile. Save again to replace that."),
            code="changed",
        )
    _fill(contact, draft)
    _clear_numbers(contact)
    _number(contact, draft.numbers)
    respell(contact)
    live.tell("conversation-changed", client_id=client_id)
    return cards([contact])[0]


def mark(card: ContactCard) -> str:
    """Which of several savings this is."""
    return card.updated_at.isoformat()


def name_number(client_id: int, number: str, name: str) -> None:
    """Say who has this number; an empty name means that nobody knows any more."""
    name = one_line(name)[: LONGEST["name"]]
    contact = session().scalar(
        select(Contact)
        .join(ContactNumber, ContactNumber.contact_id == Contact.id)
        .where(ContactNumber.client_id == client_id, ContactNumber.number == number)
    )
    if contact is None:
        if name:
            contact = Contact(client_id=client_id, name=name)
            session().add(contact)
            session().flush()
            if not take_number(contact, NumberFacts(number), 0):
                session().delete(contact)  # somebody else was quicker: theirs gets the name
                session().flush()
                return name_number(client_id, number, name)
            respell(contact)
    elif name:
        contact.name = name
        respell(contact)
    else:
        _unname(contact, number)
    live.tell("conversation-changed", client_id=client_id)


def remove(client_id: int, public_ids: Sequence[uuid.UUID]) -> int:
    """Delete these; how many there were. Their numbers are free at once, and come back with them."""
    contacts = _all(client_id, public_ids, deleted=False)
    for contact, card in zip(contacts, cards(contacts), strict=True):
        contact.kept = [list(one) for one in card.numbers]
        contact.deleted_at = clock.now()
        _clear_numbers(contact)
    session().flush()
    live.tell("conversation-changed", client_id=client_id)
    return len(contacts)


def restore(client_id: int, public_ids: Sequence[uuid.UUID]) -> int:
    """Bring deleted ones back, with those of their numbers that nobody else has got since."""
    contacts = _all(client_id, public_ids, deleted=True)
    for contact in contacts:
        for position, (number, kind) in enumerate(contact.kept):
            take_number(contact, NumberFacts(number, NumberKind(kind)), position)
        contact.deleted_at, contact.kept = None, []
        respell(contact)
    live.tell("conversation-changed", client_id=client_id)
    return len(contacts)


def merge(client_id: int, kept: uuid.UUID, others: Sequence[uuid.UUID]) -> ContactCard:
    """Make one of several: the first keeps its words, gets what it lacks, and all numbers and groups."""
    contact = _locked(client_id, kept)
    rest = [one for one in _all(client_id, others, deleted=False) if one.id != contact.id]
    ids = [one.id for one in rest]
    taken = len(cards([contact])[0].numbers)
    if taken + sum(len(card.numbers) for card in cards(rest)) > MOST_NUMBERS:
        raise Refused(N_("Together they have more than 10 numbers."), code="too_many_numbers")
    for one in rest:
        for name in ("company", "email", "language"):
            if not getattr(contact, name):
                setattr(contact, name, getattr(one, name))
        if one.note and one.note not in contact.note:
            contact.note = "\n\n".join(filter(None, (contact.note, one.note)))[: LONGEST["note"]]
    session().execute(
        update(ContactNumber)
        .where(ContactNumber.contact_id.in_(ids))
        .values(contact_id=contact.id, position=ContactNumber.position + taken),
        execution_options={"synchronize_session": False},
    )
    for group_id in members_of(ids):
        _join(client_id, group_id, contact.id)
    session().execute(
        delete(ContactMember).where(ContactMember.contact_id.in_(ids)),
        execution_options={"synchronize_session": False},
    )
    for one in rest:
        session().delete(one)
    session().flush()
    respell(contact)
    live.tell("conversation-changed", client_id=client_id)
    return cards([contact])[0]


def forget_deleted(before: datetime) -> None:
    """Those deleted this long ago do not come back."""
    old = select(Contact.id).where(Contact.deleted_at < before)
    session().execute(
        delete(ContactMember).where(ContactMember.contact_id.in_(old)),
        execution_options={"synchronize_session": False},
    )
    session().execute(
        delete(Contact).where(Contact.deleted_at < before),
        execution_options={"synchronize_session": False},
    )


def take_number(contact: Contact, one: NumberFacts, position: int) -> bool:
    """Give a number to a contact; False when it is somebody's already."""
    return insert_once(
        ContactNumber,
        {
            "reseller_id": scope.reseller_id(),
            "client_id": contact.client_id,
            "contact_id": contact.id,
            "number": one.number,
            "kind": one.kind,
            "position": position,
        },
    )


def respell(contact: Contact) -> None:
    """After any change: the keys by which it is found and sorted."""
    numbers = session().scalars(
        select(ContactNumber.number)
        .where(ContactNumber.contact_id == contact.id)
        .order_by(ContactNumber.position, ContactNumber.id)
    )
    contact.search_key = search_key(contact.name, contact.company, contact.email, numbers)
    contact.sort_name = sort_name(contact.name)
    contact.updated_at = clock.now()
    session().flush()


def _fill(contact: Contact, draft: ContactDraft) -> None:
    contact.name, contact.company, contact.email = draft.name, draft.company, draft.email
    contact.language, contact.note = draft.language, draft.note


def _number(contact: Contact, numbers: Sequence[NumberFacts]) -> None:
    for position, one in enumerate(numbers):
        if not take_number(contact, one, position):
            raise InvalidInput(N_("Another contact has this number."), field=f"number_{position}")


def _clear_numbers(contact: Contact) -> None:
    session().execute(
        delete(ContactNumber).where(ContactNumber.contact_id == contact.id),
        execution_options={"synchronize_session": False},
    )


def _locked(client_id: int, public_id: uuid.UUID) -> Contact:
    """The row, held still: two who save it do so one after the other."""
    found = row_of(client_id, public_id)
    session().execute(select(Contact.id).where(Contact.id == found.id).with_for_update()).all()
    session().refresh(found)
    return found


def _all(client_id: int, public_ids: Sequence[uuid.UUID], *, deleted: bool) -> list[Contact]:
    found: list[Contact] = []
    for first in range(0, len(public_ids), 500):
        found += session().scalars(
            select(Contact)
            .where(
                Contact.client_id == client_id,
                Contact.public_id.in_(public_ids[first : first + 500]),
                Contact.deleted_at.is_not(None) if deleted else Contact.deleted_at.is_(None),
            )
            .order_by(Contact.id)
        )
    return found


def _count(client_id: int) -> int:
    return (
        session().scalar(
            select(func.count(Contact.id)).where(
                Contact.client_id == client_id, Contact.deleted_at.is_(None)
            )
        )
        or 0
    )


def _join(client_id: int, group_id: int, contact_id: int) -> None:
    insert_once(
        ContactMember,
        {
            "reseller_id": scope.reseller_id(),
            "client_id": client_id,
            "group_id": group_id,
            "contact_id": contact_id,
        },
    )


def _unname(contact: Contact, number: str) -> None:
    """The number is not theirs; a contact of which nothing else is known goes with it."""
    session().execute(
        delete(ContactNumber).where(
            ContactNumber.contact_id == contact.id, ContactNumber.number == number
        ),
        execution_options={"synchronize_session": False},
    )
    left = session().scalar(
        select(ContactNumber.id).where(ContactNumber.contact_id == contact.id).limit(1)
    )
    if left is None and not (contact.company or contact.email or contact.note):
        session().execute(
            delete(ContactMember).where(ContactMember.contact_id == contact.id),
            execution_options={"synchronize_session": False},
        )
        session().delete(contact)
        session().flush()
    else:
        respell(contact)
