"""Staff look at a client's portal as that client: in their own name, and always written down."""

from __future__ import annotations

import uuid

from sqlalchemy import select, update
from sqlalchemy.orm import aliased

from portal.core import clock
from portal.core.db import only_one, session
from portal.core.errors import InvalidInput, NotFound, Refused
from portal.core.scope import Scope, bind
from portal.identity import audit, sessions
from portal.identity.models import Client, WebSession
from portal.identity.roles import StaffAction, may
from portal.identity.spelling import one_line
from portal.identity.values import ClientStatus
from portal.identity.visitor import Entered, Visitor

_LONGEST_REASON = 200
_PARENT = aliased(WebSession)


def begin_acting(
    visitor: Visitor,
    client_public_id: uuid.UUID,
    *,
    reason: str,
    address: str,
    browser: str,
    allow_changes: bool = False,
) -> Entered:
    """Open the client's portal for a member of staff: 30 minutes, read-only unless allowed.

    A session of its own, whose token takes the place of the staff one in the cookie. The reason is
    asked for and shown to the client. Raises InvalidInput, NotFound, or Refused for the role.
    """
    _require_staff(visitor)
    reason = one_line(reason)[:_LONGEST_REASON]
    if not reason:
        raise InvalidInput("Say why you open this client's portal.", field="reason")
    client = session().scalar(
        select(Client).where(
            Client.public_id == client_public_id, Client.status != ClientStatus.CLOSED
        )
    )
    if client is None:
        raise NotFound("There is no such client.")
    entered = sessions.enter(
        reseller_id=visitor.reseller_id,
        person_id=visitor.person_id,
        acting_client_id=client.id,
        acting_reason=reason,
        acting_may_change=allow_changes,
        parent_id=visitor.session_id,
        expires_at=clock.now() + sessions.ACTING.at_most,
        address=address[:45],
        browser=browser[:200],
    )
    audit.record(
        audit.VIEWED, by=entered.visitor, address=address, reason=reason, changes=allow_changes
    )
    return entered


def allow_changes(visitor: Visitor, *, address: str) -> None:
    """Switch this acting session from reading to changing; written down like its beginning."""
    switched = visitor.acting and only_one(
        update(WebSession)
        .where(WebSession.id == visitor.session_id, WebSession.acting_may_change.is_(False))
        .values(acting_may_change=True)
    )
    if switched:
        audit.record("acting.may_change", by=visitor, address=address)


def end_acting(visitor: Visitor, *, address: str, browser: str) -> Entered | None:
    """Close the client's portal and go on as staff, under a new token, until the old end.

    None when the staff session has ended meanwhile: to the staff login, then.
    """
    if not visitor.acting:
        raise Refused("You are not viewing a client's portal.")
    with bind(Scope(visitor.reseller_id)):
        audit.record("acting.ended", by=visitor, address=address)
        at = clock.now()
        parent = (
            session()
            .execute(
                select(_PARENT.id, _PARENT.expires_at)
                .join(WebSession, WebSession.parent_id == _PARENT.id)
                .where(WebSession.id == visitor.session_id)
            )
            .one_or_none()
        )
        _end(visitor.session_id)
        if parent is None or parent.expires_at <= at or not _end(parent.id):
            return None
        return sessions.enter(
            reseller_id=visitor.reseller_id,
            person_id=visitor.person_id,
            expires_at=parent.expires_at,
            address=address[:45],
            browser=browser[:200],
        )


def _require_staff(visitor: Visitor) -> None:
    if visitor.role is None or not may(visitor.role, StaffAction.ACT):
        raise Refused("Your role does not allow opening a client's portal.", code="forbidden")


def _end(session_id: int) -> bool:
    return only_one(
        update(WebSession)
        .where(WebSession.id == session_id, WebSession.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )
