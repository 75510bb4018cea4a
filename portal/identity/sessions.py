"""Browsers that are logged in: rows that can be listed, and ended at once (ADR 0003)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select, update

from portal.core import clock
from portal.core.db import only_one, session
from portal.core.errors import NotFound
from portal.core.registry import settings
from portal.core.scope import Scope, bind, unscoped
from portal.identity.models import (
    Client,
    Person,
    PersonSubAccount,
    Reseller,
    SecondStep,
    WebSession,
)
from portal.identity.tokens import hashed, new_token
from portal.identity.values import Access, ClientStatus, MemberRole, Role, SessionRow
from portal.identity.visitor import Entered, Visitor

TOUCH_EVERY = timedelta(minutes=1)
MAY_LOG_IN = frozenset({ClientStatus.ACTIVE, ClientStatus.SUSPENDED})


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long a session lasts at most, and how long it may lie idle (None: as long as it lasts)."""

    at_most: timedelta
    idle: timedelta | None


# Rulings 27.
CLIENT = Lifetime(timedelta(hours=12), timedelta(hours=2))
KEPT = Lifetime(timedelta(days=30), None)
STAFF = Lifetime(timedelta(hours=8), timedelta(minutes=30))
ACTING = Lifetime(timedelta(minutes=30), None)


def open_session(
    person: Person, *, keep: bool, address: str, browser: str, replaces: str | None = None
) -> Entered:
    """Start a session for somebody whose identity is settled; the browser's old one ends."""
    if replaces:
        log_out(replaces)
    keep = keep and not person.is_staff
    lifetime = STAFF if person.is_staff else KEPT if keep else CLIENT
    return enter(
        reseller_id=person.reseller_id,
        person_id=person.id,
        keep=keep,
        expires_at=clock.now() + lifetime.at_most,
        address=address[:45],
        browser=browser[:200],
    )


def enter(**values: Any) -> Entered:
    """Store a session and tell what it makes of its browser."""
    token = new_token()
    with bind(Scope(values["reseller_id"])):
        row = WebSession(token_hash=hashed(token), **values)
        session().add(row)
        session().flush()
    visitor = resume_session(token)
    assert visitor is not None, "a session was opened for somebody who may not have one"
    return Entered(token, visitor, row.expires_at if row.keep else None)


def resume_session(token: str) -> Visitor | None:
    """Who has this session? None when it ended, was revoked, or its person may not come in."""
    with unscoped("a session's token says which reseller it belongs to"):
        found = (
            session()
            .execute(
                select(WebSession, Person, Client, Reseller, SecondStep.confirmed_at)
                .join(Person, Person.id == WebSession.person_id)
                .join(Reseller, Reseller.id == WebSession.reseller_id)
                .outerjoin(
                    Client,
                    Client.id == func.coalesce(WebSession.acting_client_id, Person.client_id),
                )
                .outerjoin(SecondStep, SecondStep.person_id == Person.id)
                .where(WebSession.token_hash == hashed(token), WebSession.revoked_at.is_(None))
                .execution_options(populate_existing=True)
            )
            .one_or_none()
        )
    if found is None:
        return None
    row, person, client, reseller, second_step_since = found
    at = clock.now()
    if at >= _ends_at(row, person) or person.disabled_at is not None:
        return None
    if client is not None and client.status not in _welcome(row):
        return None
    return _visitor(
        row, person, client, at, reseller=reseller, has_second_step=second_step_since is not None
    )


def touch_session(visitor: Visitor) -> None:
    """Note that the session is in use; at most once a minute, see ``touch_due``."""
    at = clock.now()
    with bind(Scope(visitor.reseller_id)):
        only_one(
            update(WebSession)
            .where(WebSession.id == visitor.session_id, WebSession.last_seen_at <= at - TOUCH_EVERY)
            .values(last_seen_at=at)
        )


def log_out(token: str) -> None:
    """End the session of this token, if there is one."""
    with unscoped("a session's token says which reseller it belongs to"):
        only_one(
            update(WebSession)
            .where(WebSession.token_hash == hashed(token), WebSession.revoked_at.is_(None))
            .values(revoked_at=clock.now())
        )


def sessions_of(visitor: Visitor) -> list[SessionRow]:
    """Where this person is logged in, the latest first; viewing as a client is not among them."""
    at = clock.now()
    found = session().execute(
        select(WebSession, Person)
        .join(Person, Person.id == WebSession.person_id)
        .where(
            WebSession.person_id == visitor.person_id,
            WebSession.revoked_at.is_(None),
            WebSession.acting_client_id.is_(None),
            WebSession.expires_at > at,
        )
        .order_by(WebSession.last_seen_at.desc(), WebSession.id.desc())
    )
    return [
        SessionRow(
            row.public_id,
            row.created_at,
            row.last_seen_at,
            _ends_at(row, person),
            row.address,
            row.browser,
            row.keep,
            row.id == visitor.session_id,
        )
        for row, person in found
        if _ends_at(row, person) > at
    ]


def sessions_of_client(client_id: int) -> list[tuple[str, SessionRow]]:
    """Every session that is still known of a client's people, with the person's name, latest first."""
    found = session().execute(
        select(WebSession, Person)
        .join(Person, Person.id == WebSession.person_id)
        .where(Person.client_id == client_id)
        .order_by(WebSession.id.desc())
    )
    return [
        (
            person.name,
            SessionRow(
                row.public_id, row.created_at, row.last_seen_at, row.revoked_at or row.expires_at,
                row.address, row.browser, row.keep, False,
            ),
        )
        for row, person in found
    ]  # fmt: skip


def revoke_session(visitor: Visitor, session_public_id: uuid.UUID) -> None:
    """End one of this person's own sessions; raises NotFound for anybody else's."""
    ended = only_one(
        update(WebSession)
        .where(
            WebSession.public_id == session_public_id,
            WebSession.person_id == visitor.person_id,
            WebSession.revoked_at.is_(None),
        )
        .values(revoked_at=clock.now())
    )
    if not ended:
        raise NotFound("There is no such session.")


def revoke_all(
    *, person_id: int | None = None, client_id: int | None = None, but: int | None = None
) -> None:
    """End every session of a person, or of a client's people and of staff who view it.

    ``but`` names one session (id) that goes on.
    """
    which = WebSession.person_id == person_id
    if client_id is not None:
        people = select(Person.id).where(Person.client_id == client_id)
        which = or_(WebSession.person_id.in_(people), WebSession.acting_client_id == client_id)
    session().execute(
        update(WebSession)
        .where(which, WebSession.revoked_at.is_(None), WebSession.id != (but or 0))
        .values(revoked_at=clock.now()),
        execution_options={"synchronize_session": False},
    )


def _ends_at(row: WebSession, person: Person) -> datetime:
    if row.keep or row.acting_client_id is not None:
        return row.expires_at
    idle = (STAFF if person.is_staff else CLIENT).idle
    assert idle is not None
    return min(row.expires_at, row.last_seen_at + idle)


def _welcome(row: WebSession) -> frozenset[ClientStatus]:
    """Staff may look at the portal of a client who waits."""
    return MAY_LOG_IN | {ClientStatus.WAIT} if row.acting_client_id is not None else MAY_LOG_IN


def _visitor(
    row: WebSession,
    person: Person,
    client: Client | None,
    at: datetime,
    *,
    reseller: Reseller,
    has_second_step: bool,
) -> Visitor:
    acting = row.acting_client_id is not None
    required = not acting and _requires_second_step(person, reseller)
    return Visitor(
        session_id=row.id,
        session_public_id=row.public_id,
        person_id=person.id,
        person_public_id=person.public_id,
        reseller_id=person.reseller_id,
        client_id=client.id if client else None,
        client_public_id=client.public_id if client else None,
        client_status=ClientStatus(client.status) if client else None,
        role=Role(person.role) if person.is_staff and not acting else None,
        name=person.name,
        email=person.email,
        language=person.language or (client.language if client else ""),
        time_zone=person.time_zone or (client.time_zone if client else reseller.time_zone),
        keep=row.keep,
        acting=acting,
        acting_reason=row.acting_reason,
        may_change=not acting or row.acting_may_change,
        expires_at=_ends_at(row, person),
        touch_due=row.last_seen_at <= at - TOUCH_EVERY,
        access=None if person.is_staff else access_of(person),
        has_second_step=has_second_step,
        must_have_second_step=required,
        ask_second_step=not has_second_step
        and not acting
        and person.role == Role.OWNER
        and person.second_step_asked_at is None,
    )


def access_of(person: Person) -> Access:
    """What one of a client's people may see; a role that nobody knows is a member's."""
    if person.role == MemberRole.MANAGER:
        return Access()
    if not person.limited:
        return Access(MemberRole.MEMBER, None, person.sees_money)
    with bind(Scope(person.reseller_id, person.client_id)):
        found = session().scalars(
            select(PersonSubAccount.sub_account_id).where(PersonSubAccount.person_id == person.id)
        )
        return Access(MemberRole.MEMBER, frozenset(found), sees_money=False)


def _requires_second_step(person: Person, reseller: Reseller) -> bool:
    """Required of everybody or of staff by the operator, of their staff by owners (rulings 27)."""
    if settings().second_step == "everybody":
        return True
    return person.is_staff and (settings().second_step == "staff" or reseller.require_second_step)
