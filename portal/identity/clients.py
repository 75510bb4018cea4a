"""A reseller's clients: added, edited, and through their states to the end."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from portal.core import clock
from portal.core.db import only_one, session
from portal.core.errors import InvalidInput, NotFound, Refused
from portal.core.money import Money
from portal.core.sentences import N_
from portal.identity import audit, sessions
from portal.identity.client_details import checked_details, details_mark, search_words
from portal.identity.models import Client, Person
from portal.identity.passwords import ChosenPassword
from portal.identity.people import insert_person
from portal.identity.values import (
    BalanceMode,
    ClientDetails,
    ClientFacts,
    ClientStatus,
    MemberRole,
    SuspendedFor,
)
from portal.identity.visitor import Visitor

_TRIES = 50
_SORTED_LETTERS = 60


def add_client(
    details: ClientDetails,
    *,
    password: ChosenPassword | None = None,
    status: ClientStatus = ClientStatus.ACTIVE,
    number: str | None = None,
    since: datetime | None = None,
    by: Visitor | None = None,
) -> ClientFacts:
    """Add a client of the bound reseller, and the person who logs in with the client's e-mail.

    ``number`` is the user ID, six digits, random when not given; ``since`` is now. Raises InvalidInput
    naming the field; an e-mail can be used once per reseller. Without a password a reset link lets them in.
    """
    details = checked_details(details)
    client = _insert(details, status, number)
    client.created_at = since or client.created_at
    insert_person(
        Person(
            client_id=client.id,
            role=MemberRole.MANAGER,
            name=f"{details.first_name} {details.last_name}",
            email=details.email,
            password_hash=password.hash if password else None,
            password_changed_at=clock.now() if password else None,
        )
    )
    audit.record("client.added", by=by, client_id=client.id, status=status.value)
    return facts_of(client)


def edit_client(
    client_id: int, details: ClientDetails, *, seen: str = "", by: Visitor | None = None
) -> ClientFacts:
    """Save the form. A new e-mail is also the new login. Raises InvalidInput naming the field.

    ``seen`` is the ``details_mark`` of what the form was filled from: when somebody else has saved
    other details since, it is Refused.
    """
    details = checked_details(details)
    client = client_row(client_id, lock=True)
    before = facts_of(client).details
    changed = sorted(
        name for name, value in _fields(details).items() if getattr(before, name) != value
    )
    if not changed:
        return facts_of(client)
    if seen and seen != details_mark(before):
        raise Refused(
            N_("Somebody else has saved this client meanwhile. Save again to replace that."),
            code="changed",
        )
    person = session().scalar(
        select(Person).where(Person.client_id == client_id, Person.email == before.email)
    )
    try:
        with session().begin_nested():
            for name, value in _fields(details).items():
                setattr(client, name, value)
            remember_words(client, details)
            if "low_balance_threshold" in changed:
                client.low_balance_warned_at = None
            if person is not None:
                person.email = details.email
                person.name = f"{details.first_name} {details.last_name}"
            session().flush()
    except IntegrityError as error:
        raise _email_taken() from error
    audit.record("client.edited", by=by, client_id=client_id, fields=changed)
    return facts_of(client)


def set_low_balance(
    client_id: int, threshold: Money | None, *, email: str = "", by: Visitor | None = None
) -> ClientFacts:
    """When to warn of a low balance (10 to 500, None: never), and where to."""
    details = facts_of(client_row(client_id)).details
    return edit_client(
        client_id, replace(details, low_balance_threshold=threshold, low_balance_email=email), by=by
    )


def activate_client(client_id: int, *, by: Visitor | None = None) -> bool:
    """Let a client who signed up come in; False when there was nothing to do."""
    return _move(client_id, "client.activated", by, [ClientStatus.WAIT], status=ClientStatus.ACTIVE)


def suspend_client(
    client_id: int, *, reason: SuspendedFor = SuspendedFor.STAFF, by: Visitor | None = None
) -> bool:
    """Suspend; they can still log in and pay. False when they were not active.

    Another reason takes the place of a balance one, so that money alone does not lift it.
    """
    which: list[Any] = [Client.status == ClientStatus.ACTIVE]
    if reason is not SuspendedFor.BALANCE:
        which = [
            (Client.status == ClientStatus.ACTIVE)
            | (
                (Client.status == ClientStatus.SUSPENDED)
                & (Client.suspended_for == SuspendedFor.BALANCE)
            )
        ]
    return _move(
        client_id, "client.suspended", by, which=which,
        status=ClientStatus.SUSPENDED, suspended_for=reason,
    )  # fmt: skip


def resume_client(
    client_id: int, *, reason: SuspendedFor = SuspendedFor.STAFF, by: Visitor | None = None
) -> bool:
    """Lift a suspension: staff lift any, money only its own. False when there was nothing to do."""
    which: list[Any] = [Client.status == ClientStatus.SUSPENDED]
    if reason is SuspendedFor.BALANCE:
        which.append(Client.suspended_for == SuspendedFor.BALANCE)
    return _move(
        client_id, "client.resumed", by, which=which,
        status=ClientStatus.ACTIVE, suspended_for="",
    )  # fmt: skip


def hold_open_client(client_id: int) -> None:
    """Let whoever wants something for a client stand in line; Refused when the account is closed.

    Nobody closes it before the transaction is over. What refers to the client meanwhile, like a
    posting, need not wait.
    """
    status = session().scalar(
        select(Client.status).where(Client.id == client_id).with_for_update(key_share=True)
    )
    if status is None:
        raise NotFound("There is no such client.")
    if status == ClientStatus.CLOSED:
        raise Refused("This client's account is closed.", code="client_closed")


def close_client(
    client_id: int,
    *,
    typed_name: str,
    still_connected: Sequence[str],
    by: Visitor | None = None,
) -> None:
    """End a client's account for good; the books and records stay.

    ``still_connected`` names what hangs on the account (sub-accounts, DIDs): the caller knows, and as
    long as it names anything the answer is no. ``typed_name`` must be the client's name or company.
    """
    client = client_row(client_id)
    facts = facts_of(client)
    if still_connected:
        raise Refused("Unlink everything from this client first.", code="still_connected")
    if " ".join(typed_name.split()).casefold() not in {
        facts.name.casefold(),
        facts.title.casefold(),
    }:
        raise InvalidInput("This is not the client's name.", field="typed_name")
    client.status, client.closed_at = ClientStatus.CLOSED, clock.now()
    session().flush()
    sessions.revoke_all(client_id=client_id)
    session().execute(
        update(Person)
        .where(Person.client_id == client_id, Person.disabled_at.is_(None))
        .values(disabled_at=clock.now()),
        execution_options={"synchronize_session": False},
    )
    audit.record("client.closed", by=by, client_id=client_id)


def note_low_balance_warned(client_id: int) -> bool:
    """Remember that the warning went out; True for exactly one caller until it is forgotten."""
    return only_one(
        update(Client)
        .where(Client.id == client_id, Client.low_balance_warned_at.is_(None))
        .values(low_balance_warned_at=clock.now())
    )


def forget_low_balance_warning(client_id: int, *, of_before: datetime | None = None) -> bool:
    """The balance is above the threshold again, or was at a moment: the next fall warns anew."""
    which: Any = Client.low_balance_warned_at.is_not(None)
    if of_before is not None:
        which = Client.low_balance_warned_at < of_before
    return only_one(
        update(Client).where(Client.id == client_id, which).values(low_balance_warned_at=None)
    )


def note_owes_fees(client_id: int, owes: bool) -> bool:
    """Remember whether a client has an unpaid fee: every payment then tries it. True when that is new."""
    return only_one(
        update(Client)
        .where(Client.id == client_id, Client.owes_fees.is_not(owes))
        .values(owes_fees=owes)
    )


def client_row(client_id: int, *, lock: bool = False) -> Client:
    """The open client's row, fresh, and held still with ``lock``; raises NotFound."""
    query = (
        select(Client)
        .where(Client.id == client_id, Client.status != ClientStatus.CLOSED)
        .execution_options(populate_existing=True)
    )
    client: Client | None = session().scalar(
        query.with_for_update(key_share=True) if lock else query
    )
    if client is None:
        raise NotFound("There is no such client.")
    return client


def remember_words(client: Client, details: ClientDetails) -> None:
    """What a search looks through, and the beginning of it, by which a list is in order."""
    client.search_words = search_words(client.number, details)
    client.sort_name = client.search_words[:_SORTED_LETTERS]


def facts_of(client: Client) -> ClientFacts:
    """The row as a value."""
    return ClientFacts(
        id=client.id,
        public_id=client.public_id,
        reseller_id=client.reseller_id,
        number=client.number,
        status=ClientStatus(client.status),
        suspended_for=client.suspended_for,
        details=ClientDetails(
            first_name=client.first_name,
            last_name=client.last_name,
            email=client.email,
            company=client.company,
            address=client.address,
            city=client.city,
            state=client.state,
            country=client.country,
            zip=client.zip,
            phone=client.phone,
            language=client.language,
            time_zone=client.time_zone,
            balance_mode=BalanceMode(client.balance_mode),
            next_billing_day=client.next_billing_day,
            low_balance_threshold=client.low_balance_threshold,
            low_balance_email=client.low_balance_email,
        ),
        low_balance_warned_at=client.low_balance_warned_at,
        created_at=client.created_at,
        closed_at=client.closed_at,
        anonymised_at=client.anonymised_at,
        owes_fees=client.owes_fees,
    )


def _insert(details: ClientDetails, status: ClientStatus, number: str | None) -> Client:
    for _ in range(_TRIES):
        wanted = number or str(secrets.randbelow(900_000) + 100_000)
        client = Client(
            **_fields(details),
            status=status,
            number=wanted,
        )
        remember_words(client, details)
        try:
            with session().begin_nested():
                session().add(client)
                session().flush()
        except IntegrityError as error:
            taken = select(Client.id).where(Client.email == details.email)
            if session().scalar(taken) is not None:
                raise _email_taken() from error
            if number is not None:
                raise InvalidInput("Another client has this number.", field="number") from error
        else:
            return client
    raise RuntimeError("No free client number was found.")


def _move(
    client_id: int,
    action: str,
    by: Visitor | None,
    from_states: Sequence[ClientStatus] = (),
    *,
    which: Sequence[Any] = (),
    **values: Any,
) -> bool:
    if session().scalar(select(Client.id).where(Client.id == client_id)) is None:
        raise NotFound("There is no such client.")
    moves = [*which, Client.status.in_(from_states)] if from_states else which
    moved = only_one(update(Client).where(Client.id == client_id, *moves).values(values))
    if moved:
        reason = values.get("suspended_for") or ""
        audit.record(action, by=by, client_id=client_id, reason=str(reason))
    return moved


def _fields(details: ClientDetails) -> dict[str, Any]:
    return {field.name: getattr(details, field.name) for field in fields(details)}


def _email_taken() -> InvalidInput:
    return InvalidInput("Another client of yours has this e-mail.", field="email")
