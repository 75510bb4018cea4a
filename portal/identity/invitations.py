"""Asking somebody by mail to join a team: a link for seven days and one use."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import func, select, update

from portal.core import clock
from portal.core.db import only_one, session
from portal.core.errors import InvalidInput, NotFound
from portal.core.scope import Scope, bind, unscoped
from portal.identity import audit, throttle
from portal.identity.addresses import checked_email, portal_address, staff_address
from portal.identity.entering import arrive
from portal.identity.models import Client, Invitation, Person
from portal.identity.passwords import ChosenPassword
from portal.identity.people import checked_name, insert_person
from portal.identity.resellers import reseller_facts
from portal.identity.resets import LinkIsSpent
from portal.identity.sessions import MAY_LOG_IN
from portal.identity.team import checked_access, keep_access
from portal.identity.throttle import Door
from portal.identity.tokens import hashed, new_token
from portal.identity.values import Access, InvitationRow, MemberRole, Role
from portal.identity.visitor import Entered, Visitor

LASTS = timedelta(days=7)
MOST_OPEN = 50


@dataclass(frozen=True, slots=True)
class InvitationLink:
    """What goes into the mail. ``client_id`` when it is a client's team."""

    address: str = field(repr=False)
    name: str
    email: str
    language: str
    invited_by: str
    team: str
    reseller_id: int
    client_id: int | None


@dataclass(frozen=True, slots=True)
class Invited:
    """Who opened the link of an invitation, for the page that welcomes them."""

    name: str
    email: str
    invited_by: str
    team: str


def invite(
    *, name: str, email: str, role: Role | None = None, access: Access | None = None, by: Visitor
) -> InvitationLink:
    """Ask somebody to join the staff (``role``) or the client's team (``access``).

    Raises InvalidInput for ``name``, ``email`` or the limits, and Throttled: each costs a mail.
    """
    email = checked_email(email)
    client_id = by.client_id
    assert (role is None) == (client_id is not None), "staff have roles, a client's people access"
    if access is not None:
        checked_access(access)
    _require_new(email, client_id, by.reseller_id)
    _count_mail(email, by)
    row = Invitation(
        client_id=client_id,
        token_hash="",
        name=checked_name(name, field="name"),
        email=email,
        role=(role or (access or Access()).role).value,
        limited=access is not None and access.sub_account_ids is not None,
        sees_money=access is None or access.sees_money,
        sub_account_ids=sorted(access.sub_account_ids or ()) if access else [],
        invited_by=by.name,
        language=by.language,
    )
    audit.record("invitation.sent", by=by, client_id=client_id, person=row.name, role=row.role)
    return _send(row, by.reseller_id)


def resend_invitation(public_id: uuid.UUID, *, by: Visitor) -> InvitationLink:
    """Send it again with a new link; the old one works no longer."""
    row = _open_one(public_id, by.client_id)
    _count_mail(row.email, by)
    audit.record("invitation.sent", by=by, client_id=by.client_id, person=row.name, role=row.role)
    return _send(row, by.reseller_id)


def withdraw_invitation(public_id: uuid.UUID, *, by: Visitor) -> None:
    """Let the link open nothing any more."""
    row = _open_one(public_id, by.client_id)
    row.withdrawn_at = clock.now()
    session().flush()
    audit.record("invitation.withdrawn", by=by, client_id=by.client_id, person=row.name)


def open_invitations(client_id: int | None = None) -> list[InvitationRow]:
    """Who was asked and has not answered, the newest first; those whose time is over too."""
    rows = session().scalars(
        select(Invitation)
        .where(
            Invitation.client_id.is_not_distinct_from(client_id),
            Invitation.accepted_at.is_(None),
            Invitation.withdrawn_at.is_(None),
        )
        .order_by(Invitation.id.desc())
        .limit(MOST_OPEN)
    )
    return [_shown(row) for row in rows]


def invited(reseller_id: int | None, token: str) -> Invited | None:
    """Whom a link welcomes at this door; None when it is spent, too old or somebody else's."""
    with unscoped("the link of an invitation says whose it is"):
        row = _find(reseller_id, token)
        if row is None:
            return None
    with bind(Scope(row.reseller_id)):
        return Invited(row.name, row.email, row.invited_by, _team_name(row))


def accept_invitation(
    reseller_id: int | None,
    token: str,
    *,
    name: str,
    chosen: ChosenPassword,
    address: str,
    browser: str,
    replaces: str | None = None,
) -> Entered:
    """Become one of the team and go in; raises LinkIsSpent, or InvalidInput for ``name``."""
    with unscoped("the link of an invitation says whose it is"):
        row = _find(reseller_id, token)
    if row is None:
        raise LinkIsSpent
    with bind(Scope(row.reseller_id)):
        mine = only_one(
            update(Invitation)
            .where(
                Invitation.id == row.id,
                Invitation.token_hash == row.token_hash,
                Invitation.accepted_at.is_(None),
                Invitation.withdrawn_at.is_(None),
            )
            .values(accepted_at=clock.now())
        )
        if not mine:
            raise LinkIsSpent
        person = Person(
            client_id=row.client_id,
            is_staff=row.client_id is None,
            role=row.role,
            name=checked_name(name, field="name"),
            email=row.email,
            password_hash=chosen.hash,
            password_changed_at=clock.now(),
            language=row.language,
        )
        insert_person(person)
        if row.client_id is not None:
            keep_access(person, _access(row))
        return arrive(
            person,
            keep=False,
            address=address,
            browser=browser,
            replaces=replaces,
            door="invitation",
        )


def _send(row: Invitation, reseller_id: int) -> InvitationLink:
    token, at = new_token(), clock.now()
    row.token_hash, row.sent_at, row.expires_at = hashed(token), at, at + LASTS
    session().add(row)
    session().flush()
    base = staff_address() if row.client_id is None else portal_address(reseller_facts(reseller_id))
    return InvitationLink(
        f"{base}/invitation/{token}", row.name, row.email, row.language, row.invited_by,
        _team_name(row), reseller_id, row.client_id,
    )  # fmt: skip


def _count_mail(email: str, by: Visitor) -> None:
    throttle.take(
        Door.INVITATION,
        account=f"{by.reseller_id}:{email}",
        reseller_id=by.reseller_id,
    )


def _require_new(email: str, client_id: int | None, reseller_id: int) -> None:
    with unscoped("an e-mail of staff is unique in the installation"):
        known = session().scalar(
            select(Person.id).where(Person.email == email, Person.is_staff)
            if client_id is None
            else select(Person.id).where(
                Person.email == email,
                Person.is_staff.is_(False),
                Person.reseller_id == reseller_id,
            )
        )
    if known is not None:
        raise InvalidInput("Somebody already logs in with this e-mail.", field="email")
    waiting = [one.email for one in open_invitations(client_id)]
    if email in waiting:
        raise InvalidInput("This person is invited already. Send it again instead.", field="email")
    if len(waiting) >= MOST_OPEN:
        raise InvalidInput("Too many invitations wait for an answer.", field="email")


def _open_one(public_id: uuid.UUID, client_id: int | None) -> Invitation:
    row = session().scalar(
        select(Invitation)
        .where(
            Invitation.public_id == public_id,
            Invitation.client_id.is_not_distinct_from(client_id),
            Invitation.accepted_at.is_(None),
            Invitation.withdrawn_at.is_(None),
        )
        .execution_options(populate_existing=True)
        .with_for_update()
    )
    if row is None:
        raise NotFound("There is no such invitation.")
    return row


def _find(reseller_id: int | None, token: str) -> Invitation | None:
    """Staff's at the installation's door, a client's at its reseller's, while the client may log in."""
    row = session().scalar(
        select(Invitation)
        .outerjoin(Client, Client.id == Invitation.client_id)
        .where(
            Invitation.token_hash == hashed(token),
            Invitation.accepted_at.is_(None),
            Invitation.withdrawn_at.is_(None),
            Invitation.expires_at > clock.now(),
            func.coalesce(Client.status, next(iter(MAY_LOG_IN))).in_(MAY_LOG_IN),
        )
        .execution_options(populate_existing=True)
    )
    if row is None or (row.client_id is None) != (reseller_id is None):
        return None
    return row if reseller_id is None or row.reseller_id == reseller_id else None


def _team_name(row: Invitation) -> str:
    if row.client_id is None:
        return reseller_facts(row.reseller_id).name
    found = (
        session()
        .execute(
            select(Client.company, Client.first_name, Client.last_name).where(
                Client.id == row.client_id
            )
        )
        .one()
    )
    return found.company or f"{found.first_name} {found.last_name}"


def _access(row: Invitation) -> Access:
    ids = frozenset(row.sub_account_ids) if row.limited else None
    return Access(MemberRole(row.role), ids, row.sees_money)


def _shown(row: Invitation) -> InvitationRow:
    return InvitationRow(
        public_id=row.public_id,
        name=row.name,
        email=row.email,
        role=Role(row.role) if row.client_id is None else None,
        access=None if row.client_id is None else _access(row),
        invited_by=row.invited_by,
        sent_at=row.sent_at,
        expires_at=row.expires_at,
        is_over=row.expires_at <= clock.now(),
    )
