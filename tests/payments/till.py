"""A shop whose clients pay by a PayPal that a server of ours plays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from portal import invoices, ledger, payments
from portal.core.money import Money
from portal.payments import Addresses, Intent
from tests.ledger.conftest import Books, make_books
from tests.paypal import CLIENT_ID, EMAIL, SECRET, WEBHOOK_ID, PlayedPayPal
from tests.worker import work

THERE = Addresses("http://localhost/back", "http://localhost/cancel", "http://localhost/n", "")


@dataclass
class Till:
    """One reseller (``books``) whose soft client pays; ``hook`` is where PayPal calls."""

    app: Flask
    books: Books
    paypal: PlayedPayPal
    hook: str
    email_hook: str
    name: str = payments.PAYPAL

    def begin(self, amount: str = "25", *, gateway: str = payments.PAYPAL) -> Intent:
        """What the page does: write down, ask, note."""
        with self.books.open():
            begun = payments.begin(
                self.books.soft, Money.of(amount), gateway,
                taxes=invoices.taxes_on_top(self.books.soft, Money.of(amount)),
            )  # fmt: skip
            asked = payments.open_gateway(gateway)
        there = asked.begin(begun, THERE)
        with self.books.open():
            payments.began(begun.id, there)
            return payments.intent(begun.public_id)

    def pay(self, amount: str = "25") -> Intent:
        """Begin, and the payer presses Pay; nobody has told us yet."""
        begun = self.begin(amount)
        self.paypal.approve(begun.gateway_ref)
        return begun

    def ring(self, begun: Intent, **more: Any) -> int:
        """PayPal tells that the payer agreed; the status of our answer."""
        event = self.paypal.event("CHECKOUT.ORDER.APPROVED", {"id": begun.gateway_ref})
        return self.tell(*self.paypal.signed(event, **more))

    def tell(self, headers: dict[str, str], body: bytes, *, hook: str = "") -> int:
        """Post a message to our webhook, as it is."""
        path = f"/hooks/paypal/{hook or self.hook}"
        return self.app.test_client().post(path, data=body, headers=headers).status_code

    def captured(self, begun: Intent) -> dict[str, Any]:
        """PayPal's own row of the capture."""
        [unit] = self.paypal.orders[begun.gateway_ref]["purchase_units"]
        capture: dict[str, Any] = unit["payments"]["captures"][0]
        return capture

    def now(self, begun: Intent) -> Intent:
        with self.books.read():
            return payments.intent(begun.public_id)

    def balance(self) -> Money:
        with self.books.read():
            return ledger.balance_of(self.books.soft)


@pytest.fixture(scope="session")
def played() -> Iterator[PlayedPayPal]:
    with PlayedPayPal() as server:
        yield server


@pytest.fixture
def open_till(
    make_app: Callable[..., Flask], played: PlayedPayPal
) -> Iterator[Callable[..., Till]]:
    """``open_till(database_url)``."""
    contexts = []

    def open_(database_url: str) -> Till:
        played.forget()
        app = make_app(database_url, PORTAL_PAYPAL_URL=played.url)
        contexts.append(app.app_context())
        contexts[-1].push()
        books = make_books()
        hooks = []
        with books.open():
            for name, public, secrets in (
                (payments.PAYPAL, {"client_id": CLIENT_ID, "webhook_id": WEBHOOK_ID}, {"secret": SECRET}),
                (payments.PAYPAL_EMAIL, {"email": EMAIL}, {}),
            ):  # fmt: skip
                account = payments.save_gateway(
                    name, on=True, live=False, public=public, secrets=secrets
                )
                hooks.append(account.hook)
        work()
        return Till(app, books, played, *hooks)

    yield open_
    for context in reversed(contexts):
        context.pop()


@pytest.fixture
def till(open_till: Callable[..., Till], database_url: str) -> Till:
    return open_till(database_url)
