"""A reseller with packages and numbers, and clients to whom fees fall due, on a fresh database."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal import billing, identity, ledger, numbers, pbx, pricing
from portal.billing.models import Fee
from portal.core.db import session, transaction
from portal.core.money import Money
from portal.core.scope import Scope, bind, unscoped
from portal.identity import BalanceMode, ClientDetails
from portal.numbers import DidFees
from portal.pricing import PackageDetails
from tests.calls.conftest import books_are_right, did, sub_account

GOLD, SILVER = "Gold", "Silver"
FEES = {GOLD: Money.of("10"), SILVER: Money.of("4")}
NUMBER = DidFees(setup=Money.of("1"), monthly=Money.of("1.50"))


@dataclass
class Till:
    """One reseller. ``at`` sets the clock; lines and numbers are handed out in order."""

    reseller_id: int
    packages: dict[str, uuid.UUID]
    lines: Iterator[str]
    free: Iterator[str]
    accounts: dict[int, list[uuid.UUID]] = field(default_factory=dict)

    @contextmanager
    def writing(self) -> Iterator[None]:
        with bind(Scope(self.reseller_id)), transaction():
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        with bind(Scope(self.reseller_id)):
            session().rollback()
            yield
            session().rollback()

    def client(
        self,
        *,
        mode: BalanceMode = BalanceMode.SOFT,
        money: str = "",
        threshold: Money | None = None,
    ) -> int:
        """A client with a wallet and something in it."""
        name = uuid.uuid4().hex[:8]
        with self.writing():
            facts = identity.add_client(
                ClientDetails(
                    first_name="Priya", last_name=name, email=f"{name}@example.test",
                    balance_mode=mode, low_balance_threshold=threshold,
                )
            )  # fmt: skip
            ledger.open_wallet(facts.id, mode=mode)
        if money:
            self.pay(facts.id, money)
        return facts.id

    def pay(self, client_id: int, amount: str) -> None:
        with self.writing():
            ledger.credit(
                client_id, Money.of(amount), source_type="manual", source_id=uuid.uuid4().hex,
                kind="payment",
            )  # fmt: skip
            ledger.review_crossed([client_id])

    def line(
        self, client_id: int, package: str = GOLD, *, first_day: date | None = None
    ) -> uuid.UUID:
        """A sub-account under a package from now on; its public id."""
        with self.writing():
            wanted = next(self.lines)
            row = next(one for one in pbx.all_sub_accounts() if one.account == wanted)
            pbx.assign_package(
                row.public_id, client_id, self.packages[package], next_billing_day=first_day
            )
        self.accounts.setdefault(client_id, []).append(row.public_id)
        return row.public_id

    def number(self, client_id: int, fees: DidFees = NUMBER, **more: Any) -> uuid.UUID:
        """A number connected to the client's first line; the public id of the connection."""
        with self.writing():
            free = {row.number: row.public_id for row in numbers.free_dids()}
            account = pbx.find_sub_account(self.accounts[client_id][0])
            [made] = numbers.connect_dids(
                [free[f"+1{next(self.free)}"]], account.id, fees, client_id=client_id, **more
            )
        return made

    def bill(self, client_id: int) -> billing.Ran:
        """What the client's own task does."""
        with self.writing():
            return billing.bill_client(client_id)

    def balance(self, client_id: int) -> Money:
        with self.reading():
            return ledger.balance_of(client_id)

    def status(self, client_id: int) -> str:
        with self.reading():
            return identity.client_facts(client_id).status.value

    def fees(self, client_id: int) -> list[tuple[str, str, str, str]]:
        """Kind, first day, amount and state (or why it was skipped), in the order of the days."""
        with self.reading():
            rows = session().execute(
                select(Fee.kind, Fee.first_day, Fee.amount, Fee.state, Fee.cause)
                .where(Fee.client_id == client_id)
                .order_by(Fee.first_day, Fee.id)
            )
            return [
                (row.kind, f"{row.first_day:%m-%d}", f"{row.amount.decimal:.2f}", row.cause or row.state)
                for row in rows
            ]  # fmt: skip


def open_till(*, zone: str = "America/Toronto", since: str = "2026-01-01T15:00:00Z") -> Till:
    """Build it in the open application context; its packages are in force since long ago."""
    long_ago = datetime.fromisoformat(since)
    with unscoped("a test"), transaction():
        reseller = identity.add_reseller(name="Northwind", uid="100482", time_zone=zone)
    lines = [f"100482_line{number}" for number in range(60)]
    free = [f"61355501{number:02}" for number in range(60)]
    with bind(Scope(reseller.id)), transaction():
        pbx.record_accounts([sub_account(line) for line in lines])
        numbers.record_inventory([did(number) for number in free])
        packages = {
            name: pricing.save_package(
                PackageDetails(name=name, monthly_fee=fee), valid_from=long_ago
            )
            for name, fee in FEES.items()
        }
    return Till(reseller.id, packages, iter(lines), iter(free))


@pytest.fixture
def at() -> Iterator[Callable[[str], None]]:
    """``at("2026-01-31T15:00")`` sets the clock, in UTC."""
    travel: list[Any] = []

    def set_clock(text: str) -> None:
        while travel:
            travel.pop().stop()
        travel.append(time_machine.travel(f"{text}:00+00:00", tick=True))
        travel[0].start()

    yield set_clock
    while travel:
        travel.pop().stop()


@pytest.fixture
def till(app: Flask) -> Iterator[Till]:
    """The shop on SQLite; at the end its books are right."""
    with time_machine.travel("2026-01-01T15:00:00+00:00", tick=True):
        made = open_till()
    yield made
    assert books_are_right()
