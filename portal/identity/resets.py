"""Forgotten passwords: a link by mail, good for an hour and for one use."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import or_, select

from portal.core import clock
from portal.core.db import session
from portal.core.errors import Refused
from portal.core.scope import Scope, bind, unscoped
from portal.core.sentences import N_
from portal.identity import audit, second_step, throttle, tokens
from portal.identity.addresses import portal_address, staff_address
from portal.identity.login import account_key
from portal.identity.models import Client, OneTimeToken, Person
from portal.identity.passwords import ChosenPassword, set_password
from portal.identity.people import person_facts
from portal.identity.resellers import reseller_facts
from portal.identity.sessions import MAY_LOG_IN
from portal.identity.spelling import spelled_alike
from portal.identity.throttle import Door
from portal.identity.values import PersonFacts, TokenKind

LASTS = timedelta(hours=1)


class LinkIsSpent(Refused):
    """The link was used, is too old, or never was one."""

    code = "link_spent"

    def __init__(self) -> None:
        super().__init__(N_("This link no longer works. Ask for a new one."))


@dataclass(frozen=True, slots=True)
class ResetLink:
    """What goes into the mail. ``token_id`` names the link without opening anything."""

    address: str = field(repr=False)
    token_id: int
    person: PersonFacts


def begin_reset(reseller_id: int | None, email: str, *, address: str) -> ResetLink | None:
    """Make a link for whoever has this e-mail; None when nobody has, which the page never shows.

    Without ``reseller_id`` it is staff. Raises Throttled, for known and unknown alike. Staff of every
    reseller share one door, so this also binds nothing: read the reseller from ``person``.
    """
    throttle.take(
        Door.RESET,
        account=account_key(reseller_id, email),
        address=address,
        reseller_id=reseller_id,
    )
    with unscoped("staff name no reseller; a client's is in the condition"):
        query = (
            select(Person)
            .outerjoin(Client, Client.id == Person.client_id)
            .where(
                Person.email == spelled_alike(email),
                Person.is_staff.is_(reseller_id is None),
                Person.disabled_at.is_(None),
                or_(Client.status.is_(None), Client.status.in_(MAY_LOG_IN)),
            )
        )
        if reseller_id is not None:
            query = query.where(Person.reseller_id == reseller_id)
        person = session().scalar(query)
        if person is None:
            return None
    with bind(Scope(person.reseller_id)):
        token_id, token = tokens.issue(
            TokenKind.RESET_PASSWORD,
            reseller_id=person.reseller_id,
            person_id=person.id,
            lasts=LASTS,
        )
        audit.record(
            "password.reset_asked", client_id=person.client_id, address=address, person=person.name
        )
        base = (
            staff_address()
            if person.is_staff
            else portal_address(reseller_facts(person.reseller_id))
        )
    return ResetLink(f"{base}/reset/{token}", token_id, person_facts(person))


def reset_is_open(reseller_id: int | None, token: str) -> bool:
    """Does this link still work at this door? Looking does not use it up."""
    with unscoped("a reset token says which reseller it belongs to"):
        return _find(reseller_id, token) is not None


def reset_needs_code(reseller_id: int | None, token: str) -> bool:
    """Has the person of this link 2-step login, which a new password does not take away?"""
    with unscoped("a reset token says which reseller it belongs to"):
        found = _find(reseller_id, token)
        return found is not None and second_step.is_on(found[1].id)


def finish_reset(
    reseller_id: int | None, token: str, chosen: ChosenPassword, *, address: str
) -> PersonFacts:
    """Set the new password; raises LinkIsSpent. Every session and other link of the person ends."""
    with unscoped("a reset token says which reseller it belongs to"):
        found = _find(reseller_id, token)
    if found is None:
        raise LinkIsSpent
    row, person = found
    with bind(Scope(person.reseller_id)):
        if not tokens.spend(row.id):
            raise LinkIsSpent
        # Counter before person, as a login takes them: the other way round two could wait for each other.
        throttle.forget_account(Door.PASSWORD, account_key(reseller_id, person.email))
        set_password(person.id, chosen)
        audit.record(
            "password.reset", client_id=person.client_id, address=address, person=person.name
        )
        return person_facts(person)


def renew_reset(token_id: int) -> None:
    """Start the hour of an unused link anew, because its mail leaves only now."""
    tokens.start_anew(token_id, until=clock.now() + LASTS)


def _find(reseller_id: int | None, token: str) -> tuple[OneTimeToken, Person] | None:
    row = tokens.find_open(TokenKind.RESET_PASSWORD, token)
    if row is None:
        return None
    person = session().scalar(
        select(Person)
        .where(Person.id == row.person_id, Person.disabled_at.is_(None))
        .execution_options(populate_existing=True)
    )
    if person is None or person.is_staff != (reseller_id is None):
        return None
    if reseller_id is not None and person.reseller_id != reseller_id:
        return None
    return row, person
