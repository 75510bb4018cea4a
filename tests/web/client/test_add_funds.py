"""Adding funds through the practice gateway, the amounts that may be paid, and whose payment is whose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from portal import identity, invoices, ledger, payments
from portal.core.money import Money, percent_e4
from portal.identity import SuspendedFor
from portal.invoices import ExemptionDetails, InvoiceSettings, Mode, TaxDetails
from portal.payments import IntentState, PaymentTerms
from tests.browser import Browser
from tests.worker import work
from tests.world import World

Browse = Callable[..., Browser]
USUAL = {"choice": "25.000000", "gateway": "practice"}


@pytest.fixture(autouse=True)
def practice(world: World) -> None:
    for shop in (world.northwind, world.globex):
        with world.within(shop):
            payments.save_gateway(payments.PRACTICE, on=True, live=False, public={}, secrets={})


def test_a_top_up_ends_in_a_higher_balance_once(world: World, browse: Browse) -> None:
    ada = browse(world.a)
    with world.reading(world.a):
        before = ledger.balance_of(world.a.id)
    page = ada.open("/balance/add")
    assert page.texts("#choice .tile span")[:2] == ["$10.00", "$25.00"]

    waiting = ada.post("/balance/add", USUAL)
    assert "Waiting for the payer" in waiting.words
    there = urlsplit(waiting.link("Go on to Practice gateway")).path
    practice = ada.open(there)
    assert "No money moves" in practice.words
    for _ in range(2):
        back = ada.post(practice.path, {"outcome": "paid"})
    work()

    done = ada.open(back.path)
    assert "Thank you" in done.words
    with world.reading(world.a):
        assert ledger.balance_of(world.a.id) - before == Money.of("25")
        [row] = payments.last_payments(world.a.id, limit=1)
        assert row.state is IntentState.PAID
    assert "Paid" in browse(world.northwind.owner).open("/staff/payments").text("#payments tbody")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"choice": "26.000000"}, "Choose one of the amounts"),
        ({"choice": "", "amount": "7"}, "Choose one of the amounts"),
        ({"gateway": "stripe"}, "not open"),
        ({"gateway": "manual"}, "not open"),
    ],
)
def test_what_may_not_be_paid_is_refused_beside_its_field(
    world: World, browse: Browse, fields: dict[str, str], sentence: str
) -> None:
    page = browse(world.a).post("/balance/add", USUAL | fields)
    assert page.status == 422
    assert sentence in page.words


def test_a_free_amount_stays_between_its_limits_and_the_typed_stays(
    world: World, browse: Browse
) -> None:
    with world.within(world.northwind):
        payments.save_payment_terms(
            PaymentTerms((Money.of("10"),), True, Money.of("5"), Money.of("50"))
        )
    ada = browse(world.a)
    for typed, status in (("4.99", 422), ("50.01", 422), ("-5", 422), ("7.005", 422), ("x", 422)):
        page = ada.post("/balance/add", USUAL | {"choice": "other", "amount": typed})
        assert (page.status, page.find("#amount")["value"]) == (status, typed)
    assert ada.post("/balance/add", USUAL | {"choice": "other", "amount": "7.5"}).status == 200


def test_another_clients_payment_does_not_exist_and_a_suspended_client_may_pay(
    world: World, browse: Browse
) -> None:
    mine = browse(world.a).post("/balance/add", USUAL).path
    name = mine.rpartition("/")[2]
    for somebody in (world.b, world.x):
        for path in (f"/balance/payments/{name}", f"/balance/payments/{name}/practice"):
            assert browse(somebody).open(path).status == 404
    with world.within(world.northwind):
        identity.suspend_client(world.b.id, reason=SuspendedFor.BALANCE)
    page = browse(world.b).post("/balance/add", USUAL)
    assert page.status == 200


def test_taxes_are_said_before_the_way_to_the_gateway_and_follow_the_amount(
    world: World, browse: Browse
) -> None:
    with world.within(world.northwind):
        invoices.save_settings(InvoiceSettings(mode=Mode.RECEIPT, inclusive=False))
        invoices.save_tax(TaxDetails("HST", percent_e4("13"), "HST 1", "CA"))
        details = identity.client_facts(world.a.id).details
        identity.edit_client(world.a.id, replace(details, country="CA"))
    ada = browse(world.a)
    with world.reading(world.a):
        before = ledger.balance_of(world.a.id)

    assert "HST 13% $1.30 You pay $11.30" in ada.open("/balance/add").text("#funds-total")
    part = ada.open("/balance/add/total?choice=25.000000", htmx=True)
    assert "Added to your balance $25.00 HST 13% $3.25 You pay $28.25" in part.words
    for nonsense in ("", "?choice=other&amount=-3", "?choice=other&amount=1e99", "?choice=x"):
        assert "You pay" not in ada.open(f"/balance/add/total{nonsense}", htmx=True).words
    waiting = ada.post("/balance/add", USUAL)
    assert "HST 13% $3.25 Total to pay $28.25" in waiting.words
    there = ada.open(urlsplit(waiting.link("Go on to Practice gateway")).path)
    assert "$28.25" in there.words
    ada.post(there.path, {"outcome": "paid"})
    work()
    with world.reading(world.a):
        assert ledger.balance_of(world.a.id) - before == Money.of("25")

    with world.within(world.northwind):
        invoices.save_settings(replace(invoices.settings(), inclusive=True))
    assert "HST 13% in it $1.15 You pay $10.00" in ada.open("/balance/add").text("#funds-total")
    with world.within(world.northwind):
        invoices.add_exemption(world.a.id, ExemptionDetails(None, "Resale certificate"))
    assert "Exempt: Resale certificate" in ada.open("/balance/add").text("#funds-total")
