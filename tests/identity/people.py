"""A small world for these tests: two resellers, their owners, and clients to log in as."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from portal import identity
from portal.core.db import transaction
from portal.core.passwords import hash_password
from portal.core.scope import Scope, bind, unscoped
from portal.identity import (
    ChosenPassword,
    ClientDetails,
    ClientFacts,
    ClientStatus,
    Entered,
    LoginRefusal,
    NeedsCode,
    PersonFacts,
    ResellerFacts,
    Role,
)

PASSWORD = "three blind lamps"
HASH = ChosenPassword(hash_password(PASSWORD))
ADDRESS = "198.51.100.7"
BROWSER = "A browser/1.0"


def add_reseller(name: str = "Northwind Voice", **more: Any) -> ResellerFacts:
    with unscoped("a test"), transaction():
        return identity.add_reseller(name=name, **more)


@contextmanager
def within(reseller: ResellerFacts, client_id: int | None = None) -> Iterator[None]:
    """A transaction as this reseller (and client)."""
    with bind(Scope(reseller.id, client_id)), transaction():
        yield


def details(email: str = "ada@example.com", **more: Any) -> ClientDetails:
    return ClientDetails(**({"first_name": "Ada", "last_name": "Moreau", "email": email} | more))


def add_client(
    reseller: ResellerFacts,
    email: str = "ada@example.com",
    *,
    status: ClientStatus = ClientStatus.ACTIVE,
    number: str | None = None,
    **more: Any,
) -> ClientFacts:
    with within(reseller):
        return identity.add_client(
            details(email, **more), password=HASH, status=status, number=number
        )


def add_owner(
    reseller: ResellerFacts, email: str = "owner@example.com", role: Role = Role.OWNER
) -> PersonFacts:
    with within(reseller):
        return identity.add_staff(name="Olive Owner", email=email, role=role, password=HASH)


def try_login(
    reseller: ResellerFacts | None,
    email: str,
    password: str = PASSWORD,
    *,
    address: str = ADDRESS,
    **more: Any,
) -> Entered | NeedsCode | LoginRefusal:
    """The three steps of a login, as the views take them."""
    with transaction():
        attempt = identity.begin_login(reseller.id if reseller else None, email, address=address)
    proof = identity.prove(attempt, password)
    with transaction():
        return identity.log_in(proof, browser=BROWSER, **more)


def log_in(reseller: ResellerFacts | None, email: str = "ada@example.com", **more: Any) -> Entered:
    entered = try_login(reseller, email, **more)
    assert isinstance(entered, Entered), entered
    return entered
