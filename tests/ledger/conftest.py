"""Two clients of one reseller and one of another, with wallets, on each database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from flask import Flask

from portal import ledger
from portal.core.db import session, transaction
from portal.core.money import Money
from portal.core.scope import Scope, bind, unscoped
from portal.identity.models import Client, Reseller
from portal.identity.values import BalanceMode


@dataclass(frozen=True)
class Books:
    """The ids of the small world: ``hard`` and ``soft`` share a reseller, ``other`` has its own."""

    reseller_id: int
    hard: int
    soft: int
    other_reseller_id: int
    other: int

    @contextmanager
    def open(self, client_id: int | None = None) -> Iterator[None]:
        """A writing transaction as the first reseller, or as one client of it."""
        with bind(Scope(self.reseller_id, client_id)), transaction():
            yield

    @contextmanager
    def read(self, client_id: int | None = None) -> Iterator[None]:
        with bind(Scope(self.reseller_id, client_id)):
            yield
            session().rollback()

    def pay(self, client_id: int, amount: str, name: str = "first") -> ledger.Posted:
        with self.open():
            return ledger.credit(
                client_id, Money.of(amount), source_type="manual", source_id=name, kind="payment"
            )


def make_books(first_uid: int = 100_482) -> Books:
    """Create the small world in the open application context; two resellers each time."""
    with unscoped("a test's world"), transaction():
        ids = []
        for uid in (str(first_uid), str(first_uid + 1)):
            reseller = Reseller(uid=uid, name=f"Reseller {uid}", time_zone="America/Toronto")
            session().add(reseller)
            session().flush()
            ids.append(reseller.id)
        clients = []
        for number, reseller_id, mode in (
            ("200001", ids[0], BalanceMode.HARD),
            ("200002", ids[0], BalanceMode.SOFT),
            ("200003", ids[1], BalanceMode.SOFT),
        ):
            client = Client(
                reseller_id=reseller_id,
                number=number,
                first_name="Ada",
                last_name=number,
                email=f"{number}@example.com",
                balance_mode=mode,
            )
            session().add(client)
            session().flush()
            clients.append((reseller_id, client.id, mode))
    for reseller_id, client_id, mode in clients:
        with bind(Scope(reseller_id)), transaction():
            ledger.open_wallet(client_id, mode=mode)
    return Books(ids[0], clients[0][1], clients[1][1], ids[1], clients[2][1])


@pytest.fixture
def books(app_on_each: Flask) -> Books:
    """The small world on both databases in turn."""
    return make_books()
