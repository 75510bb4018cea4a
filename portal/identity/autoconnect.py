"""The login form on a reseller's own website, and its safe hand-off (rulings 28).

The form is posted from elsewhere, so it may be an attack: somebody else's page putting a visitor into
the attacker's account. The post therefore opens no session. It leaves a one-time token, and the next
page, which sees the visitor's own cookie, decides whether to go straight in or to ask.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from portal.core import clock
from portal.core.db import session
from portal.core.scope import Scope, bind
from portal.identity import sessions, tokens
from portal.identity.addresses import may_log_in
from portal.identity.entering import let_in
from portal.identity.login import accept
from portal.identity.models import Client, OneTimeToken, Person
from portal.identity.tokens import find_open, spend
from portal.identity.values import ResellerFacts, TokenKind
from portal.identity.visitor import (
    AskToContinue,
    Entered,
    HandOff,
    LoginProblem,
    LoginRefusal,
    NeedsCode,
    Proof,
    Visitor,
)

STRAIGHT_IN = timedelta(seconds=60)
# The question may be answered a little later: it takes a click on our own page.
ASKED = timedelta(minutes=5)


def begin_hand_off(
    reseller: ResellerFacts, proof: Proof | LoginRefusal, *, origin: str | None
) -> HandOff | LoginRefusal:
    """Keep a right login for the next page. ``origin`` is the request's Origin header.

    ``proof`` comes from ``begin_login`` and ``prove``, as at every other door.
    """
    if isinstance(proof, LoginRefusal):
        return proof
    with bind(Scope(reseller.id)):
        person = accept(proof)
        if person is None:
            return LoginRefusal(LoginProblem.WRONG)
        tokens.void(TokenKind.HAND_OFF, person.id)
        _, token = tokens.issue(
            TokenKind.HAND_OFF,
            reseller_id=reseller.id,
            person_id=person.id,
            lasts=ASKED,
            trusted=may_log_in(reseller, origin),
        )
    return HandOff(token, int(ASKED.total_seconds()))


def finish_hand_off(
    reseller: ResellerFacts,
    token: str,
    *,
    visitor: Visitor | None,
    confirmed: bool,
    address: str,
    browser: str,
    replaces: str | None = None,
) -> Entered | NeedsCode | AskToContinue | None:
    """Go in, ask for a code or for a click, or (None) begin again at the login page because the token is spent or too old.

    Straight in only from a listed website, within 60 seconds, and when nobody else is logged in here.
    ``visitor`` is whoever this browser belongs to now; ``confirmed`` that the person said *Continue*
    on our own page, in a request that carried our CSRF token.
    """
    with bind(Scope(reseller.id)):
        row = find_open(TokenKind.HAND_OFF, token)
        person = session().scalar(select(Person).where(Person.id == row.person_id)) if row else None
        if row is None or person is None:
            return None
        if not confirmed and not _straight_in(row, visitor):
            return AskToContinue(person.name, person.email)
        if not spend(row.id) or not _may_come_in(person):
            return None
        return let_in(
            person,
            keep=False,
            address=address,
            browser=browser,
            replaces=replaces,
            door="website",
            asked=confirmed,
        )


def _straight_in(row: OneTimeToken, visitor: Visitor | None) -> bool:
    fresh = clock.now() < row.created_at + STRAIGHT_IN
    nobody_else = visitor is None or (visitor.person_id == row.person_id and not visitor.acting)
    return bool(row.facts.get("trusted")) and fresh and nobody_else


def _may_come_in(person: Person) -> bool:
    status = session().scalar(select(Client.status).where(Client.id == person.client_id))
    return person.disabled_at is None and status in sessions.MAY_LOG_IN
