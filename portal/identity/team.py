"""Changing who belongs to a team: the staff of a reseller, or the people of one of its clients.

Whoever loses something is logged out at once. A team never loses its last owner or manager: the team's
own row is locked first, so that two who demote each other at the same moment do not both succeed.
"""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import delete, func, select

from portal.core import clock, scope
from portal.core.db import session
from portal.core.errors import InvalidInput, NotFound, Refused
from portal.core.sentences import N_
from portal.identity import audit, second_step, sessions
from portal.identity.addresses import checked_email
from portal.identity.models import Client, Person, PersonSubAccount, Reseller
from portal.identity.passwords import ChosenPassword
from portal.identity.people import checked_name, insert_person, person_facts
from portal.identity.values import Access, MemberRole, PersonFacts, Role
from portal.identity.visitor import Visitor


def team(client_id: int | None = None) -> list[PersonFacts]:
    """The bound reseller's staff, or a client's people, by name; with how each logs in."""
    found = (
        session()
        .scalars(select(Person).where(*_of(client_id)).order_by(Person.name, Person.id))
        .all()
    )
    protected = second_step.people_with([person.id for person in found])
    limits = _limits([person.id for person in found if person.limited])
    return [
        person_facts(
            person,
            has_second_step=person.id in protected,
            access=None if client_id is None else _access(person, limits.get(person.id, [])),
        )
        for person in found
    ]


def teammate(public_id: uuid.UUID, client_id: int | None = None) -> PersonFacts:
    """One of them; NotFound for anybody else."""
    found = next((one for one in team(client_id) if one.public_id == public_id), None)
    if found is None:
        raise NotFound("There is no such person.")
    return found


def add_member(
    client_id: int,
    *,
    name: str,
    email: str,
    access: Access,
    password: ChosenPassword,
    language: str = "",
    by: Visitor | None = None,
) -> PersonFacts:
    """Add somebody to a client's team at once, without asking by mail."""
    person = Person(
        client_id=client_id,
        role=access.role,
        name=checked_name(name, field="name"),
        email=checked_email(email),
        password_hash=password.hash,
        password_changed_at=clock.now(),
        language=language,
    )
    insert_person(person)
    keep_access(person, access)
    audit.record(
        "member.added", by=by, client_id=client_id, person=person.name, role=access.role.value
    )
    return person_facts(person, access=access)


def set_role(public_id: uuid.UUID, role: Role, *, by: Visitor | None = None) -> None:
    """Give a member of staff another role and log them out; the last owner stays one."""
    person = _locked(public_id, None)
    if person.role == role:
        return
    if person.role == Role.OWNER:
        _require_another(person)
    person.role = role
    session().flush()
    sessions.revoke_all(person_id=person.id)
    audit.record("staff.role_changed", by=by, person=person.name, role=role.value)


def set_access(
    client_id: int, public_id: uuid.UUID, access: Access, *, by: Visitor | None = None
) -> None:
    """Say anew what one of a client's people may see, and log them out; the last manager stays one."""
    person = _locked(public_id, client_id)
    if person.role == MemberRole.MANAGER and not access.is_manager:
        _require_another(person)
    keep_access(person, access)
    sessions.revoke_all(person_id=person.id)
    audit.record(
        "member.access_changed", by=by, client_id=client_id, person=person.name,
        role=access.role.value, limited=access.sub_account_ids is not None,
    )  # fmt: skip


def disable_teammate(
    public_id: uuid.UUID, *, client_id: int | None = None, by: Visitor | None = None
) -> None:
    """Let somebody in no longer, from this moment; the last owner or manager stays."""
    person = _locked(public_id, client_id)
    if person.disabled_at is not None:
        return
    if person.role in {Role.OWNER, MemberRole.MANAGER}:
        _require_another(person)
    person.disabled_at = clock.now()
    session().flush()
    sessions.revoke_all(person_id=person.id)
    audit.record(_word(client_id, "disabled"), by=by, client_id=client_id, person=person.name)


def enable_teammate(
    public_id: uuid.UUID, *, client_id: int | None = None, by: Visitor | None = None
) -> None:
    """Let somebody in again."""
    person = _locked(public_id, client_id)
    if person.disabled_at is None:
        return
    person.disabled_at = None
    session().flush()
    audit.record(_word(client_id, "enabled"), by=by, client_id=client_id, person=person.name)


def require_second_step(required: bool, *, by: Visitor) -> None:
    """Say whether the bound reseller's staff must have 2-step login; whoever says so has it."""
    if required and not by.has_second_step:
        raise Refused("Set up your own 2-step login first, in your profile.")
    reseller = _lock(None)
    assert isinstance(reseller, Reseller)
    reseller.require_second_step = required
    session().flush()
    audit.record("staff.second_step_required", by=by, required=required)


def keep_access(person: Person, access: Access) -> None:
    """Write what somebody may see into their rows."""
    checked_access(access)
    person.role = access.role
    person.limited = access.sub_account_ids is not None
    person.sees_money = access.sees_money
    session().execute(
        delete(PersonSubAccount).where(PersonSubAccount.person_id == person.id),
        execution_options={"synchronize_session": False},
    )
    session().add_all(
        PersonSubAccount(
            reseller_id=person.reseller_id,
            client_id=person.client_id,
            person_id=person.id,
            sub_account_id=sub_account_id,
        )
        for sub_account_id in sorted(access.sub_account_ids or ())
    )
    session().flush()


def checked_access(access: Access) -> Access:
    """Refuse what makes no sense: a manager with limits, limits to nothing, money within limits."""
    if access.is_manager and (access.sub_account_ids is not None or not access.sees_money):
        raise InvalidInput("A manager sees the whole account.", field="role")
    if access.sub_account_ids is not None and not access.sub_account_ids:
        raise InvalidInput("Choose at least one sub-account.", field="sub_accounts")
    if access.sub_account_ids is not None and access.sees_money:
        raise InvalidInput(
            "The balance is the whole account's: only somebody with all sub-accounts can see it.",
            field="sees_money",
        )
    return access


def _of(client_id: int | None) -> tuple[Any, ...]:
    return (Person.is_staff,) if client_id is None else (Person.client_id == client_id,)


def _limits(person_ids: list[int]) -> dict[int, list[int]]:
    if not person_ids:
        return {}
    rows = session().execute(
        select(PersonSubAccount.person_id, PersonSubAccount.sub_account_id).where(
            PersonSubAccount.person_id.in_(person_ids)
        )
    )
    found: dict[int, list[int]] = {}
    for person_id, sub_account_id in rows:
        found.setdefault(person_id, []).append(sub_account_id)
    return found


def _access(person: Person, sub_account_ids: list[int]) -> Access:
    if person.role == MemberRole.MANAGER:
        return Access()
    if person.limited:
        return Access(MemberRole.MEMBER, frozenset(sub_account_ids), sees_money=False)
    return Access(MemberRole.MEMBER, None, person.sees_money)


def _locked(public_id: uuid.UUID, client_id: int | None) -> Person:
    """A person of this team, whose other rows hold still until the end of the transaction."""
    _lock(client_id)
    person: Person | None = session().scalar(
        select(Person)
        .where(Person.public_id == public_id, *_of(client_id))
        .execution_options(populate_existing=True)
    )
    if person is None:
        raise NotFound("There is no such person.")
    return person


def _lock(client_id: int | None) -> Reseller | Client | None:
    if client_id is None:
        return session().scalar(
            select(Reseller).where(Reseller.id == scope.reseller_id()).with_for_update()
        )
    return session().scalar(select(Client).where(Client.id == client_id).with_for_update())


def _require_another(person: Person) -> None:
    others = session().scalar(
        select(func.count())
        .select_from(Person)
        .where(
            *_of(person.client_id),
            Person.role == person.role,
            Person.disabled_at.is_(None),
            Person.id != person.id,
        )
    )
    if not others and person.disabled_at is None:
        raise Refused(
            N_("A reseller needs at least one owner.")
            if person.is_staff
            else N_("A team needs at least one manager."),
            code="last_owner",
        )


def _word(client_id: int | None, what: str) -> str:
    return f"{'staff' if client_id is None else 'member'}.{what}"
