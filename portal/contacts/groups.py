"""Groups of contacts: a word, and who is in it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import and_, delete, func, select

from portal.contacts.models import Contact, ContactGroup, ContactMember
from portal.contacts.values import MOST_GROUPS
from portal.core import scope
from portal.core.db import insert_all, insert_once, new_public_id, session
from portal.core.errors import InvalidInput, NotFound, Refused
from portal.core.sentences import N_
from portal.identity.spelling import folded, one_line

_LONGEST = 60


class GroupRow(NamedTuple):
    """A group, and how many are in it."""

    public_id: uuid.UUID
    name: str
    members: int


def groups(client_id: int) -> list[GroupRow]:
    """All of a client's groups, by name."""
    rows = session().execute(
        select(ContactGroup.public_id, ContactGroup.name, func.count(Contact.id))
        .outerjoin(ContactMember, ContactMember.group_id == ContactGroup.id)
        .outerjoin(
            Contact, and_(Contact.id == ContactMember.contact_id, Contact.deleted_at.is_(None))
        )
        .where(ContactGroup.client_id == client_id)
        .group_by(ContactGroup.public_id, ContactGroup.name, ContactGroup.key)
        .order_by(ContactGroup.key)
    )
    return [GroupRow._make(row) for row in rows]


def group(client_id: int, public_id: uuid.UUID) -> GroupRow:
    """One of them; NotFound when it is not theirs."""
    found = next((one for one in groups(client_id) if one.public_id == public_id), None)
    if found is None:
        raise NotFound("There is no such group.")
    return found


def make_group(client_id: int, name: str) -> uuid.UUID:
    """The group of this name, new or old."""
    name, key = _spelled(name)
    if len(groups(client_id)) >= MOST_GROUPS:
        raise Refused(N_("There are 100 groups. Delete one first."), code="too_many")
    insert_once(
        ContactGroup,
        {
            "public_id": new_public_id(),
            "reseller_id": scope.reseller_id(),
            "client_id": client_id,
            "name": name,
            "key": key,
        },
    )
    found = session().scalar(
        select(ContactGroup.public_id).where(
            ContactGroup.client_id == client_id, ContactGroup.key == key
        )
    )
    assert found is not None
    return found


def rename_group(client_id: int, public_id: uuid.UUID, name: str) -> None:
    """Call it something else; InvalidInput when another has that name."""
    name, key = _spelled(name)
    row = _row(client_id, public_id)
    taken = session().scalar(
        select(ContactGroup.id).where(
            ContactGroup.client_id == client_id,
            ContactGroup.key == key,
            ContactGroup.id != row.id,
        )
    )
    if taken is not None:
        raise InvalidInput(N_("There is a group of this name."), field="name")
    row.name, row.key = name, key
    session().flush()


def drop_group(client_id: int, public_id: uuid.UUID) -> None:
    """Forget the word; its contacts stay."""
    row = _row(client_id, public_id)
    session().execute(
        delete(ContactMember).where(ContactMember.group_id == row.id),
        execution_options={"synchronize_session": False},
    )
    session().delete(row)
    session().flush()


def join(client_id: int, public_id: uuid.UUID, contacts: Sequence[uuid.UUID]) -> int:
    """Put contacts into a group; how many were not in it before."""
    row = _row(client_id, public_id)
    there = set(
        session().scalars(select(ContactMember.contact_id).where(ContactMember.group_id == row.id))
    )
    new = [one for one in _ids(client_id, contacts) if one not in there]
    insert_all(
        ContactMember,
        [
            {
                "reseller_id": scope.reseller_id(),
                "client_id": client_id,
                "group_id": row.id,
                "contact_id": one,
            }
            for one in new
        ],
    )
    return len(new)


def leave(client_id: int, public_id: uuid.UUID, contacts: Sequence[uuid.UUID]) -> None:
    """Take contacts out of a group."""
    row = _row(client_id, public_id)
    ids = _ids(client_id, contacts)
    for first in range(0, len(ids), 500):
        session().execute(
            delete(ContactMember).where(
                ContactMember.group_id == row.id,
                ContactMember.contact_id.in_(ids[first : first + 500]),
            ),
            execution_options={"synchronize_session": False},
        )


def set_groups(client_id: int, contact: uuid.UUID, chosen: Sequence[uuid.UUID]) -> None:
    """A contact is in these groups and no others."""
    for one in groups(client_id):
        if one.public_id in chosen:
            join(client_id, one.public_id, [contact])
        else:
            leave(client_id, one.public_id, [contact])


def members_of(contact_ids: Sequence[int]) -> list[int]:
    """Ids of the groups that any of these is in, for this package."""
    return list(
        session().scalars(
            select(ContactMember.group_id)
            .where(ContactMember.contact_id.in_(contact_ids))
            .distinct()
        )
    )


def _ids(client_id: int, contacts: Sequence[uuid.UUID]) -> list[int]:
    found: list[int] = []
    for first in range(0, len(contacts), 500):
        found += session().scalars(
            select(Contact.id).where(
                Contact.client_id == client_id,
                Contact.public_id.in_(contacts[first : first + 500]),
                Contact.deleted_at.is_(None),
            )
        )
    return found


def _row(client_id: int, public_id: uuid.UUID) -> ContactGroup:
    row: ContactGroup | None = session().scalar(
        select(ContactGroup).where(
            ContactGroup.public_id == public_id, ContactGroup.client_id == client_id
        )
    )
    if row is None:
        raise NotFound("There is no such group.")
    return row


def _spelled(name: str) -> tuple[str, str]:
    name = one_line(name)
    if not name:
        raise InvalidInput(N_("Give the group a name."), field="name")
    if len(name) > _LONGEST:
        raise InvalidInput(N_("A name has at most 60 characters."), field="name")
    return name, folded(name)[:_LONGEST]
