"""Stripe's webhook: forged in every way, repeated, out of order; one credit or none."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal import ledger, payments
from portal.core.db import session
from portal.core.money import Money
from portal.core.scope import unscoped
from portal.payments import Intent, IntentState
from portal.payments.models import PaymentMessage
from tests.calls.conftest import books_are_right
from tests.ledger.conftest import Books, make_books
from tests.payments.stripe_server import Shop, StripeServer
from tests.worker import work

NOTHING, TEN = Money(0), Money.of("10")
THERE = payments.Addresses("https://p/back", "https://p/cancel", "", "")


@dataclass
class Counter:
    """A shop whose soft client pays on a page of Checkout."""

    app: Flask
    books: Books
    server: StripeServer
    shop: Shop
    other: Shop
    hook: str

    def begin(self, amount: str = "10") -> Intent:
        with self.books.open():
            begun = payments.begin(self.books.soft, Money.of(amount), payments.STRIPE)
            gateway = payments.open_gateway(payments.STRIPE)
        page = gateway.begin(begun, THERE)
        with self.books.open():
            payments.began(begun.id, page)
            return payments.intent(begun.public_id)

    def post(self, body: bytes, header: str, *, hook: str = "") -> int:
        path = f"/hooks/stripe/{hook or self.hook}"
        sent = self.app.test_client().post(path, data=body, headers={"Stripe-Signature": header})
        return sent.status_code

    def tell(self, kind: str, thing: dict[str, Any], **more: Any) -> int:
        body = self.server.event(self.shop, kind, thing, **more)
        return self.post(body, self.server.sign(body, self.shop.secret))

    @property
    def balance(self) -> Money:
        with self.books.read():
            return ledger.balance_of(self.books.soft)

    def state(self, of: Intent) -> IntentState:
        with self.books.read():
            return payments.intent(of.public_id).state

    def stored(self) -> int:
        with unscoped("a test"):
            count = session().scalar(select(func.count(PaymentMessage.id)))
            session().rollback()
        return count or 0


@pytest.fixture
def counter(stripe_app: Flask, stripe_server: StripeServer) -> Counter:
    books = make_books()
    shop = stripe_server.open_shop()
    other = stripe_server.open_shop(
        "sk_test_globex", account="acct_globex", secret="whsec_test_globex"
    )
    with books.open():
        account = payments.save_gateway(
            payments.STRIPE, on=True, live=False, public={"account": shop.account},
            secrets={"secret_key": shop.key, "webhook_secret": shop.secret},
        )  # fmt: skip
    return Counter(stripe_app, books, stripe_server, shop, other, account.hook)


def test_a_payment_is_credited_once_however_often_it_is_told(counter: Counter) -> None:
    begun = counter.begin()
    paid = counter.server.pay(counter.shop, begun.gateway_ref)
    charge = counter.shop.things[paid["payment_intent"]]
    for _ in range(3):
        assert counter.tell("checkout.session.completed", paid) == 200
        assert counter.tell("payment_intent.succeeded", charge) == 200
    work()

    assert (counter.balance, counter.state(begun), counter.stored()) == (TEN, IntentState.PAID, 6)
    assert books_are_right()


Forgery = Callable[[Counter, bytes], tuple[bytes, str]]


def changed(counter: Counter, body: bytes, **fields: Any) -> tuple[bytes, str]:
    """Signed with the right secret: who knows it may still lie."""
    told = json.loads(body)
    told["data"]["object"] |= fields
    altered = json.dumps(told).encode()
    return altered, counter.server.sign(altered, counter.shop.secret)


def without_id(counter: Counter, body: bytes) -> tuple[bytes, str]:
    told = {name: value for name, value in json.loads(body).items() if name != "id"}
    altered = json.dumps(told).encode()
    return altered, counter.server.sign(altered, counter.shop.secret)


# At the door: nothing is stored, and Stripe (or who plays it) reads 400.
AT_THE_DOOR: dict[str, Forgery] = {
    "wrong signature": lambda c, body: (body, c.server.sign(body, c.shop.secret)[:-3] + "000"),
    "other tenant's secret": lambda c, body: (body, c.server.sign(body, c.other.secret)),
    "old timestamp": lambda c, body: (
        body, c.server.sign(body, c.shop.secret, at=int(time.time()) - 400),
    ),
    "truncated": lambda c, body: (body[:-9], c.server.sign(body, c.shop.secret)),
    "changed encoding": lambda c, body: (
        body.decode().encode("utf-16"), c.server.sign(body, c.shop.secret),
    ),
    "missing id": without_id,
}  # fmt: skip


@pytest.mark.parametrize("name", AT_THE_DOOR)
def test_a_forged_event_is_not_even_stored(counter: Counter, name: str) -> None:
    begun = counter.begin()
    paid = counter.server.pay(counter.shop, begun.gateway_ref)
    body, header = AT_THE_DOOR[name](
        counter, counter.server.event(counter.shop, "checkout.session.completed", paid)
    )

    assert counter.post(body, header) == 400
    work()

    assert (counter.balance, counter.stored()) == (NOTHING, 0)


def test_a_lie_with_the_right_signature_credits_what_stripe_says_or_nothing(
    counter: Counter,
) -> None:
    unpaid, paid, closed = counter.begin(), counter.begin("25"), counter.begin("50")
    counter.server.pay(counter.shop, paid.gateway_ref)
    with counter.books.open():
        payments.cancel(closed.id)
    page = counter.shop.things[unpaid.gateway_ref]
    done = page | {"status": "complete", "payment_status": "paid"}
    event = counter.server.event(counter.shop, "checkout.session.completed", done)
    lies = [
        {}, {"amount_total": 100_000}, {"currency": "usd"}, {"id": "cs_test_unknown"},
        {"id": closed.gateway_ref, "metadata": {"intent": str(closed.public_id)}},
        {"metadata": {"intent": "not an id"}},
    ]  # fmt: skip
    for lie in lies:
        assert counter.post(*changed(counter, event, **lie)) == 200
    assert counter.tell("customer.created", done) == 200
    assert counter.post(event, counter.server.sign(event, counter.shop.secret), hook="x") == 404
    work()
    before = counter.balance

    # Another's event for our payment: its page names it, its money is of another amount.
    assert counter.tell("payment_intent.succeeded", {
        "id": "pi_foreign", "object": "payment_intent", "metadata": {"intent": str(paid.public_id)},
    }) == 200  # fmt: skip
    work()

    assert before == NOTHING
    assert counter.balance == Money.of("25")
    assert counter.state(unpaid) is IntentState.WAITING
    assert counter.state(closed) is IntentState.CANCELLED
    assert books_are_right()


def test_while_no_signing_secret_is_entered_nothing_is_believed(
    stripe_app: Flask, stripe_server: StripeServer
) -> None:
    books, shop = make_books(), stripe_server.open_shop()
    with books.open():
        account = payments.save_gateway(
            payments.STRIPE, on=True, live=False, public={"account": shop.account},
            secrets={"secret_key": shop.key, "webhook_secret": ""},
        )  # fmt: skip
    counter = Counter(stripe_app, books, stripe_server, shop, shop, account.hook)
    begun = counter.begin()
    paid = stripe_server.pay(shop, begun.gateway_ref)
    body = stripe_server.event(shop, "checkout.session.completed", paid)

    assert counter.post(body, stripe_server.sign(body, "")) == 400
    work()

    assert (counter.balance, counter.stored()) == (NOTHING, 0)


@pytest.mark.parametrize(
    ("field", "value"), [("amount_received", 999), ("amount_received", 1001), ("currency", "eur")]
)
def test_what_was_paid_must_be_what_was_to_be_paid(
    counter: Counter, field: str, value: object
) -> None:
    begun = counter.begin()
    paid = counter.server.pay(counter.shop, begun.gateway_ref)
    counter.shop.things[paid["payment_intent"]][field] = value
    counter.tell("checkout.session.completed", paid)
    work()

    assert counter.balance == NOTHING
    with counter.books.read():
        assert payments.intent(begun.public_id).problem.endswith("_differs")


def test_refunds_and_disputes_in_any_order(counter: Counter) -> None:
    begun = counter.begin("50")
    paid = counter.server.pay(counter.shop, begun.gateway_ref)
    charge = paid["payment_intent"]
    refund = counter.server.refund(counter.shop, charge, 1000)
    dispute = counter.server.dispute(counter.shop, charge) | {"amount": 4000}
    counter.tell("refund.created", refund)
    counter.tell("charge.dispute.created", dispute)
    work()
    early = counter.balance  # the payment itself is not known yet
    for _ in range(2):
        counter.tell("checkout.session.completed", paid)
    work()
    opened = counter.balance
    won = dispute | {"status": "won"}
    for _ in range(2):
        counter.tell("charge.dispute.closed", won, created=int(time.time()) + 5)
        counter.tell("refund.updated", refund)
    work()

    assert (early, opened, counter.balance) == (NOTHING, NOTHING, Money.of("40"))
    assert books_are_right()


def test_a_refund_that_fails_later_is_on_the_balance_again_once(counter: Counter) -> None:
    begun = counter.begin("50")
    paid = counter.server.pay(counter.shop, begun.gateway_ref)
    counter.tell("checkout.session.completed", paid)
    work()
    with counter.books.open():
        payments.refund(
            begun.id, Money.of("20"), reason="Too much", reference=uuid.uuid4(), by=None
        )
    work()
    with counter.books.read():
        [asked] = payments.refunds_of(begun.id)
    assert (counter.balance, asked.state) == (Money.of("30"), "done")
    failed = counter.shop.things[asked.ref] | {"status": "failed"}

    body = counter.server.event(counter.shop, "refund.failed", failed)
    assert counter.post(body, counter.server.sign(body, counter.other.secret)) == 400
    counter.tell("refund.failed", failed | {"id": "re_unknown"})
    work()
    assert counter.balance == Money.of("30")
    for kind in ("refund.failed", "refund.updated", "charge.refund.updated", "refund.failed"):
        counter.tell(kind, failed)
    counter.tell("refund.created", failed | {"status": "succeeded"})  # told late
    work()

    with counter.books.read():
        [asked] = payments.refunds_of(begun.id)
        [named] = payments.failed_refunds(asked.created_at)
        assert (asked.state, payments.intent(begun.public_id).left) == ("failed", Money.of("50"))
    assert (counter.balance, named.amount) == (Money.of("50"), Money.of("20"))
    assert books_are_right()
