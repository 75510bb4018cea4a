"""What staff enter by hand: payments, charges, and undoing them."""

from __future__ import annotations

import uuid

import pytest

from portal import identity, ledger, payments
from portal.core.errors import InvalidInput, NotFound, Refused
from portal.core.money import Money
from tests.ledger.conftest import Books
from tests.worker import queued_tasks

TEN = Money.of("10")


def test_a_payment_sent_twice_counts_once(books: Books):
    for _ in range(2):
        with books.open():
            posted = payments.add_payment(
                books.soft, TEN, reference="form-1", description=" Cheque "
            )

    assert not posted.new
    with books.read():
        assert ledger.balance_of(books.soft) == TEN
        line = ledger.history(books.soft).page.rows[0]
    assert (line.description, line.can_be_reversed) == ("Cheque", True)


def test_a_charge_by_hand_may_go_below_zero(books: Books):
    with books.open():
        payments.add_charge(books.hard, TEN, reference="form-1", description="Site visit")

    with books.read():
        assert ledger.balance_of(books.hard) == -TEN


def test_the_same_form_word_may_pay_and_charge(books: Books):
    with books.open():
        paid = payments.add_payment(books.soft, TEN, reference="form-1")
        charged = payments.add_charge(books.soft, TEN, reference="form-1")

    assert paid.new
    assert charged.new


@pytest.mark.parametrize("enter", [payments.add_payment, payments.add_charge])
def test_impossible_amounts_are_refused_at_their_field(books: Books, enter):
    for amount in (Money(0), Money(-1), payments.LARGEST + Money(1)):
        with books.open(), pytest.raises(InvalidInput) as refusal:
            enter(books.soft, amount, reference="form-1")
        assert refusal.value.field == "amount"
    with books.open(), pytest.raises(InvalidInput) as refusal:
        enter(books.soft, TEN, reference="form-1", description="x" * 201)
    assert refusal.value.field == "description"

    with books.read():
        assert ledger.balance_of(books.soft) == Money(0)


def test_undoing_is_a_second_line_and_happens_once(books: Books):
    with books.open():
        charged = payments.add_charge(books.soft, TEN, reference="form-1")
    assert charged.public_id is not None

    for _ in range(2):
        with books.open():
            payments.reverse(books.soft, charged.public_id)

    with books.read():
        shown = ledger.history(books.soft).page.rows
        assert ledger.balance_of(books.soft) == Money(0)
    assert [line.amount for line in shown] == [TEN, -TEN]


def test_a_clients_page_undoes_only_that_clients_transactions(books: Books):
    with books.open():
        paid = payments.add_payment(books.soft, TEN, reference="form-1")
    assert paid.public_id is not None

    for client, transaction in ((books.hard, paid.public_id), (books.soft, uuid.uuid4())):
        with books.open(), pytest.raises(NotFound):
            payments.reverse(client, transaction)


def test_undoing_an_undo_is_refused(books: Books):
    with books.open():
        paid = payments.add_payment(books.soft, TEN, reference="form-1")
        assert paid.public_id is not None
        undone = payments.reverse(books.soft, paid.public_id)
    assert undone.public_id is not None

    with books.open(), pytest.raises(Refused):
        payments.reverse(books.soft, undone.public_id)


def test_each_action_is_logged_once_and_an_empty_hard_balance_is_reviewed_once(
    books: Books,
):
    for _ in range(2):
        with books.open():
            payments.add_charge(books.hard, TEN, reference="form-1")

    with books.read():
        actions = [event.action for event in identity.events(books.hard).rows]
    assert actions == ["charge.added"]
    assert queued_tasks() == ["review_balance"]
