"""Passwords of people: chosen, changed; a change ends every session."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import select

from portal.core import clock
from portal.core.db import session
from portal.core.errors import InvalidInput, NotFound
from portal.core.passwords import (
    MINIMUM_LENGTH,
    MINIMUM_LENGTH_WITH_CODE,
    hash_password,
    weakness,
)
from portal.core.sentences import N_
from portal.identity import audit, sessions, throttle, tokens
from portal.identity.models import Person
from portal.identity.throttle import Throttled
from portal.identity.values import TokenKind
from portal.identity.visitor import Entered, LoginProblem, LoginRefusal, Proof, Visitor

_SENTENCES = {
    "short": N_("Choose at least 10 characters."),
    "short_with_code": N_("Choose at least 8 characters."),
    "long": N_("Choose at most 200 characters."),
    "common": N_("This password is on the lists that attackers try first. Choose another one."),
    "personal": N_("Your name or e-mail address is not a password. Choose another one."),
}


@dataclass(frozen=True, slots=True)
class ChosenPassword:
    """A password that is good enough, already hashed."""

    hash: str = field(repr=False)


def choose_password(
    password: str,
    *,
    known: tuple[str, ...] = (),
    field: str = "password",
    with_code: bool = False,
) -> ChosenPassword:
    """Check and hash a new password; raises InvalidInput with the reason.

    Call it before the transaction: hashing is slow on purpose. ``known`` are the person's own words.
    ``with_code``: they have 2-step login, so that 8 characters suffice (rulings 27).
    """
    minimum = MINIMUM_LENGTH_WITH_CODE if with_code else MINIMUM_LENGTH
    local_parts = tuple(word.partition("@")[0] for word in known if "@" in word)
    if problem := weakness(password, known=known + local_parts, minimum=minimum):
        words = f"{problem}_with_code" if problem == "short" and with_code else problem
        raise InvalidInput(_SENTENCES[words], code=f"password_{problem}", field=field)
    return ChosenPassword(hash_password(password))


def change_password(
    visitor: Visitor, proof: Proof | LoginRefusal, chosen: ChosenPassword, *, browser: str
) -> Entered:
    """Set a person's own new password; every session ends, and this browser gets a new one.

    ``proof`` comes from ``begin_change`` and ``prove`` with the current password. Raises Throttled,
    or InvalidInput for the field ``current_password``.
    """
    if isinstance(proof, LoginRefusal) and proof.problem is LoginProblem.THROTTLED:
        raise Throttled(proof.retry_after_seconds)
    if isinstance(proof, LoginRefusal) or proof.person_id != visitor.person_id:
        raise InvalidInput("This is not your current password.", field="current_password")
    throttle.succeeded(proof.taken)
    person = set_password(visitor.person_id, chosen)
    audit.record("password.changed", by=visitor, address=proof.address)
    return sessions.open_session(person, keep=visitor.keep, address=proof.address, browser=browser)


def set_password(person_id: int, chosen: ChosenPassword) -> Person:
    """Store the password, end every session of the person, close their open links."""
    person = session().scalar(
        select(Person).where(Person.id == person_id).execution_options(populate_existing=True)
    )
    if person is None:
        raise NotFound("There is no such person.")
    person.password_hash = chosen.hash
    person.password_changed_at = clock.now()
    session().flush()
    sessions.revoke_all(person_id=person_id)
    tokens.void(TokenKind.RESET_PASSWORD, person_id)
    tokens.void(TokenKind.WELCOME, person_id)
    tokens.void(TokenKind.HAND_OFF, person_id)
    tokens.void(TokenKind.SECOND_STEP, person_id)
    return person
