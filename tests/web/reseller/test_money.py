"""Payments and charges by hand: once each, beside the field when wrong, undone by a mirror image."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from portal import ledger
from portal.core.money import Money
from portal.ledger import Reason
from tests.browser import Browser
from tests.world import World


@pytest.fixture
def balance(world: World) -> Callable[[], Money]:
    """What Harbourlight has now."""

    def now() -> Money:
        with world.reading(world.northwind):
            return ledger.balance_of(world.a.id)

    return now


def test_a_payment_pressed_twice_counts_once(
    owner: Browser, world: World, balance: Callable[[], Money]
) -> None:
    before = balance()
    owner.open(f"/staff/clients/{world.a.public_id}/payment")
    form = owner.page

    owner.submit("#money", amount="100.00", description="e-Transfer")
    owner.page = form
    page = owner.submit("#money", amount="100.00", description="e-Transfer")

    assert balance() - before == Money.of("100")
    assert page.title == "Harbourlight Dental"


def test_a_form_that_comes_back_with_another_amount_is_refused_and_does_not_say_that_it_was_added(
    owner: Browser, world: World, balance: Callable[[], Money]
) -> None:
    before = balance()
    owner.open(f"/staff/clients/{world.a.public_id}/payment")
    form = owner.page
    owner.submit("#money", amount="100.00")
    owner.page = form

    page = owner.submit("#money", amount="50.00")

    assert page.status == 422
    assert "Open the page again" in page.words
    assert balance() - before == Money.of("100")


def test_two_forms_are_two_payments(
    owner: Browser, world: World, balance: Callable[[], Money]
) -> None:
    before = balance()

    for _ in range(2):
        owner.open(f"/staff/clients/{world.a.public_id}/payment")
        owner.submit("#money", amount="7.50")

    assert balance() - before == Money.of("15")


def test_the_dialogs_of_the_overview_post_the_same_forms(
    owner: Browser, world: World, balance: Callable[[], Money]
) -> None:
    before = balance()
    owner.open(f"/staff/clients/{world.a.public_id}")

    owner.submit("#add-charge form", amount="12.25", description="On-site visit")

    assert before - balance() == Money.of("12.25")
    page = owner.open(f"/staff/clients/{world.a.public_id}/transactions")
    assert "On-site visit" in page.words


WRONG = (
    ("", "This field is needed."),
    ("lots", "Enter an amount like"),
    ("-5", "Enter an amount from 0 to 1,000,000."),
    ("0", "Enter an amount above zero."),
    ("1000000.01", "Enter an amount from 0 to 1,000,000."),
    ("99999999999999999999", "Enter an amount"),
    ("0.0000001", "at most 6 decimals"),
    ("1e3", "Enter an amount like"),
    ("1,000", "Enter an amount like"),  # a thousand or one: it is not guessed
    ("1,000.00", "Enter an amount like"),
    ("١٢", "Enter an amount like"),
    ("NaN", "Enter an amount like"),
)


@pytest.mark.parametrize("kind", ["payment", "charge"])
def test_a_wrong_amount_is_said_beside_it_and_moves_nothing(
    owner: Browser, world: World, balance: Callable[[], Money], kind: str
) -> None:
    before = balance()
    owner.open(f"/staff/clients/{world.a.public_id}/{kind}")

    for amount, words in WRONG:
        page = owner.submit("#money", amount=amount, description="kept")

        assert page.status == 422, amount
        assert words in page.text("#amount-error")
        assert page.find("#description")["value"] == "kept"
    assert balance() == before


def test_a_payment_is_undone_once_for_a_reason_and_both_halves_are_folded_away(
    owner: Browser, world: World, balance: Callable[[], Money]
) -> None:
    before = balance()
    owner.open(f"/staff/clients/{world.a.public_id}/payment")
    owner.submit("#money", amount="33.00", description="Typed twice")
    with world.reading(world.northwind):
        [line] = [
            one for one in ledger.history(world.a.id).page.rows if one.amount == Money.of("33")
        ]
    transactions = f"/staff/clients/{world.a.public_id}/transactions"
    address = f"{transactions}/{line.public_id}/reverse"
    question = owner.open(address)

    silent = owner.submit("#confirm")
    folded = owner.submit("#confirm", reason="The cheque bounced")
    owner.post(address, {"reason": "The cheque bounced"})

    assert "cannot be undone" in question.text("#confirm")
    assert silent.has("#reason-error")
    assert balance() == before
    assert "Typed twice" not in folded.text("#lines")
    page = owner.open(transactions, reversed="1")
    assert len(page.texts("#lines .badge")) == 1
    assert "The cheque bounced" in owner.open(f"/staff/clients/{world.a.public_id}/log").words


def test_transactions_are_searched_and_taken_away_as_csv(owner: Browser, world: World) -> None:
    address = f"/staff/clients/{world.a.public_id}/transactions"
    owner.open(f"/staff/clients/{world.a.public_id}/payment")
    owner.submit("#money", amount="12.34", description="=Cheque 881")

    found = owner.open(address, q="cheque")
    none = owner.open(address, q="no such words")
    everything = owner.open(f"{address}.csv").body.decode("utf-8-sig").splitlines()
    some = owner.open(f"{address}.csv", q="cheque").body.decode("utf-8-sig").splitlines()

    assert len(found.all("#lines tbody tr")) == 1
    assert "Nothing matches" in none.text("#lines")
    assert (len(some), len(everything) > 5) == (2, True)
    assert ",=" not in some[1]


def test_another_clients_transaction_is_not_undone_here(owner: Browser, world: World) -> None:
    with world.reading(world.globex):
        theirs = next(
            line for line in ledger.history(world.x.id).page.rows if line.reason is Reason.PAYMENT
        )

    page = owner.post(f"/staff/clients/{world.a.public_id}/transactions/{theirs.public_id}/reverse")

    assert page.status == 404
    with world.reading(world.globex):
        assert ledger.history(world.x.id).totals.payments == Money.of("50")


def test_the_sums_above_the_history_add_up_to_the_balance(
    owner: Browser, world: World, balance: Callable[[], Money]
) -> None:
    page = owner.open(f"/staff/clients/{world.a.public_id}/transactions", kind="payments")

    sums = page.texts("#history-sums dd")

    assert sums[0] == "$0.00"
    assert sums[1] == "$200.00"
    assert sums[3] == f"${balance().decimal:.2f}"
    assert page.texts("#lines tbody .c-title") == ["Payment How this amount was made e-Transfer"]
