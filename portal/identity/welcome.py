"""The first password of a client whom staff added: a link by mail, good for two weeks and for one use."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from portal.core.db import session
from portal.identity import audit, tokens
from portal.identity.addresses import portal_address
from portal.identity.clients import client_row
from portal.identity.models import OneTimeToken, Person
from portal.identity.passwords import ChosenPassword, set_password
from portal.identity.people import person_facts
from portal.identity.resellers import own_reseller
from portal.identity.resets import LinkIsSpent, ResetLink
from portal.identity.values import PersonFacts, TokenKind

LASTS = timedelta(days=14)


def invite_client(client_id: int) -> ResetLink:
    """A link for the person who logs in with the client's e-mail and has no password yet."""
    client = client_row(client_id)
    person = (
        session()
        .scalars(select(Person).where(Person.client_id == client_id, Person.email == client.email))
        .one()
    )
    token_id, token = tokens.issue(
        TokenKind.WELCOME, reseller_id=client.reseller_id, person_id=person.id, lasts=LASTS
    )
    address = f"{portal_address(own_reseller())}/welcome/{token}"
    return ResetLink(address, token_id, person_facts(person))


def welcome_is_open(token: str) -> bool:
    """Does this link of the bound reseller still work? Looking does not use it up."""
    return _find(token) is not None


def finish_welcome(token: str, chosen: ChosenPassword, *, address: str) -> PersonFacts:
    """Set the first password; raises LinkIsSpent, also when there is a password already."""
    found = _find(token)
    if found is None or not tokens.spend(found[0].id):
        raise LinkIsSpent
    person = set_password(found[1].id, chosen)
    audit.record("password.chosen", client_id=person.client_id, address=address)
    return person_facts(person)


def _find(token: str) -> tuple[OneTimeToken, Person] | None:
    row = tokens.find_open(TokenKind.WELCOME, token)
    if row is None:
        return None
    person = session().scalar(
        select(Person)
        .where(
            Person.id == row.person_id,
            Person.disabled_at.is_(None),
            Person.password_hash.is_(None),
        )
        .execution_options(populate_existing=True)
    )
    return None if person is None else (row, person)
