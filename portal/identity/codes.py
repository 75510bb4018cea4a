"""Giving a code: after the password at the door, or to change one's own 2-step login.

    with transaction():
        attempt = identity.begin_code(reseller_id, token, address=address)   # None: staff
    with transaction():
        entered = identity.enter_code(attempt, code, browser=browser, replaces=old_token)

A try is counted and committed before its code is looked at, as for passwords.
"""

from __future__ import annotations

import uuid

from sqlalchemy import select

from portal.core import clock
from portal.core.db import session
from portal.core.errors import InvalidInput, NotFound, Refused
from portal.core.passwords import MINIMUM_LENGTH
from portal.core.scope import Scope, bind, unscoped
from portal.identity import audit, second_step, sessions, throttle, tokens
from portal.identity.entering import arrive
from portal.identity.models import Client, Person
from portal.identity.people import person_facts
from portal.identity.second_step import WRONG_CODE, SecondStepState, SetUp
from portal.identity.spelling import spelled_alike
from portal.identity.throttle import Door, Taken, Throttled
from portal.identity.values import PersonFacts, TokenKind
from portal.identity.visitor import (
    CodeAttempt,
    Entered,
    LoginProblem,
    LoginRefusal,
    Proof,
    Visitor,
)


def begin_code(reseller_id: int | None, token: str, *, address: str) -> CodeAttempt | LoginRefusal:
    """Count a try at the code of a login that waits for one. Without ``reseller_id`` it is staff."""
    with unscoped("the token of a waiting login says whose it is"):
        row = tokens.find_open(TokenKind.SECOND_STEP, token)
        person = _person(row.person_id) if row is not None else None
    if row is None or person is None or person.is_staff != (reseller_id is None):
        return LoginRefusal(LoginProblem.OVER)
    if reseller_id is not None and person.reseller_id != reseller_id:
        return LoginRefusal(LoginProblem.OVER)
    try:
        taken = _take(person.id, person.reseller_id, address)
    except Throttled as error:
        return LoginRefusal(LoginProblem.THROTTLED, error.seconds)
    return CodeAttempt(row.id, person.reseller_id, person.id, address, taken)


def enter_code(
    attempt: CodeAttempt | LoginRefusal, code: str, *, browser: str, replaces: str | None = None
) -> Entered | LoginRefusal:
    """Go in with the right code; the waiting login is spent by it, and by nothing else."""
    if isinstance(attempt, LoginRefusal):
        return attempt
    with bind(Scope(attempt.reseller_id)):
        person = _person(attempt.person_id)
        if person is None or not _may_come_in(person):
            return LoginRefusal(LoginProblem.OVER)
        if not second_step.spend_code(person.id, code):
            return LoginRefusal(LoginProblem.CODE)
        row = tokens.spent_now(attempt.token_id)
        if row is None:
            return LoginRefusal(LoginProblem.OVER)
        throttle.succeeded(attempt.taken)
        return arrive(
            person,
            keep=bool(row.facts.get("keep")),
            address=attempt.address,
            browser=browser,
            replaces=replaces,
            **row.facts.get("log", {}),
            second_step=True,
        )


def second_step_of(visitor: Visitor) -> SecondStepState:
    """How it stands with the person of this request."""
    return second_step.state_of(visitor.person_id)


def set_up_of(visitor: Visitor, *, issuer: str) -> SetUp | None:
    """The key this person may scan or type now; ``issuer`` is what the telephone calls it."""
    return second_step.set_up_of(visitor.person_id, account=visitor.email, issuer=issuer)


def begin_set_up(visitor: Visitor, proof: Proof | LoginRefusal) -> None:
    """Make a key to scan, after the password (``begin_change`` and ``prove``) was right."""
    second_step.start(_proven(visitor, proof))


def confirm_set_up(
    visitor: Visitor, code: str, *, address: str
) -> tuple[PersonFacts, tuple[str, ...]]:
    """Turn it on; the recovery codes. Other browsers of the person are logged out."""
    person = _own(visitor)
    codes = second_step.confirm(person, code)
    if codes is None:
        raise InvalidInput(WRONG_CODE, field="code")
    sessions.revoke_all(person_id=person.id, but=visitor.session_id)
    tokens.void(TokenKind.HAND_OFF, person.id)
    audit.record("second_step.on", by=visitor, address=address)
    return person_facts(person), codes


def begin_own_code(visitor: Visitor, *, address: str) -> Taken:
    """Count a try at one's own code, to change something; raises Throttled. In its own transaction."""
    return _take(visitor.person_id, visitor.reseller_id, address)


def renew_recovery_codes(
    visitor: Visitor, proof: Proof | LoginRefusal, taken: Taken, code: str, *, address: str
) -> tuple[str, ...]:
    """Ten new recovery codes for password and code."""
    person = _proven_twice(visitor, proof, taken, code)
    audit.record("second_step.codes_renewed", by=visitor, address=address)
    return second_step.renew_recovery_codes(person)


def turn_off_second_step(
    visitor: Visitor,
    proof: Proof | LoginRefusal,
    taken: Taken,
    code: str,
    *,
    password_length: int,
    address: str,
) -> PersonFacts:
    """Turn it off for password and code; refused where it is required, and for a short password."""
    if visitor.must_have_second_step:
        raise Refused("2-step login is required here, so it stays on.")
    if password_length < MINIMUM_LENGTH:
        raise InvalidInput(
            "Without 2-step login a password needs 10 characters. Choose a longer one first.",
            field="current_password",
        )
    person = _proven_twice(visitor, proof, taken, code)
    second_step.turn_off(person.id)
    audit.record("second_step.off", by=visitor, address=address)
    return person_facts(person)


def are_own_recovery_codes(visitor: Visitor, codes: list[str]) -> bool:
    """Are these this person's unused recovery codes, to be given out as a file?"""
    return second_step.are_recovery_codes(visitor.person_id, codes)


def reset_second_step(public_id: uuid.UUID, *, by: Visitor, address: str) -> PersonFacts:
    """Help a colleague who lost the telephone: theirs is turned off, and they are logged out."""
    person = session().scalar(
        select(Person).where(
            Person.public_id == public_id,
            Person.id != by.person_id,
            Person.client_id.is_not_distinct_from(by.client_id),
        )
    )
    return _reset(person, by=by, address=address)


def reset_staff_second_step(email: str) -> PersonFacts:
    """The operator's help for staff of the bound reseller, the only owner too."""
    person = session().scalar(
        select(Person).where(Person.is_staff, Person.email == spelled_alike(email))
    )
    return _reset(person)


def postpone_second_step(visitor: Visitor) -> None:
    """The owner said *Not now*: do not ask again."""
    _own(visitor).second_step_asked_at = clock.now()
    session().flush()


def _reset(person: Person | None, *, by: Visitor | None = None, address: str = "") -> PersonFacts:
    if person is None or not second_step.turn_off(person.id):
        raise NotFound("There is no such person with 2-step login.")
    sessions.revoke_all(person_id=person.id)
    tokens.void(TokenKind.SECOND_STEP, person.id)
    audit.record("second_step.reset", by=by, address=address, person=person.name)
    return person_facts(person)


def _take(person_id: int, reseller_id: int, address: str) -> Taken:
    return throttle.take(
        Door.CODE, account=f"person:{person_id}", address=address, reseller_id=reseller_id
    )


def _proven(visitor: Visitor, proof: Proof | LoginRefusal) -> Person:
    if isinstance(proof, LoginRefusal) and proof.problem is LoginProblem.THROTTLED:
        raise Throttled(proof.retry_after_seconds)
    if isinstance(proof, LoginRefusal) or proof.person_id != visitor.person_id:
        raise InvalidInput("This is not your current password.", field="current_password")
    throttle.succeeded(proof.taken)
    return _own(visitor)


def _proven_twice(visitor: Visitor, proof: Proof | LoginRefusal, taken: Taken, code: str) -> Person:
    person = _proven(visitor, proof)
    if not second_step.spend_code(person.id, code):
        raise InvalidInput(WRONG_CODE, field="code")
    throttle.succeeded(taken)
    return person


def _own(visitor: Visitor) -> Person:
    person = _person(visitor.person_id)
    if person is None or visitor.acting:
        raise Refused("While viewing a client's portal 2-step login cannot be changed.")
    return person


def _person(person_id: int) -> Person | None:
    found: Person | None = session().scalar(
        select(Person)
        .where(Person.id == person_id, Person.disabled_at.is_(None))
        .execution_options(populate_existing=True)
    )
    return found


def _may_come_in(person: Person) -> bool:
    if person.client_id is None:
        return True
    status = session().scalar(select(Client.status).where(Client.id == person.client_id))
    return status in sessions.MAY_LOG_IN
