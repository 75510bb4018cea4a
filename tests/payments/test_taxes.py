"""Taxes on top: paid at the gateway, on the receipt, and given back with their part of a refund."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from portal import identity, invoices, payments
from portal.core.db import session
from portal.core.errors import InvalidInput
from portal.core.money import Money, percent_e4
from portal.core.scope import unscoped
from portal.invoices import (
    Content,
    ExemptionDetails,
    InvoiceSettings,
    Mode,
    PaperFilter,
    TaxDetails,
)
from portal.ledger import check
from portal.payments import Intent, IntentState
from portal.payments.models import PaymentIntent
from tests.calls.conftest import books_are_right
from tests.ledger.conftest import Books
from tests.payments.stripe_server import StripeServer
from tests.payments.test_top_up import TERMS
from tests.payments.test_top_up import open_till as open_card_till
from tests.payments.till import Till
from tests.worker import work

FIFTY = Money.of("50")


def receipts_with_gst_and_qst(books: Books) -> None:
    with books.open():
        invoices.save_settings(
            InvoiceSettings(mode=Mode.RECEIPT, since=date(2026, 1, 1), inclusive=False)
        )
        for name, percent in (("GST", "5"), ("QST", "9.975")):
            invoices.save_tax(TaxDetails(name, percent_e4(percent), f"{name} 123", "CA", ("QC",)))
        details = identity.client_facts(books.soft).details
        identity.edit_client(books.soft, replace(details, country="CA", state="Québec"))


def papers(books: Books) -> list[Content]:
    with books.read():
        rows = invoices.papers(PaperFilter(client_id=books.soft, newest_first=False)).rows
        return [invoices.content_of(row.id) for row in rows]


def amounts(paper: Content) -> list[str]:
    """Net, each tax and total."""
    every = (paper.net, *(tax.amount for tax in paper.taxes), paper.total)
    return [f"{one.decimal:.2f}" for one in every]


def give_back(till: Till, begun: Intent, *parts: str) -> None:
    for part in parts:
        with till.books.open():
            payments.refund(
                begun.id, Money.of(part), reason="Too much", reference=uuid.uuid4(), by=None
            )


def test_taxes_are_paid_at_the_gateway_and_go_back_with_their_part(till: Till) -> None:
    receipts_with_gst_and_qst(till.books)
    begun = till.pay("50")
    assert till.paypal.orders[begun.gateway_ref]["purchase_units"][0]["amount"]["value"] == "57.49"
    with till.books.open():  # what was begun stays as it was begun
        invoices.save_settings(replace(invoices.settings(), mode=Mode.NONE))
        for row in invoices.taxes():
            invoices.delete_tax(row.public_id)

    till.ring(begun)
    work()
    assert till.balance() == FIFTY
    [receipt] = papers(till.books)
    assert amounts(receipt) == ["50.00", "2.50", "4.99", "57.49"]
    assert [tax.number for tax in receipt.taxes] == ["GST 123", "QST 123"]

    give_back(till, begun, "16.67", "33.33")  # both asked before either is made
    work()
    assert [each["amount"]["value"] for each in till.paypal.refunds.values()] == ["19.17", "38.32"]
    assert till.balance() == Money(0)
    assert [amounts(note) for note in papers(till.books)[1:]] == [
        ["16.67", "0.83", "1.67", "19.17"], ["33.33", "1.67", "3.32", "38.32"],
    ]  # fmt: skip
    assert books_are_right()

    with till.books.open():  # a coin more than the rate makes, and another rate than was paid
        row = session().scalars(select(PaymentIntent).where(PaymentIntent.id == begun.id)).one()
        gst, qst = row.taxes
        row.taxes = [[*gst[:3], gst[3] + 10_000], qst]
    with unscoped("the proof"):
        found = list(check.findings())
        session().rollback()
    assert any(
        f"With payment {begun.public_id}" in one and "the rates make 7.49" in one for one in found
    )
    assert any("its lines make 7.50" in one for one in found)


def test_the_net_alone_is_not_the_payment_and_the_exempt_pay_no_tax(till: Till) -> None:
    receipts_with_gst_and_qst(till.books)
    begun = till.begin("50", gateway=payments.PAYPAL_EMAIL)
    assert "amount=57.49" in begun.redirect_url

    def told(transaction: str, gross: str) -> Intent:
        body = till.paypal.notification(
            txn_id=transaction, payment_status="Completed", mc_gross=gross, mc_currency="USD",
            custom=str(begun.public_id), receiver_email=begun.payee, test_ipn="1",
        )  # fmt: skip
        till.tell({"Content-Type": "application/x-www-form-urlencoded"}, body, hook=till.email_hook)
        work()
        return till.now(begun)

    assert told("T1", "50.00").problem == "amount_differs"
    assert told("T2", "57.49").state is IntentState.PAID
    assert till.balance() == FIFTY

    with till.books.open():
        invoices.add_exemption(till.books.soft, ExemptionDetails(None, "Diplomatic mission"))
    assert till.begin("50").total == FIFTY
    assert books_are_right()


def test_the_ceiling_of_a_month_holds_for_what_is_taken_from_the_card(
    stripe_app: Flask, stripe_server: StripeServer
) -> None:
    till = open_card_till(stripe_server)
    receipts_with_gst_and_qst(till.books)
    till.save_card()
    with till.books.open(), pytest.raises(InvalidInput) as refusal:
        payments.save_top_up(
            till.client, replace(TERMS, ceiling=Money.of("57.48")), taxes=invoices.taxes_on_top
        )
    assert refusal.value.field == "ceiling"
    till.choose()  # 50.00, at most 120.00: twice 57.49 and not three times
    for _ in range(3):
        till.spend("60")
        work()

    assert till.server.charged == [5749, 5749]
    first, *rest = papers(till.books)
    assert amounts(first)[-1] == "20.00"  # paid by hand: its taxes are inside
    assert [amounts(paper) for paper in rest] == [["50.00", "2.50", "4.99", "57.49"]] * 2
    assert books_are_right()
