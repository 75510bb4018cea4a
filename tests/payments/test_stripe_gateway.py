"""The gateway against a server that speaks Stripe over HTTP: answers, and every way to fail."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from portal.core import clock
from portal.core.money import Money
from portal.payments.gateways.protocol import (
    Addresses,
    Capture,
    Forged,
    GatewayAway,
    GatewayRefuses,
    GivenBack,
    HeardKind,
    Pending,
    Refusal,
    Unknown,
    Unreadable,
)
from portal.payments.gateways.stripe_gateway import StripeGateway
from portal.payments.values import STRIPE, GatewayAccount, Intent, IntentState, SavedCard
from tests.payments.stripe_server import Shop, StripeServer

TEN = Money.of("10")
BACK = Addresses("https://portal.example/back", "https://portal.example/no", "", "")
ACCOUNT = GatewayAccount(
    name=STRIPE, on=True, live=False, public={"account": "acct_northwind"},
    secrets={"secret_key": "sk_test_northwind", "webhook_secret": "whsec_test_northwind"}, hook="h",
)  # fmt: skip


@pytest.fixture
def shop(stripe_server: StripeServer) -> Shop:
    return stripe_server.open_shop()


@pytest.fixture
def gateway(stripe_app: Flask, shop: Shop) -> StripeGateway:
    return StripeGateway(ACCOUNT)


def an_intent(**changed: Any) -> Intent:
    return Intent(
        id=1, public_id=uuid.uuid4(), client_id=1, gateway=STRIPE, amount=TEN, tax=Money(0), taxes=(),
        currency="CAD", payee="", live=False, automatic=False, state=IntentState.NEW, gateway_ref="",
        capture_ref="", redirect_url="", problem="", taken_back=Money(0), description="",
        created_at=clock.now(), settled_at=None, **changed,
    )  # fmt: skip


def a_card(gateway: StripeGateway, server: StripeServer, shop: Shop, last4: str) -> SavedCard:
    customer = gateway.new_customer(name="Priya", email="priya@x.example", mark="client-1")
    page = gateway.begin_saving(customer, mark=f"saving-{last4}", addresses=BACK)
    assert gateway.saved(page.gateway_ref) is None
    server.save_card(shop, page.gateway_ref, last4=last4)
    saved = gateway.saved(page.gateway_ref)
    assert saved is not None
    assert (saved.brand, saved.last4, saved.expires_year) == ("visa", last4, 2031)
    return SavedCard(saved.customer_ref, saved.card_ref)


def test_a_page_of_checkout_from_the_wish_to_the_refund(
    gateway: StripeGateway, stripe_server: StripeServer, shop: Shop
) -> None:
    intent = an_intent()
    page, again = gateway.begin(intent, BACK), gateway.begin(intent, BACK)
    intent = replace(intent, gateway_ref=page.gateway_ref)
    before = gateway.read(intent)
    stripe_server.pay(shop, page.gateway_ref)
    paid = gateway.read(intent)

    assert (page, before) == (again, Pending())
    assert isinstance(paid, Capture)
    assert (paid.amount, paid.currency, paid.payee) == (TEN, "CAD", "acct_northwind")
    assert (paid.intent, paid.live, paid.refunds) == (intent.public_id, False, ())
    intent = replace(intent, capture_ref=paid.capture_ref)
    given = [gateway.refund(intent, Money.of("4"), key="k") for _ in range(2)]
    assert given[0] == given[1]
    assert isinstance(given[0], GivenBack)
    reread = gateway.read(intent)
    assert isinstance(reread, Capture)
    assert [one.amount for one in reread.refunds] == [Money.of("4")]
    assert isinstance(gateway.refund(intent, Money.of("7"), key="too-much"), Refusal)
    shop.answers.clear()  # Stripe forgets its keys after a day
    assert gateway.refund(intent, Money.of("4"), key="k") == given[0]


@pytest.mark.parametrize(
    ("last4", "reason"),
    [("0069", "expired_card"), ("9995", "insufficient_funds"), ("3184", "authentication_required")],
)
def test_a_saved_card_that_the_bank_declines(
    gateway: StripeGateway, stripe_server: StripeServer, shop: Shop, last4: str, reason: str
) -> None:
    intent = an_intent(**{})
    refused = gateway.charge_saved(intent, a_card(gateway, stripe_server, shop, last4))

    assert isinstance(refused, Refusal)
    assert refused.code == reason
    assert gateway.read(intent) == refused
    assert stripe_server.charged == []


def test_a_saved_card_is_charged_once_and_an_unknown_end_is_found(
    gateway: StripeGateway, stripe_server: StripeServer, shop: Shop
) -> None:
    card = a_card(gateway, stripe_server, shop, "4242")
    sure, unsure, absent = an_intent(), an_intent(), an_intent()
    stripe_server.fault("/v1/refunds", "busy")
    done = [gateway.charge_saved(sure, card) for _ in range(2)]
    stripe_server.faults.clear()
    stripe_server.fault("/v1/payment_intents", "cut")
    lost = gateway.charge_saved(unsure, card)
    found = gateway.read(unsure)

    assert done[0] == done[1]
    assert lost == Unknown()
    assert isinstance(found, Capture)
    assert found.intent == unsure.public_id
    assert gateway.read(absent) == Unknown()
    assert stripe_server.charged == [1000, 1000]
    gateway.forget(card)
    gateway.forget(card)
    assert isinstance(gateway.charge_saved(an_intent(), card), Refusal)


@pytest.mark.parametrize(
    ("fault", "maybe_done"), [("down", True), ("html", True), ("cut", True), ("busy", False)]
)
def test_stripe_is_away(
    gateway: StripeGateway, stripe_server: StripeServer, fault: str, maybe_done: bool
) -> None:
    stripe_server.fault("/v1/checkout", fault)
    with pytest.raises(GatewayAway) as away:
        gateway.begin(an_intent(), BACK)

    assert away.value.maybe_done is maybe_done
    assert "sk_test" not in repr(away.value.__context__) + repr(away.value)


NONSENSE = (
    "{}", "[]", "null", '"x"', "7", '{"data": null}', '{"data": [null, 7, {"metadata": 5}]}',
    '{"id": 7, "url": "http://[", "status": 1, "payment_intent": [], "amount": "1"}',
    '{"id": "x", "status": "succeeded", "amount": "1", "amount_received": "1", "currency": null}',
    '{"id": "x", "url": "https://checkout.stripe.com.evil.example/"}',
    '{"id": "", "status": "complete", "payment_status": "paid", "payment_intent": {"status": 5}}',
)  # fmt: skip
CARD = SavedCard("cus_1", "pm_1")
QUESTIONS: dict[str, Callable[[StripeGateway], Any]] = {
    "begin": lambda g: g.begin(an_intent(), BACK),
    "read a page": lambda g: g.read(replace(an_intent(), gateway_ref="cs_1")),
    "read a charge": lambda g: g.read(replace(an_intent(), gateway_ref="pi_1")),
    "look for a charge": lambda g: g.read(an_intent()),
    "refund": lambda g: g.refund(replace(an_intent(), capture_ref="pi_1"), TEN, key="k"),
    "charge": lambda g: g.charge_saved(an_intent(), CARD),
    "begin saving": lambda g: g.begin_saving("cus_1", mark="s", addresses=BACK),
    "customer": lambda g: g.new_customer(name="Priya", email="p@x.example", mark="c"),
    "whose": lambda g: g.try_out(),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_answer_of_nonsense_is_no_answer_and_no_money(
    gateway: StripeGateway, stripe_server: StripeServer, question: str
) -> None:
    for body in NONSENSE:
        stripe_server.faults[:] = [("/v1", f"says:{body}")] * 3
        try:
            said = QUESTIONS[question](gateway)
        except (GatewayAway, GatewayRefuses):
            assert question != "charge", "an exception there would say that nothing was taken"
            continue
        money = isinstance(said, Capture) and (said.amount or not said.capture_ref)
        assert not money, body
        assert not isinstance(said, GivenBack), body
        assert said or question == "whose", body


def test_a_wrong_key_and_the_account_of_a_right_one(gateway: StripeGateway) -> None:
    wrong = StripeGateway(replace(ACCOUNT, secrets={"secret_key": "sk_test_other"}))

    assert gateway.try_out() == "acct_northwind"
    with pytest.raises(GatewayRefuses):
        wrong.try_out()


def test_what_events_mean(gateway: StripeGateway, stripe_server: StripeServer, shop: Shop) -> None:
    intent = an_intent()
    page = gateway.begin(intent, BACK)
    session = stripe_server.pay(shop, page.gateway_ref)
    refund = stripe_server.refund(shop, session["payment_intent"], 250)
    dispute = stripe_server.dispute(shop, session["payment_intent"])
    question = dispute | {"status": "warning_needs_response"}
    told: list[tuple[str, dict[str, Any], HeardKind]] = [
        ("checkout.session.completed", session, HeardKind.MOVED),
        ("payment_intent.succeeded", shop.things[session["payment_intent"]], HeardKind.MOVED),
        ("refund.created", refund, HeardKind.REFUNDED),
        ("refund.created", refund | {"status": "pending"}, HeardKind.OTHER),
        ("charge.dispute.created", dispute, HeardKind.DISPUTE_OPENED),
        ("charge.dispute.created", question, HeardKind.OTHER),
        ("charge.dispute.closed", dispute | {"status": "won"}, HeardKind.DISPUTE_WON),
        ("charge.dispute.closed", dispute | {"status": "lost"}, HeardKind.DISPUTE_LOST),
        ("checkout.session.completed", session | {"mode": "setup"}, HeardKind.CARD_SAVED),
        ("customer.created", {"id": "cus_1", "object": "customer"}, HeardKind.OTHER),
    ]
    for kind, thing, meant in told:
        body = stripe_server.event(shop, kind, thing)
        heard = gateway.parse({"stripe-signature": stripe_server.sign(body, shop.secret)}, body)
        assert heard.kind is meant, kind
        if meant in {HeardKind.REFUNDED, HeardKind.DISPUTE_OPENED}:
            assert heard.capture_ref == session["payment_intent"]
            assert heard.amount == Money(thing["amount"] * 10_000)


Forgery = Callable[[StripeServer, bytes], tuple[str, bytes]]
GOOD = "whsec_test_northwind"
FORGERIES: dict[str, Forgery] = {
    "no signature": lambda s, body: ("", body),
    "wrong signature": lambda s, body: (s.sign(body, GOOD)[:-4] + "0000", body),
    "other tenant's secret": lambda s, body: (s.sign(body, "whsec_test_globex"), body),
    "changed amount": lambda s, body: (s.sign(body, GOOD), body.replace(b"1000", b"9000")),
    "old": lambda s, body: (s.sign(body, GOOD, at=int(time.time()) - 301), body),
    "of tomorrow": lambda s, body: (s.sign(body, GOOD, at=int(time.time()) + 86400), body),
    "truncated": lambda s, body: (s.sign(body, GOOD), body[:-20]),
    "truncated, then signed": lambda s, body: (s.sign(body[:-20], GOOD), body[:-20]),
    "changed encoding": lambda s, body: (s.sign(body, GOOD), body.decode().encode("utf-16")),
    "no id": lambda s, body: signed(s, body, id=None),
    "no event": lambda s, body: signed(s, body, object="charge"),
    "a list": lambda s, body: (s.sign(b"[]", GOOD), b"[]"),
    "about nothing": lambda s, body: signed(s, body, data=[]),
    "other account": lambda s, body: signed(s, body, account="acct_globex"),
    "live": lambda s, body: signed(s, body, livemode=True),
}


def signed(server: StripeServer, body: bytes, **changed: Any) -> tuple[str, bytes]:
    told = json.dumps(json.loads(body) | changed).encode()
    return server.sign(told, GOOD), told


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_event(
    gateway: StripeGateway, stripe_server: StripeServer, shop: Shop, name: str
) -> None:
    session = {"id": "cs_test_1", "object": "checkout.session", "amount_total": 1000}
    body = stripe_server.event(shop, "checkout.session.completed", session)
    header, told = FORGERIES[name](stripe_server, body)

    with pytest.raises((Forged, Unreadable)):
        gateway.parse({"Stripe-Signature": header}, told)
