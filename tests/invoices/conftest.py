"""A reseller in Toronto that writes monthly invoices, with clients whose books a test fills."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from itertools import count
from zoneinfo import ZoneInfo

import pytest
import time_machine
from flask import Flask

from portal import identity, invoices, ledger
from portal.core.db import session, transaction
from portal.core.money import Money, percent_e4
from portal.core.scope import Scope, bind, unscoped
from portal.identity import ClientDetails
from portal.invoices import Content, InvoiceSettings, Mode, MonthDone, PaperFilter, TaxDetails
from portal.ledger import Reason

TORONTO = ZoneInfo("America/Toronto")
# So that the months of the rating cases are the past.
NOW = datetime(2026, 12, 15, 15, 0, tzinfo=UTC)


def local(text: str) -> datetime:
    """A wall clock in Toronto."""
    return datetime.fromisoformat(text).replace(tzinfo=TORONTO).astimezone(UTC)


@dataclass
class Firm:
    """The reseller and a client of it in Ontario."""

    reseller_id: int
    client_id: int
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

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

    def post(
        self, amount: str, *, at: str, reason: Reason = Reason.CALL, began: str = "",
        client: int = 0, name: str = "", seconds: int = 60,
    ) -> str:  # fmt: skip
        """Something was charged at this wall clock; ``began`` when it happened earlier."""
        source = f"{next(self.numbers)}"
        with time_machine.travel(local(at), tick=False), self.writing():
            ledger.charge(
                client or self.client_id, Money.of(amount), reason=reason, source_type="test",
                source_id=source, kind="charge", description=name,
                seconds=seconds if reason is Reason.CALL else 0,
                occurred_at=local(began or at),
            )  # fmt: skip
        return source

    def pay(self, amount: str, *, at: str, client: int = 0) -> ledger.Posted:
        with time_machine.travel(local(at), tick=False), self.writing():
            return ledger.credit(
                client or self.client_id, Money.of(amount), source_type="manual",
                source_id=f"pay-{next(self.numbers)}", kind="payment",
            )  # fmt: skip

    def issue(self, month: str, *, client: int = 0, on: datetime = NOW) -> MonthDone | None:
        with time_machine.travel(on, tick=False), self.writing():
            return invoices.issue_month(client or self.client_id, date.fromisoformat(f"{month}-01"))

    def content(self, month: str, *, client: int = 0) -> Content:
        """The invoice of a month, issued now."""
        done = self.issue(month, client=client)
        assert done is not None
        assert done.invoice is not None
        with self.reading():
            return invoices.content_of(done.invoice.id)

    def notes(self) -> list[Content]:
        with self.reading():
            rows = invoices.papers(PaperFilter(kind=invoices.PaperKind.CREDIT)).rows
            return [invoices.content_of(row.id) for row in reversed(rows)]

    def balance(self) -> Money:
        with self.reading():
            return ledger.balance_of(self.client_id)

    def settle(self, **changes: object) -> None:
        """Change the settings of papers."""
        with self.writing():
            invoices.save_settings(replace(invoices.settings(), **changes))  # type: ignore[arg-type]

    def tax(
        self, name: str, percent: str, *regions: str, country: str = "CA", **more: object
    ) -> None:
        details = TaxDetails(name, percent_e4(percent), f"{name} 123", country, regions, **more)  # type: ignore[arg-type]
        with self.writing():
            invoices.save_tax(details)

    def add_client(self, email: str, *, state: str = "ON", country: str = "CA") -> int:
        with self.writing():
            client = identity.add_client(
                ClientDetails("Ada", email[:5], email, state=state, country=country),
                since=datetime(2026, 1, 2, tzinfo=UTC),
            )
            ledger.open_wallet(client.id, mode=identity.BalanceMode.SOFT)
        return client.id


def open_firm(*, currency: str = "CAD", inclusive: bool = False) -> Firm:
    with unscoped("a test's reseller"), transaction():
        reseller = identity.add_reseller(name="Northwind Voice", currency=currency)
    firm = Firm(reseller.id, 0)
    with bind(Scope(reseller.id)), transaction():
        invoices.save_settings(
            InvoiceSettings(mode=Mode.MONTHLY, since=date(2026, 2, 1), inclusive=inclusive)
        )
    firm.client_id = firm.add_client("priya@harbourlight.example")
    return firm


@pytest.fixture
def firm(app: Flask) -> Firm:
    return open_firm()


@pytest.fixture
def firm_on_each(app_on_each: Flask) -> Firm:
    return open_firm()
