"""The tab Payment and the list of payments: set up, found, given back."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from portal import ledger, payments
from portal.core.money import Money
from tests.browser import Browser
from tests.world import World

Browse = Callable[..., Browser]


def test_paypal_is_set_up_its_secret_stays_sealed_and_readers_change_nothing(
    world: World, browse: Browse
) -> None:
    tova = browse(world.northwind.owner)
    assert (
        tova.post("/staff/configuration/payments/paypal", {"way": "email", "email": ""}).status
        == 422
    )
    missing = tova.post("/staff/configuration/payments/paypal", {"way": "api", "client_id": "c-1"})
    assert "secret of your PayPal application" in missing.words
    typed = {"client_id": "c-1", "secret": "hush-hush", "webhook_id": "W-1", "live": "y"}
    tova.post("/staff/configuration/payments/paypal", {"way": "api"} | typed)

    page = tova.open("/staff/configuration/payments")
    assert b"hush-hush" not in page.body
    assert "/hooks/paypal/" in page.words
    with world.reading(world.northwind):
        account = payments.gateway_account(payments.PAYPAL)
        assert account is not None
        assert (account.on, account.live, account.secrets) == (True, True, {"secret": "hush-hush"})
        assert payments.gateways_on() == [payments.PAYPAL]
    tova.post(
        "/staff/configuration/payments/paypal", {"way": "email", "email": "money@northwind.example"}
    )
    with world.reading(world.northwind):
        assert payments.gateways_on() == [payments.PAYPAL_EMAIL]
        assert payments.gateway_account(payments.PAYPAL).secrets  # type: ignore[union-attr]
    reader = browse(world.northwind.reader).open("/staff/configuration/payments")
    assert "Save PayPal" not in reader.words
    assert "/hooks/paypal/" not in reader.words


def test_the_guides_list_of_amounts_is_read_and_nonsense_is_not(
    world: World, browse: Browse
) -> None:
    tova = browse(world.northwind.owner)
    limits = {"minimum": "5", "maximum": "500"}
    for typed in ("ten, twenty", "0, 10", "-5", "10.005", "", "1e3"):
        page = tova.post("/staff/configuration/payments/amounts", {"amounts": typed} | limits)
        assert (page.status, page.find("#amounts")["value"]) == (422, typed)
    tova.post("/staff/configuration/payments/amounts", {"amounts": "100, 10,25 , 50"} | limits)

    with world.reading(world.northwind):
        found = payments.payment_terms().amounts
    assert [each.micros // 1_000_000 for each in found] == [10, 25, 50, 100]


def test_a_payment_by_hand_is_found_and_given_back_in_parts(world: World, browse: Browse) -> None:
    with world.within(world.northwind):
        payments.add_payment(
            world.b.id, Money.of("40"), reference="cheque-1", description="Cheque 9"
        )
        before = ledger.balance_of(world.b.id)
    tova = browse(world.northwind.owner)

    page = tova.open("/staff/payments", q="cheque 9")
    assert len(page.all("#payments tbody tr")) == 1
    one = tova.open(str(page.all("#payments tbody a")[0]["href"]))
    for amount, reason, words in (
        ("40.01", "Too much", "more than is left"),
        ("0", "Nothing", "above zero"),
        ("5", "", "Required"),
    ):
        assert tova.submit("#refund", amount=amount, reason=reason).status == 422, words
        tova.open(one.path)
    form = {"amount": "1", "reason": "Twice", "reference": f"{uuid.uuid4()}\n"}
    assert tova.post(f"{one.path}/refund", form).status == 422, "a name with a line end is another"
    tova.open(one.path)
    tova.submit("#refund", amount="15", reason="Line was down")
    after = tova.open(one.path)

    assert "$15.00" in after.words
    assert "Line was down" in after.words
    with world.reading(world.northwind):
        assert before - ledger.balance_of(world.b.id) == Money.of("15")
        line = ledger.history(world.b.id).page.rows[0]
    assert (line.reason, line.description) == (ledger.Reason.REFUND, "Line was down")
    assert "Nothing was found" in tova.open("/staff/payments", q="nobody").words
    assert browse(world.northwind.reader).open(one.path).has("#refund") is False
    tova.open(one.path)
    tova.submit("#refund", amount="25", reason="The rest")
    tova.page = after  # another tab, which still shows what was left
    late = tova.submit("#refund", amount="25", reason="The rest", reference=str(uuid.uuid4()))
    assert (late.status, late.has("#refund")) == (422, False)
    assert "Nothing was refunded: all of this payment went back already" in late.words
