"""The last step of every login: straight in, or to the page that asks for a code."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import update

from portal.core import clock
from portal.core.db import only_one, session
from portal.identity import audit, second_step, sessions, tokens
from portal.identity.models import Client, Person
from portal.identity.values import TokenKind
from portal.identity.visitor import Entered, NeedsCode

# From the password to the code.
WAITS = timedelta(minutes=10)


def let_in(
    person: Person,
    *,
    keep: bool,
    address: str,
    browser: str,
    replaces: str | None = None,
    **facts: Any,
) -> Entered | NeedsCode:
    """Open a session, or remember for ten minutes that the password was right and ask for a code.

    ``facts`` are what the log shall say about the login. What waits for a code is no session: its
    token opens the page of the code and nothing else.
    """
    if not second_step.is_on(person.id):
        return arrive(
            person, keep=keep, address=address, browser=browser, replaces=replaces, **facts
        )
    tokens.void(TokenKind.SECOND_STEP, person.id)
    _, token = tokens.issue(
        TokenKind.SECOND_STEP,
        reseller_id=person.reseller_id,
        person_id=person.id,
        lasts=WAITS,
        keep=keep,
        log=facts,
    )
    return NeedsCode(token, int(WAITS.total_seconds()))


def arrive(
    person: Person,
    *,
    keep: bool,
    address: str,
    browser: str,
    replaces: str | None = None,
    **facts: Any,
) -> Entered:
    """Open the session of somebody who proved everything that was asked."""
    entered = sessions.open_session(
        person, keep=keep, address=address, browser=browser, replaces=replaces
    )
    person.last_login_at = clock.now()
    session().flush()
    if person.client_id is not None:
        only_one(
            update(Client)
            .where(Client.id == person.client_id)
            .values(last_login_at=person.last_login_at)
        )
    audit.record("person.logged_in", by=entered.visitor, address=address, **facts)
    return entered
