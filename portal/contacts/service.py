"""Writing contacts: made, changed, named, deleted and brought back."""

from __future__ import annotations

from sqlalchemy import delete, select

from portal.contacts.models import Contact, ContactNumber
from portal.contacts.spelling import search_key, sort_name
from portal.contacts.values import LONGEST, NumberKind
from portal.core import clock, live, scope
from portal.core.db import insert_once, session
from portal.identity.spelling import one_line


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
            if not take_number(contact, number, NumberKind.MOBILE, 0):
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


def take_number(contact: Contact, number: str, kind: NumberKind, position: int) -> bool:
    """Give a number to a contact; False when it is somebody's already."""
    return insert_once(
        ContactNumber,
        {
            "reseller_id": scope.reseller_id(),
            "client_id": contact.client_id,
            "contact_id": contact.id,
            "number": number,
            "kind": kind,
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
        session().delete(contact)
        session().flush()
    else:
        respell(contact)
