"""Reads of clients: one by its public id, several by their keys, how many there are."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select

from portal.core.db import among, session
from portal.core.errors import NotFound
from portal.identity.clients import facts_of
from portal.identity.models import Client, Person
from portal.identity.values import ClientFacts, ClientStatus

_KEYS_A_QUERY = 500


def client_facts(client_id: int, *, lock: bool = False) -> ClientFacts:
    """A client by its key, closed ones too; raises NotFound. ``lock`` holds it still in a transaction."""
    return _one(Client.id == client_id, lock=lock)


def client_name(client_id: int) -> str:
    """What the client is called on a screen: the company, or the person."""
    return client_facts(client_id).title


# What facts_of reads, without making an object of each row.
_FACTS = (
    Client.id, Client.public_id, Client.reseller_id, Client.number, Client.status,
    Client.suspended_for, Client.first_name, Client.last_name, Client.email, Client.company,
    Client.address, Client.city, Client.state, Client.country, Client.zip, Client.phone,
    Client.language, Client.time_zone, Client.balance_mode, Client.next_billing_day,
    Client.low_balance_threshold, Client.low_balance_email, Client.low_balance_warned_at,
    Client.created_at, Client.closed_at, Client.anonymised_at, Client.owes_fees,
)  # fmt: skip


def waiting_count() -> int:
    """How many clients of the bound reseller wait to be activated."""
    waiting = select(func.count()).where(Client.status == ClientStatus.WAIT)
    return session().scalar(waiting) or 0


def client_by_public_id(public_id: uuid.UUID | str) -> ClientFacts:
    """A client by the name in an address; raises NotFound, also for another reseller's."""
    try:
        wanted = public_id if isinstance(public_id, uuid.UUID) else uuid.UUID(public_id)
    except ValueError as error:
        raise NotFound("There is no such client.") from error
    return _one(Client.public_id == wanted)


def clients_by_id(client_ids: set[int]) -> dict[int, ClientFacts]:
    """Several clients at once, by key, for lists of other things."""
    if not client_ids:
        return {}
    found = session().scalars(select(Client).where(Client.id.in_(client_ids)))
    return {client.id: facts_of(client) for client in found}


def hold_clients(client_ids: Iterable[int]) -> dict[int, ClientFacts]:
    """Several clients, closed ones too, held still in a transaction; whoever holds many keeps one order."""
    found: Iterable[Any] = session().execute(
        select(*_FACTS)
        .where(among(Client.id, client_ids))
        .order_by(Client.id)
        .with_for_update(key_share=True)  # new rows of theirs, as of an import, need not wait
    )
    return {client.id: facts_of(client) for client in found}


def open_client_ids() -> list[int]:
    """Every client of the bound reseller that is not closed."""
    return list(
        session().scalars(
            select(Client.id).where(Client.status != ClientStatus.CLOSED).order_by(Client.id)
        )
    )


def suspended_client_ids() -> list[int]:
    """Every client of the bound reseller that is suspended."""
    return list(
        session().scalars(
            select(Client.id).where(Client.status == ClientStatus.SUSPENDED).order_by(Client.id)
        )
    )


def taken_emails(emails: Sequence[str]) -> set[str]:
    """Which of these a client of the bound reseller, or one of a client's people, has already."""
    people = _those(Person.email, Person.email, emails, Person.is_staff.is_(False))
    return people | _those(Client.email, Client.email, emails)


def taken_numbers(numbers: Sequence[str]) -> set[str]:
    """Which of these user IDs a client of the bound reseller has already."""
    return _those(Client.number, Client.number, numbers)


def ids_with_number(number: str) -> set[int]:
    """The key of the client of the bound reseller with this user ID, if there is one."""
    return _those(Client.id, Client.number, [number])


def ids_of(public_ids: Sequence[uuid.UUID]) -> list[int]:
    """The keys of these clients of the bound reseller; what is nobody's is left out."""
    return sorted(_those(Client.id, Client.public_id, public_ids))


def count_clients() -> dict[ClientStatus, int]:
    """How many clients the bound reseller has, by status; every status is there."""
    counted = session().execute(select(Client.status, func.count()).group_by(Client.status))
    return by_status((status, count) for status, count in counted)


def by_status(counted: Iterable[tuple[str, int]]) -> dict[ClientStatus, int]:
    """Counts with a zero where nothing was counted."""
    found = {ClientStatus(status): count for status, count in counted}
    return {status: found.get(status, 0) for status in ClientStatus}


def _those(wanted: Any, key: Any, values: Sequence[Any], *also: ColumnElement[bool]) -> set[Any]:
    """A column of the rows whose key is one of very many values."""
    found: set[Any] = set()
    for first in range(0, len(values), _KEYS_A_QUERY):
        some = values[first : first + _KEYS_A_QUERY]
        found |= set(session().scalars(select(wanted).where(key.in_(some), *also)))
    return found


def _one(which: ColumnElement[bool], *, lock: bool = False) -> ClientFacts:
    statement = select(Client).where(which).execution_options(populate_existing=True)
    client = session().scalar(statement.with_for_update() if lock else statement)
    if client is None:
        raise NotFound("There is no such client.")
    return facts_of(client)
