"""People who log in: a reseller's staff with their roles, and clients' people."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from portal.core import clock
from portal.core.db import only_one, session
from portal.core.errors import InvalidInput, NotFound, Refused
from portal.identity import audit, sessions
from portal.identity.addresses import checked_email
from portal.identity.models import Person
from portal.identity.passwords import ChosenPassword
from portal.identity.spelling import one_line
from portal.identity.values import PersonFacts, Role
from portal.identity.visitor import Visitor


def add_staff(
    *,
    name: str,
    email: str,
    role: Role,
    password: ChosenPassword | None,
    by: Visitor | None = None,
    ask_second_step: bool = True,
) -> PersonFacts:
    """Add a member of staff to the bound reseller; the e-mail is unique in the installation.

    Raises InvalidInput for ``name`` or ``email``. Without a password a reset link lets them in.
    An owner is asked for 2-step login at the first login, unless ``ask_second_step`` says no.
    """
    person = Person(
        is_staff=True,
        role=role,
        name=checked_name(name, field="name"),
        email=checked_email(email),
        password_hash=password.hash if password else None,
        password_changed_at=clock.now() if password else None,
        second_step_asked_at=None if ask_second_step else clock.now(),
    )
    insert_person(person)
    audit.record("staff.added", by=by, person=person.name, role=role.value)
    return person_facts(person)


def set_role(public_id: uuid.UUID, role: Role, *, by: Visitor | None = None) -> None:
    """Give a member of staff another role; the last owner stays one."""
    person = _staff(public_id)
    if person.role == Role.OWNER and role is not Role.OWNER:
        _require_another_owner(person)
    person.role = role
    session().flush()
    audit.record("staff.role_changed", by=by, person=person.name, role=role.value)


def disable_staff(public_id: uuid.UUID, *, by: Visitor | None = None) -> None:
    """Let somebody in no longer, from this moment; the last owner stays."""
    person = _staff(public_id)
    if person.role == Role.OWNER:
        _require_another_owner(person)
    person.disabled_at = clock.now()
    session().flush()
    sessions.revoke_all(person_id=person.id)
    audit.record("staff.disabled", by=by, person=person.name)


def staff_members() -> list[PersonFacts]:
    """The bound reseller's staff, by name."""
    found = session().scalars(
        select(Person).where(Person.is_staff).order_by(Person.name, Person.id)
    )
    return [person_facts(person) for person in found]


def people_of(client_id: int) -> list[PersonFacts]:
    """A client's people, the oldest first."""
    found = session().scalars(
        select(Person).where(Person.client_id == client_id).order_by(Person.id)
    )
    return [person_facts(person) for person in found]


def set_language(person_id: int, language: str) -> None:
    """Remember the language a person chose; empty means the account's."""
    _set(person_id, language=language)


def set_time_zone(person_id: int, time_zone: str) -> None:
    """Remember the zone a person chose; empty means the account's. Periods stay as they are."""
    _set(person_id, time_zone=time_zone)


def insert_person(person: Person) -> None:
    """Insert, or say that the e-mail is taken: by the database's word, so also in a race."""
    try:
        with session().begin_nested():
            session().add(person)
            session().flush()
    except IntegrityError as error:
        raise InvalidInput("Somebody already logs in with this e-mail.", field="email") from error


def checked_name(name: str, *, field: str, longest: int = 120) -> str:
    """A name on one line; raises InvalidInput when there is none."""
    name = one_line(name)
    if not name:
        raise InvalidInput("This is needed.", field=field)
    if len(name) > longest:
        raise InvalidInput("This is too long.", field=field)
    return name


def person_facts(person: Person) -> PersonFacts:
    """The row as a value."""
    return PersonFacts(
        id=person.id,
        public_id=person.public_id,
        reseller_id=person.reseller_id,
        client_id=person.client_id,
        role=Role(person.role) if person.is_staff else None,
        name=person.name,
        email=person.email,
        language=person.language,
        time_zone=person.time_zone,
        last_login_at=person.last_login_at,
        disabled_at=person.disabled_at,
    )


def _set(person_id: int, **values: str) -> None:
    if not only_one(update(Person).where(Person.id == person_id).values(values)):
        raise NotFound("There is no such person.")


def _staff(public_id: uuid.UUID) -> Person:
    person: Person | None = session().scalar(
        select(Person)
        .where(Person.public_id == public_id, Person.is_staff, Person.disabled_at.is_(None))
        .execution_options(populate_existing=True)
    )
    if person is None:
        raise NotFound("There is no such member of staff.")
    return person


def _require_another_owner(person: Person) -> None:
    which: list[Any] = [Person.is_staff, Person.role == Role.OWNER, Person.disabled_at.is_(None)]
    others = session().scalar(
        select(func.count()).select_from(Person).where(*which, Person.id != person.id)
    )
    if not others:
        raise Refused("A reseller needs at least one owner.", code="last_owner")
