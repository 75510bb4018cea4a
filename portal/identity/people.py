"""People who log in: a reseller's staff with their roles, and clients' people."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from portal.core import clock
from portal.core.db import only_one, session
from portal.core.errors import InvalidInput, NotFound
from portal.identity import audit
from portal.identity.addresses import checked_email
from portal.identity.models import Person
from portal.identity.passwords import ChosenPassword
from portal.identity.spelling import one_line
from portal.identity.values import Access, PersonFacts, Role
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


def person_facts(
    person: Person, *, has_second_step: bool = False, access: Access | None = None
) -> PersonFacts:
    """The row as a value; what stands in other tables is given."""
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
        has_second_step=has_second_step,
        access=access,
    )


def _set(person_id: int, **values: str) -> None:
    if not only_one(update(Person).where(Person.id == person_id).values(values)):
        raise NotFound("There is no such person.")
