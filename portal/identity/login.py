"""Logging in, in three steps, so that no transaction is open while a password is hashed.

    with transaction():
        attempt = identity.begin_login(reseller_id, email, address=address)   # None: staff
    proof = identity.prove(attempt, password)
    with transaction():
        entered = identity.log_in(proof, browser=browser, keep=keep, replaces=old_token)
    if isinstance(entered, LoginRefusal): …
    if isinstance(entered, NeedsCode): …              # 2-step login: go on in codes.py

A refusal passes through the later steps, so a view looks once, at the end.
"""

from __future__ import annotations

from sqlalchemy import select, update

from portal.core.db import only_one, session
from portal.core.errors import Refused
from portal.core.passwords import hash_password, needs_rehash, verify_password
from portal.core.scope import Scope, bind, unscoped
from portal.identity import throttle
from portal.identity.entering import let_in
from portal.identity.models import Client, Person
from portal.identity.sessions import MAY_LOG_IN
from portal.identity.spelling import spelled_alike
from portal.identity.throttle import Door, Throttled
from portal.identity.values import ClientStatus
from portal.identity.visitor import (
    Entered,
    LoginAttempt,
    LoginProblem,
    LoginRefusal,
    NeedsCode,
    Proof,
    Visitor,
)


def begin_login(
    reseller_id: int | None, email: str, *, address: str
) -> LoginAttempt | LoginRefusal:
    """Count a try at a password. Without ``reseller_id`` it is staff, of whichever reseller.

    In a transaction of its own: the count stays whatever comes next.
    """
    return _begin(
        account_key(reseller_id, email),
        reseller_id,
        address,
        Person.email == spelled_alike(email),
        Person.is_staff.is_(reseller_id is None),
    )


def begin_change(visitor: Visitor, *, address: str) -> LoginAttempt | LoginRefusal:
    """Count a try at one's own current password: the same door, the same counter.

    Refused while viewing a client's portal, whose passwords are the client's own affair.
    """
    if visitor.acting:
        raise Refused("While viewing a client's portal no password can be changed.")
    staff = visitor.role is not None
    reseller_id = None if staff else visitor.reseller_id
    return _begin(
        account_key(reseller_id, visitor.email),
        reseller_id,
        address,
        Person.id == visitor.person_id,
    )


def prove(attempt: LoginAttempt | LoginRefusal, password: str) -> Proof | LoginRefusal:
    """Is it the password? Touches no table; an unknown person costs the same time."""
    if isinstance(attempt, LoginRefusal):
        return attempt
    right = verify_password(password, attempt.stored_hash)
    if not right or attempt.person_id is None or attempt.stored_hash is None:
        return LoginRefusal(LoginProblem.WRONG)
    assert attempt.reseller_id is not None
    if attempt.client_status is ClientStatus.WAIT:
        return LoginRefusal(LoginProblem.WAITING)
    if attempt.client_status is ClientStatus.CLOSED:
        return LoginRefusal(LoginProblem.CLOSED)
    stale = needs_rehash(attempt.stored_hash)
    return Proof(
        reseller_id=attempt.reseller_id,
        person_id=attempt.person_id,
        stored_hash=attempt.stored_hash,
        new_hash=hash_password(password) if stale else None,
        address=attempt.address,
        taken=attempt.taken,
    )


def log_in(
    proof: Proof | LoginRefusal, *, browser: str, keep: bool = False, replaces: str | None = None
) -> Entered | NeedsCode | LoginRefusal:
    """Open a session of its own, or ask for a code; ``replaces`` is the token this browser had before.

    ``keep`` is the box *Keep me logged in*: 30 days; staff never get it (rulings 27).
    """
    if isinstance(proof, LoginRefusal):
        return proof
    with bind(Scope(proof.reseller_id)):
        person = accept(proof)
        if person is None:
            return LoginRefusal(LoginProblem.WRONG)
        return let_in(person, keep=keep, address=proof.address, browser=browser, replaces=replaces)


def accept(proof: Proof) -> Person | None:
    """Give the try back and read the person again: the password may have changed since."""
    throttle.succeeded(proof.taken)
    unchanged = only_one(
        update(Person)
        .where(
            Person.id == proof.person_id,
            Person.password_hash == proof.stored_hash,
            Person.disabled_at.is_(None),
        )
        .values(password_hash=proof.new_hash or proof.stored_hash)
    )
    found = (
        session()
        .execute(
            select(Person, Client.status)
            .outerjoin(Client, Client.id == Person.client_id)
            .where(Person.id == proof.person_id)
            .execution_options(populate_existing=True)
        )
        .one_or_none()
    )
    if not unchanged or found is None:
        return None
    person, status = found
    return person if status is None or status in MAY_LOG_IN else None


def account_key(reseller_id: int | None, email: str) -> str:
    """What failures at one account are counted under."""
    return f"{'staff' if reseller_id is None else reseller_id}:{spelled_alike(email)}"


def _begin(
    account: str, reseller_id: int | None, address: str, *which: object
) -> LoginAttempt | LoginRefusal:
    try:
        taken = throttle.take(
            Door.PASSWORD, account=account, address=address, reseller_id=reseller_id
        )
    except Throttled as error:
        return LoginRefusal(LoginProblem.THROTTLED, error.seconds)
    found = None
    with unscoped("staff name no reseller; a client's is in the condition"):
        query = (
            select(Person.id, Person.reseller_id, Person.password_hash, Client.status)
            .outerjoin(Client, Client.id == Person.client_id)
            .where(Person.disabled_at.is_(None), *which)  # type: ignore[arg-type]
        )
        if reseller_id is not None:
            query = query.where(Person.reseller_id == reseller_id)
        found = session().execute(query).one_or_none()
    if found is None:
        return LoginAttempt(reseller_id, None, None, None, address, taken)
    person_id, owner_id, stored_hash, status = found
    known = ClientStatus(status) if status else None
    return LoginAttempt(owner_id, person_id, stored_hash, known, address, taken)
