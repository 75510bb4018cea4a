"""PayPal, both ways, against a server that plays it: one credit or none, whatever is told."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select, update

from jobs.schedule import tick
from portal import payments
from portal.core.db import session
from portal.core.errors import InvalidInput
from portal.core.money import Money
from portal.core.scope import Scope, bind
from portal.mail.models import OutgoingMail
from portal.payments import GatewayAway, GatewayRefuses, Intent, IntentState
from portal.payments.models import PaymentIntent, PaymentMessage
from portal.tasks import LOOK_AT_PAYMENTS
from tests.calls.conftest import books_are_right
from tests.payments.till import Till
from tests.paypal import EMAIL, MERCHANT
from tests.worker import work

NOTHING, FULL = Money(0), Money.of("25")


def mails(till: Till) -> int:
    with till.books.read():
        return session().scalar(select(func.count()).select_from(OutgoingMail)) or 0


def problems(till: Till) -> list[str]:
    with till.books.read():
        return list(session().scalars(select(PaymentMessage.problem).order_by(PaymentMessage.id)))


def test_a_payment_that_is_told_of_five_times_is_one_credit_with_one_receipt(till: Till) -> None:
    begun = till.pay()
    assert till.now(begun).payee == MERCHANT

    for _ in range(5):
        assert till.ring(begun) == 200
    assert till.balance() == NOTHING, "the message is a bell; the truth is read by a job"
    work()
    for _ in range(2):
        event = till.paypal.event("PAYMENT.CAPTURE.COMPLETED", till.captured(begun))
        till.tell(*till.paypal.signed(event))
    work()

    assert till.now(begun).state is IntentState.PAID
    assert till.balance() == FULL
    assert len(till.paypal.captures) == 1
    assert mails(till) == 1
    assert books_are_right()


def signed_but(till: Till, begun: Intent, **changes: Any) -> tuple[dict[str, str], bytes]:
    event = till.paypal.event("CHECKOUT.ORDER.APPROVED", {"id": begun.gateway_ref}) | changes
    return till.paypal.signed(event)


def tampered(till: Till, begun: Intent) -> tuple[dict[str, str], bytes]:
    headers, body = signed_but(till, begun)
    return headers, body.replace(b"WH-", b"XX-")


FORGERIES: dict[str, Callable[[Till, Intent], tuple[dict[str, str], bytes]]] = {
    "wrong signature": lambda t, b: (
        signed_but(t, b)[0] | {"PayPal-Transmission-Sig": "made up"}, signed_but(t, b)[1]
    ),
    "no signature": lambda t, b: ({"Content-Type": "application/json"}, signed_but(t, b)[1]),
    "another tenant's webhook": lambda t, b: t.paypal.signed(
        t.paypal.event("CHECKOUT.ORDER.APPROVED", {"id": b.gateway_ref}), webhook="WH-2"
    ),
    "changed after signing": tampered,
    "old timestamp": lambda t, b: t.paypal.signed(
        t.paypal.event("CHECKOUT.ORDER.APPROVED", {"id": b.gateway_ref}),
        at=datetime.now(UTC) - timedelta(days=9),
    ),
    "other event type": lambda t, b: signed_but(t, b, event_type="CHECKOUT.ORDER.SAVED"),
    "unknown order": lambda t, b: signed_but(t, b, resource={"id": "O-UNKNOWN"}),
    "missing id": lambda t, b: signed_but(t, b, id=""),
    "nothing in it": lambda t, b: signed_but(t, b, resource=None),
    "truncated": lambda t, b: (signed_but(t, b)[0], signed_but(t, b)[1][:40]),
    "changed encoding": lambda t, b: (
        signed_but(t, b)[0], signed_but(t, b)[1].decode().encode("utf-16")
    ),
    "not JSON": lambda t, b: (signed_but(t, b)[0], b"payment_status=Completed"),
}  # fmt: skip


def test_no_forged_message_moves_money_and_the_good_one_moves_it_once(till: Till) -> None:
    begun = till.pay()
    for headers, body in (forge(till, begun) for forge in FORGERIES.values()):
        assert till.tell(headers, body) == 200
    assert till.tell(*signed_but(till, begun), hook="not-the-secret") == 404
    work()

    assert (till.balance(), till.now(begun).state) == (NOTHING, IntentState.WAITING)
    assert not till.paypal.captures
    told = dict(zip(FORGERIES, problems(till), strict=True))
    assert [name for name, problem in told.items() if not problem] == ["other event type"]

    till.ring(begun)
    work()
    assert till.balance() == FULL
    assert books_are_right()


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        ("wrong_amount", "amount_differs"),
        ("wrong_currency", "currency_differs"),
        ("wrong_payee", "payee_differs"),
    ],
)
def test_a_capture_that_is_not_what_was_asked_credits_nothing_and_says_so(
    till: Till, fault: str, problem: str
) -> None:
    begun = till.pay()
    till.paypal.fault = fault
    till.ring(begun)
    work()

    assert till.balance() == NOTHING
    assert till.now(begun).problem == problem


def test_money_of_another_reseller_or_another_payment_credits_nothing(till: Till) -> None:
    begun, other = till.pay(), till.pay("50")
    till.ring(other)
    work()
    assert till.balance() == Money.of("50")

    capture = payments.Capture(
        gateway_ref=begun.gateway_ref, capture_ref=till.now(other).capture_ref, amount=FULL,
        currency="USD", payee=MERCHANT, live=False,
    )  # fmt: skip
    with till.books.open():
        assert not payments.settle(begun.id, capture)
    assert till.now(begun).problem == "taken_before"
    with bind(Scope(till.books.other_reseller_id)):
        assert payments.intent_of_ref(payments.PAYPAL, name=begun.public_id) is None
        session().rollback()
    assert till.balance() == Money.of("50")


def test_a_gateway_that_is_away_for_hours_is_said_plainly_and_nothing_is_lost(till: Till) -> None:
    begun = till.pay()
    till.ring(begun)
    for fault in ("down", "html", "says:{}", "says:[]", "token:é", "token:"):
        till.paypal.fault = fault
        with pytest.raises(GatewayAway):
            till.begin()
        work(later=True, rounds=3)  # more often than there are tries in an hour
        assert till.balance() == NOTHING, fault

    till.paypal.fault = ""
    work(later=True)
    assert till.balance() == FULL
    assert len(till.paypal.captures) == 1
    assert books_are_right()


def test_wrong_credentials_are_refused_and_what_hangs_on_them_is_given_up(till: Till) -> None:
    hangs = till.begin()
    with till.books.open():
        payments.save_gateway(
            payments.PAYPAL, on=True, live=False, public={"client_id": "other"}, secrets={}
        )
        wrong = payments.open_gateway(payments.PAYPAL)
    with pytest.raises(GatewayRefuses):
        wrong.try_out()
    with time_machine.travel(datetime.now(UTC) + timedelta(days=8)):
        tick(LOOK_AT_PAYMENTS.name, 3600, False)
        work()
        assert till.now(hangs).state is IntentState.EXPIRED, "nobody is asked about it for ever"


@pytest.mark.parametrize(
    ("currency", "amount", "says"),
    [
        ("JPY", "1.5", "whole amount"),
        ("ISK", "1.5", "whole amount"),
        ("CAD", "1.505", "two decimals"),
    ],
)
def test_no_less_than_a_currencys_smallest_coin_goes_back_through_a_gateway(
    till: Till, currency: str, amount: str, says: str
) -> None:
    begun = till.pay()
    till.ring(begun)
    work()
    with till.books.open():
        session().execute(update(PaymentIntent).values(currency=currency))

    with till.books.open(), pytest.raises(InvalidInput, match=says):
        payments.refund(
            begun.id, Money.of(amount), reason="Paid twice", reference=uuid.uuid4(), by=None
        )

    assert till.balance() == FULL


def test_a_refund_in_parts_leaves_the_wallet_once_however_often_it_is_told(till: Till) -> None:
    begun = till.pay()
    till.ring(begun)
    work()
    form = uuid.uuid4()
    for _ in range(2):
        with till.books.open():
            payments.refund(begun.id, Money.of("10"), reason="Paid twice", reference=form, by=None)
    with (
        till.books.open(),
        pytest.raises(InvalidInput, match="out of date"),
    ):  # after the back button
        payments.refund(begun.id, Money.of("5"), reason="And more", reference=form, by=None)
    work()
    [made] = till.paypal.refunds.values()
    capture = till.captured(begun)
    told = made | {
        "links": [{"rel": "up", "href": f"{till.paypal.url}/v2/payments/captures/{capture['id']}"}]
    }
    for _ in range(3):
        till.tell(*till.paypal.signed(till.paypal.event("PAYMENT.CAPTURE.REFUNDED", told)))
    work()

    assert till.balance() == Money.of("15")
    assert till.now(begun).taken_back == Money.of("10")
    with till.books.open(), pytest.raises(InvalidInput) as refusal:
        payments.refund(begun.id, Money.of("15.01"), reason="All", reference=uuid.uuid4(), by=None)
    assert refusal.value.field == "amount"
    assert books_are_right()


def test_a_dispute_takes_the_money_and_a_won_one_brings_it_back_also_before_the_capture(
    till: Till,
) -> None:
    begun = till.pay()
    till.paypal.orders[begun.gateway_ref]["status"] = "APPROVED"
    till.paypal._capture(till.paypal.orders[begun.gateway_ref])
    capture = till.captured(begun)
    dispute = {
        "dispute_id": "PP-D-1", "dispute_amount": {"value": "25.00", "currency_code": "USD"},
        "disputed_transactions": [{"seller_transaction_id": capture["id"]}],
    }  # fmt: skip
    began = datetime.now(UTC)
    till.tell(*till.paypal.signed(till.paypal.event("CUSTOMER.DISPUTE.CREATED", dispute, at=began)))
    work()
    assert till.balance() == NOTHING, "it waits: nobody knows the capture yet"
    till.ring(begun)
    work()
    assert till.balance() == NOTHING
    won = dispute | {"dispute_outcome": {"outcome_code": "RESOLVED_SELLER_FAVOUR"}}
    till.tell(
        *till.paypal.signed(
            till.paypal.event("CUSTOMER.DISPUTE.RESOLVED", won, at=began + timedelta(days=1))
        )
    )
    work()

    assert till.balance() == FULL
    assert books_are_right()


def ipn(till: Till, begun: Intent, **changes: str) -> bytes:
    return till.paypal.notification(
        **{
            "txn_id": "T1", "payment_status": "Completed", "receiver_email": EMAIL.upper(),
            "mc_gross": "25.00", "mc_currency": "USD", "custom": str(begun.public_id),
            "invoice": str(begun.public_id), "test_ipn": "1", "charset": "windows-1252",
            "first_name": "Zoé",
        } | changes
    )  # fmt: skip


def test_by_business_email_only_a_confirmed_notification_to_the_right_payee_credits(
    till: Till,
) -> None:
    begun = till.begin(gateway=payments.PAYPAL_EMAIL)
    assert f"business={EMAIL.replace('@', '%40')}" in begun.redirect_url
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    wrong = [
        ipn(till, begun, mc_gross="0.01"), ipn(till, begun, mc_gross="250.00"),
        ipn(till, begun, mc_currency="JPY"), ipn(till, begun, receiver_email="thief@example.com"),
        ipn(till, begun, test_ipn="0"), ipn(till, begun, custom=str(uuid.uuid4())),
        ipn(till, begun, custom=""), ipn(till, begun, txn_id=""),
        ipn(till, begun, payment_status="Created"),
        ipn(till, begun, txn_id="T9") + b"&mc_gross=25.00", b"mc_gross=25.00&txn_id=T8",
        ipn(till, begun)[:-9], ipn(till, begun).replace(b"25.00", b"25.000"),
        json.dumps({"txn_id": "T1"}).encode(), "txn_id=T1&x=é".encode("utf-16"),
    ]  # fmt: skip
    for body in wrong:
        till.tell(form, body, hook=till.email_hook)
    work()
    assert (till.balance(), till.now(begun).state) == (NOTHING, IntentState.WAITING)

    good = ipn(till, begun, payment_status="Pending")
    till.tell(form, good, hook=till.email_hook)
    work()
    assert till.now(begun).state is IntentState.PENDING
    for _ in range(4):
        till.tell(form, ipn(till, begun), hook=till.email_hook)
    till.tell(form, ipn(till, begun, txn_id="T2"), hook=till.email_hook)
    work()
    assert till.balance() == FULL
    assert till.now(begun).problem == "paid_twice"
    second = {"txn_id": "T6", "payment_status": "Refunded", "parent_txn_id": "T2"}
    till.tell(form, ipn(till, begun, mc_gross="-25.00", **second), hook=till.email_hook)
    work()
    assert till.balance() == FULL, "what was never credited went back"

    part = {"parent_txn_id": "T1", "mc_gross": "-5.00"}
    till.tell(
        form, ipn(till, begun, txn_id="T3", payment_status="Refunded", **part), hook=till.email_hook
    )
    rest = {"parent_txn_id": "T1", "mc_gross": "-20.00"}
    till.tell(
        form, ipn(till, begun, txn_id="T4", payment_status="Reversed", **rest), hook=till.email_hook
    )
    work()
    assert till.balance() == NOTHING
    back = {"parent_txn_id": "T1", "mc_gross": "20.00"}
    till.tell(
        form, ipn(till, begun, txn_id="T5", payment_status="Canceled_Reversal", **back),
        hook=till.email_hook,
    )  # fmt: skip
    work()
    assert till.balance() == Money.of("20")
    assert books_are_right()


def test_a_payment_that_nobody_tells_of_is_looked_at_again(till: Till) -> None:
    begun = till.pay()
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=2)):
        tick(LOOK_AT_PAYMENTS.name, 3600, False)
        work()
    assert till.balance() == FULL
    assert till.now(begun).state is IntentState.PAID
