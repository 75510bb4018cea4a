"""When a closed client becomes nameless: the books stay, the person goes.

What is personal here: names, company, e-mail, phone, address, the people who logged in, and in the
log their names, addresses and the words staff gave as a reason. Numbers, states and days stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, delete, select, update

from portal.core import clock, scope
from portal.core.db import session
from portal.core.errors import InvalidInput, NotFound, Refused
from portal.identity import audit, sessions
from portal.identity.clients import facts_of, remember_words
from portal.identity.models import (
    AuditEvent,
    Client,
    Invitation,
    OneTimeToken,
    Person,
    RecoveryCode,
    Reseller,
    SecondStep,
    WebSession,
)
from portal.identity.values import ClientDetails, ClientStatus
from portal.identity.visitor import Visitor

MOST_YEARS = 30
# The database lets a line of the log be emptied like this, and changed in no other way.
_NOBODY = "–"
# What staff typed about the client.
_WITH_WORDS = ("acting.began", "client.edited")


def set_keep_closed_years(years: int, *, by: Visitor | None = None) -> None:
    """How long the bound reseller's closed clients keep their names; 0 is until the next night."""
    if not 0 <= years <= MOST_YEARS:
        raise InvalidInput("Enter whole years from 0 to 30.", field="keep_closed_years")
    session().execute(
        update(Reseller).where(Reseller.id == scope.reseller_id()).values(keep_closed_years=years),
        execution_options={"synchronize_session": False},
    )
    audit.record("reseller.keep_closed_changed", by=by, years=years)


def clients_to_anonymise(
    now: datetime, *, besides: Sequence[Select[int | None]] = (), limit: int = 100
) -> list[int]:
    """Closed clients of the bound reseller whose time is over and who still have a name.

    ``besides`` are selects of clients for whom something is still going on: their turn comes later.
    """
    years = (
        session()
        .scalars(select(Reseller.keep_closed_years).where(Reseller.id == scope.reseller_id()))
        .one()
    )
    return list(
        session().scalars(
            select(Client.id)
            .where(
                Client.status == ClientStatus.CLOSED,
                Client.anonymised_at.is_(None),
                Client.closed_at < _years_before(now, years),
                *(Client.id.not_in(busy) for busy in besides),
            )
            .order_by(Client.id)
            .limit(limit)
        )
    )


def anonymise_client(client_id: int) -> bool:
    """Take everything personal from a closed client; False when it was done before."""
    client = session().scalar(
        select(Client)
        .where(Client.id == client_id, Client.status == ClientStatus.CLOSED)
        .execution_options(populate_existing=True)
    )
    if client is None:
        raise NotFound("There is no such client.")
    if client.anonymised_at is not None:
        return False
    nobody = ClientDetails(
        first_name="", last_name=client.number, email=f"{client.public_id.hex}@removed.invalid"
    )
    for name in (
        "first_name", "last_name", "email", "company", "address", "city", "state", "zip", "phone",
        "low_balance_email",
    ):  # fmt: skip
        setattr(client, name, getattr(nobody, name))
    remember_words(client, nobody)
    client.anonymised_at = clock.now()
    session().flush()
    _forget_people(client)
    _empty_the_log(client_id)
    audit.record("client.anonymised", client_id=client_id)
    return True


def refuse_client(
    client_id: int, *, still_connected: Sequence[str], by: Visitor | None = None
) -> None:
    """Turn down somebody who signed up: closed and nameless at once, so the e-mail is free again."""
    client = session().scalar(
        select(Client)
        .where(Client.id == client_id, Client.status != ClientStatus.CLOSED)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if client is None:
        raise NotFound("There is no such client.")
    if facts_of(client).status is not ClientStatus.WAIT:
        raise Refused("This client was activated meanwhile.", code="not_waiting")
    if still_connected:
        raise Refused("Unlink everything from this client first.", code="still_connected")
    client.status, client.closed_at = ClientStatus.CLOSED, clock.now()
    session().flush()
    sessions.revoke_all(client_id=client_id)
    audit.record("client.refused", by=by, client_id=client_id)
    anonymise_client(client_id)


def _forget_people(client: Client) -> None:
    people = list(session().scalars(select(Person).where(Person.client_id == client.id)))
    for person in people:
        person.name, person.password_hash = client.number, None
        person.email = f"{person.public_id.hex}@removed.invalid"
        person.disabled_at = person.disabled_at or clock.now()
    session().flush()
    ids = [person.id for person in people]
    for statement in (
        update(WebSession).where(WebSession.person_id.in_(ids)).values(address="", browser=""),
        update(OneTimeToken).where(OneTimeToken.person_id.in_(ids)).values(facts={}),
        delete(SecondStep).where(SecondStep.person_id.in_(ids)),
        delete(RecoveryCode).where(RecoveryCode.person_id.in_(ids)),
        delete(Invitation).where(Invitation.client_id == client.id),
    ):
        session().execute(statement, execution_options={"synchronize_session": False})


def _empty_the_log(client_id: int) -> None:
    own = select(Person.id).where(Person.client_id == client_id)
    of_client = AuditEvent.client_id == client_id
    for statement in (
        update(AuditEvent)
        .where(of_client, AuditEvent.person_id.in_(own))
        .values(person_name=_NOBODY, address="", facts={}),
        update(AuditEvent).where(of_client, AuditEvent.action.in_(_WITH_WORDS)).values(facts={}),
        # Before anybody was logged in the address was a stranger's who is now this client.
        update(AuditEvent)
        .where(of_client, AuditEvent.person_id.is_(None))
        .values(address="", facts={}),
    ):
        session().execute(statement, execution_options={"synchronize_session": False})


def _years_before(now: datetime, years: int) -> datetime:
    """The same day that many years ago; 29 February counts as the 28th."""
    try:
        return now.replace(year=now.year - years)
    except ValueError:
        return now.replace(year=now.year - years, day=28)
