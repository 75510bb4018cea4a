"""Automatic top-up against a Stripe that answers, declines, dies and is away: one fall, one charge."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal import identity, ledger, payments
from portal.core import clock
from portal.core.db import db, session
from portal.core.errors import InvalidInput
from portal.core.money import Money
from portal.core.outbox import OutboxState, OutboxTask
from portal.core.scope import unscoped
from portal.identity import SuspendedFor
from portal.mail.models import OutgoingMail
from portal.payments.values import TopUpTerms
from portal.tasks import RUN_TOP_UP
from tests.calls.conftest import books_are_right
from tests.ledger.conftest import Books, make_books
from tests.payments.stripe_server import Shop, StripeServer
from tests.run_task import run_and_die
from tests.worker import bring_forward, work

TEN, FIFTY = Money.of("10"), Money.of("50")
TERMS = TopUpTerms(on=True, threshold=TEN, amount=FIFTY, ceiling=Money.of("120"))


@dataclass
class Till:
    """A reseller with Stripe, and a client with 20.00, a card and automatic top-up."""

    books: Books
    server: StripeServer
    shop: Shop
    used: int = field(default=0)

    @property
    def client(self) -> int:
        return self.books.soft

    def save_card(self, last4: str = "4242", *, expires: tuple[int, int] = (12, 2031)) -> None:
        with self.books.open():
            saving = payments.begin_saving(self.client)
            gateway = payments.open_card_gateway(saving.gateway)
        customer = saving.customer_ref or gateway.new_customer(name="A", email="a@x", mark="c")
        page = gateway.begin_saving(
            customer,
            mark=str(saving.public_id),
            addresses=payments.Addresses("https://p/b", "https://p/c", "", ""),
        )
        with self.books.open():
            payments.saving_began(saving, customer, page)
        self.server.save_card(self.shop, page.gateway_ref, last4=last4, expires=expires)
        card = gateway.saved(page.gateway_ref)
        assert card is not None
        with self.books.open():
            saving = payments.saving(saving.public_id)
            assert payments.keep_card(saving, card)
            assert not payments.keep_card(saving, card)

    def choose(self, terms: TopUpTerms = TERMS) -> None:
        with self.books.open():
            payments.save_top_up(self.client, terms)

    def spend(self, amount: str) -> None:
        self.used += 1
        with self.books.open():
            payments.add_charge(self.client, Money.of(amount), reference=f"spent-{self.used}")

    def pay(self, amount: str) -> None:
        self.used += 1
        with self.books.open():
            payments.add_payment(self.client, Money.of(amount), reference=f"paid-{self.used}")

    @property
    def balance(self) -> Money:
        with self.books.read():
            return ledger.balance_of(self.client)

    @property
    def problems(self) -> list[str]:
        """Why the last tries failed, newest first; empty for one that did not."""
        with self.books.read():
            return [one.problem for one in payments.attempts(self.client)]

    @property
    def terms(self) -> TopUpTerms:
        with self.books.read():
            return payments.top_up_terms(self.client)

    def mails(self, name: str = "top_up_stopped") -> int:
        with self.books.read():
            found = session().scalars(select(OutgoingMail.id).where(OutgoingMail.name == name))
            return len(found.all())

    def waiting_step(self) -> int:
        with unscoped("a test"):
            found = session().scalars(
                select(OutboxTask.id).where(
                    OutboxTask.task == RUN_TOP_UP.name, OutboxTask.state == OutboxState.QUEUED
                )
            )
            [row_id] = found.all()
            session().rollback()  # a reader would keep the other process out
        return int(row_id)


def open_till(server: StripeServer) -> Till:
    till = Till(make_books(), server, server.open_shop())
    with till.books.open():
        payments.save_gateway(
            payments.STRIPE, on=True, live=False, public={"account": "acct_northwind"},
            secrets={"secret_key": "sk_test_northwind", "webhook_secret": till.shop.secret},
        )  # fmt: skip
    till.pay("20")
    work()
    return till


@pytest.fixture
def till(stripe_app: Flask, stripe_server: StripeServer) -> Till:
    """With a good card, and top-up on."""
    till = open_till(stripe_server)
    till.save_card()
    till.choose()
    work()
    return till


def test_one_fall_is_one_charge_however_often_it_falls_again(till: Till) -> None:
    for amount in ("5", "6", "1", "1"):
        till.spend(amount)
    work()
    work(later=True)
    once = till.balance

    till.spend("50")  # 7.00 is below again: the second fall
    work(later=True)
    till.choose()  # the same choice saved again is no fall
    work(later=True)

    assert once == Money.of("57")
    assert (till.server.charged, till.balance) == ([5000, 5000], Money.of("57"))
    till.spend("50")
    work()
    assert till.server.charged == [5000, 5000]  # a third one is above the ceiling of the month
    assert (till.balance, till.mails(), till.terms.on) == (Money.of("7"), 1, True)
    till.pay("9")
    work(later=True)
    assert (till.server.charged, till.balance) == ([5000, 5000], Money.of("16"))


def test_the_ceiling_waits_for_the_next_month(till: Till) -> None:
    for _ in range(3):
        till.spend("50")
        work()
    assert till.server.charged == [5000, 5000]

    with time_machine.travel(clock.now() + timedelta(days=32), tick=False):
        work()

    assert (till.server.charged, till.balance) == ([5000, 5000, 5000], Money.of("20"))


def test_whoever_was_stopped_for_calls_is_charged_only_after_staff_let_them_go_on(
    till: Till,
) -> None:
    with till.books.open():
        identity.suspend_client(till.client, reason=SuspendedFor.EXPOSURE)
    till.spend("50")
    work()
    assert (till.server.charged, till.balance) == ([], Money.of("-30"))

    with till.books.open():
        identity.resume_client(till.client)
    with time_machine.travel(clock.now() + timedelta(hours=2), tick=False):
        work()

    assert (till.server.charged, till.balance) == ([5000], Money.of("20"))


@pytest.mark.parametrize(("last4", "tries"), [("9995", 4), ("3184", 1)])
def test_a_declined_card_is_tried_on_the_ladder_and_then_never_again(
    stripe_app: Flask, stripe_server: StripeServer, last4: str, tries: int
) -> None:
    till = open_till(stripe_server)
    till.save_card(last4)
    till.choose()
    till.spend("15")
    hours = (0, 1, 25, 97, 200)
    start = clock.now()
    seen = []
    for hour in hours:
        with time_machine.travel(start + timedelta(hours=hour, minutes=5), tick=False):
            work()
            seen.append(len(till.problems))

    assert seen == [min(at, tries) for at in (1, 2, 3, 4, 4)]
    assert (till.server.charged, till.balance) == ([], Money.of("5"))
    assert (till.terms.on, till.mails()) == (False, 1)
    assert till.terms.stopped == till.problems[0]
    with till.books.read():
        [card] = payments.cards_of(till.client)
    assert card.problem == till.terms.stopped


def test_an_expired_card_is_not_even_tried(stripe_app: Flask, stripe_server: StripeServer) -> None:
    till = open_till(stripe_server)
    till.save_card(expires=(1, 2026))
    till.choose()
    till.spend("15")
    work()

    assert (till.problems, till.terms.stopped) == (["expired_card"], "expired_card")
    assert not [1 for _, path, _ in till.server.asked if path == "/v1/payment_intents"]


@pytest.mark.parametrize(("fault", "charges"), [("cut", 1), ("down", 1), ("busy", 1), ("html", 1)])
def test_no_answer_is_looked_up_and_never_asked_for_again(
    till: Till, fault: str, charges: int
) -> None:
    till.server.fault("/v1/payment_intents", fault)
    till.spend("15")
    work(later=True)

    assert len(till.server.charged) == charges
    assert till.balance == Money.of("55")
    assert books_are_right()


def test_a_payment_meanwhile_ends_the_ladder(till: Till) -> None:
    till.server.fault("/v1/payment_intents", "busy")
    till.spend("15")
    work()
    till.pay("30")
    work(later=True)

    assert (till.server.charged, till.problems, till.terms.on) == ([], ["away"], True)


def test_what_may_be_chosen(till: Till) -> None:
    wrong = [
        ("threshold", replace(TERMS, threshold=Money(0))),
        ("amount", replace(TERMS, amount=Money.of("0.5"))),
        ("amount", replace(TERMS, amount=Money.of("10.005"))),
        ("ceiling", replace(TERMS, ceiling=Money.of("49"))),
    ]
    for name, terms in wrong:
        with pytest.raises(InvalidInput) as refusal:
            till.choose(terms)
        assert refusal.value.field == name
    with till.books.open():
        for card in payments.cards_of(till.client):
            payments.remove_card(till.client, card.public_id)
    with pytest.raises(InvalidInput) as refusal:
        till.choose(replace(TERMS, amount=TEN))
    assert refusal.value.field == "on"


@pytest.fixture
def till_on_each(
    environment: dict[str, str],
    stripe_server: StripeServer,
    make_app: Callable[..., Flask],
    each_database: str,
) -> Iterator[Till]:
    environment["PORTAL_STRIPE_URL"] = stripe_server.url
    with make_app(each_database).app_context():
        till = open_till(stripe_server)
        till.save_card()
        till.choose()
        work()
        yield till
        db.session.remove()


@pytest.mark.parametrize("failpoint", ["top_up.charged", "top_up.before_commit"])
def test_a_worker_killed_while_it_charges(
    till_on_each: Till,
    each_database: str,
    environment: dict[str, str],
    failpoint: str,
) -> None:
    till = till_on_each
    till.spend("15")
    with till.books.open():
        payments.review_top_up(till.client)
    settings = environment | {"DATABASE_URL": each_database}

    killed = run_and_die(till.waiting_step(), failpoint=failpoint, environment=settings)
    between = till.server.charged
    bring_forward()
    work(later=True)

    assert (killed, between) == (-9, [5000])
    assert (till.server.charged, till.balance) == ([5000], Money.of("55"))
    assert books_are_right()
