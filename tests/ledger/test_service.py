"""What the books promise to whoever charges, pays, holds and reverses."""

from __future__ import annotations

import uuid

import pytest

from portal import ledger
from portal.core.db import transaction
from portal.core.errors import InsufficientBalance, NotFound, Refused
from portal.core.money import Money
from portal.core.scope import Scope, bind
from portal.ledger import Charge, HoldState, Reason
from tests.ledger.conftest import Books

SMS = {"source_type": "message", "source_id": "m1", "kind": "sms"}
CALL = {"reason": Reason.CALL, "source_type": "call", "source_id": "c1", "kind": "price"}


def test_a_charge_is_taken_once_per_source(books: Books):
    books.pay(books.hard, "5")

    with books.open():
        first = ledger.charge(books.hard, Money.of("0.0138"), **CALL)
    with books.open():
        again = ledger.charge(books.hard, Money.of("0.0138"), **CALL)

    assert (first.new, again.new) == (True, False)
    assert again.public_id == first.public_id
    with books.read():
        assert ledger.balance_of(books.hard) == Money.of("4.9862")


def test_a_free_call_writes_no_transfer_and_says_so(books: Books):
    with books.open():
        posted = ledger.charge(books.hard, Money(0), **CALL)

    assert posted == ledger.Posted(None, Money(0), new=False)
    with books.open():
        assert ledger.charge(books.hard, Money(1), **CALL).new, "the source is still free"


def test_usage_is_charged_below_the_floor_of_a_hard_client(books: Books):
    with books.open():
        ledger.charge(books.hard, Money.of("2"), **CALL)

    with books.read():
        assert ledger.balance_of(books.hard) == Money.of("-2")
        assert ledger.standing(books.hard).owed == Money.of("2")


def test_a_hard_client_starts_nothing_that_the_balance_does_not_cover(books: Books):
    books.pay(books.hard, "0.01")

    with books.open(), pytest.raises(InsufficientBalance):
        ledger.hold(books.hard, Money.of("0.04"), **SMS)

    with books.read():
        assert ledger.available(books.hard) == Money.of("0.01")


def test_a_refused_hold_may_be_asked_for_again_after_a_payment(books: Books):
    with books.open(), pytest.raises(InsufficientBalance):
        ledger.hold(books.hard, Money.of("0.04"), **SMS)
    books.pay(books.hard, "0.04")

    with books.open():
        held = ledger.hold(books.hard, Money.of("0.04"), **SMS)

    assert held.new
    with books.read():
        assert ledger.available(books.hard) == Money(0)
        assert ledger.balance_of(books.hard) == Money.of("0.04")


def test_a_soft_client_starts_things_below_zero(books: Books):
    with books.open(books.soft):
        ledger.hold(books.soft, Money.of("0.04"), **SMS)

    with books.read():
        assert ledger.available(books.soft) == Money.of("-0.04")


def test_a_floor_follows_the_clients_mode(books: Books):
    with books.open():
        ledger.set_floor(books.soft, True)

    with books.open(), pytest.raises(InsufficientBalance):
        ledger.hold(books.soft, Money(1), **SMS)


def test_a_hold_of_nothing_is_granted_to_anybody(books: Books):
    with books.open():
        ledger.charge(books.hard, Money.of("2"), **CALL)

    with books.open():
        assert ledger.hold(books.hard, Money(0), **SMS).new


def test_the_same_source_is_the_same_hold(books: Books):
    books.pay(books.hard, "1")

    with books.open():
        ledger.hold(books.hard, Money.of("0.04"), **SMS)
        again = ledger.hold(books.hard, Money.of("0.04"), **SMS)

    assert again == ledger.Held(Money.of("0.04"), HoldState.HELD, new=False)
    with books.read():
        assert ledger.available(books.hard) == Money.of("0.96")


def test_a_hold_is_posted_once_at_the_true_price(books: Books):
    books.pay(books.hard, "1")
    with books.open():
        ledger.hold(books.hard, Money.of("0.50"), **SMS)

    with books.open():
        first = ledger.post_hold(**SMS, reason=Reason.SMS, amount=Money.of("0.04"))
    with books.open():
        again = ledger.post_hold(**SMS, reason=Reason.SMS)

    assert (first.new, again.new) == (True, False)
    assert again.amount == Money.of("0.04")
    with books.read():
        standing = ledger.standing(books.hard)
    assert (standing.balance, standing.held) == (Money.of("0.96"), Money(0))


def test_a_hold_that_was_posted_for_nothing_stays_free(books: Books):
    books.pay(books.hard, "1")
    with books.open():
        ledger.hold(books.hard, Money.of("0.50"), **SMS)
        ledger.post_hold(**SMS, reason=Reason.SMS, amount=Money(0))

    with books.open():
        again = ledger.post_hold(**SMS, reason=Reason.SMS)

    assert again.public_id is None
    with books.read():
        assert ledger.available(books.hard) == Money.of("1")


def test_a_hold_is_given_back_once(books: Books):
    books.pay(books.hard, "1")
    with books.open():
        ledger.hold(books.hard, Money.of("0.50"), **SMS)

    with books.open():
        outcomes = [ledger.void_hold(**SMS), ledger.void_hold(**SMS)]

    assert outcomes == [True, False]
    with books.read():
        assert ledger.available(books.hard) == Money.of("1")


def test_a_hold_given_back_is_not_posted_and_a_posted_one_not_given_back(books: Books):
    books.pay(books.hard, "1")
    with books.open():
        ledger.hold(books.hard, Money(5), **SMS)
        ledger.void_hold(**SMS)
        ledger.hold(books.hard, Money(5), **SMS | {"source_id": "m2"})
        ledger.post_hold(**SMS | {"source_id": "m2"}, reason=Reason.SMS)

    with books.open(), pytest.raises(Refused):
        ledger.post_hold(**SMS, reason=Reason.SMS)
    with books.open():
        assert not ledger.void_hold(**SMS | {"source_id": "m2"})

    with books.read():
        standing = ledger.standing(books.hard)
    assert (standing.balance, standing.held) == (Money.of("0.999995"), Money(0))


def test_an_outcome_without_a_hold_is_not_found(books: Books):
    with books.open(), pytest.raises(NotFound):
        ledger.void_hold(**SMS)


def test_a_payment_counts_once(books: Books):
    first, again = books.pay(books.soft, "10"), books.pay(books.soft, "10")

    assert (first.new, again.new) == (True, False)
    with books.read():
        assert ledger.balance_of(books.soft) == Money.of("10")


def test_a_reversal_undoes_a_payment_once(books: Books):
    paid = books.pay(books.soft, "10")
    assert paid.public_id is not None

    with books.open():
        first = ledger.reverse(paid.public_id)
    with books.open():
        again = ledger.reverse(paid.public_id)

    assert (first.new, again.new) == (True, False)
    with books.read():
        assert ledger.balance_of(books.soft) == Money(0)


def test_a_reversal_a_correction_and_usage_are_not_reversed(books: Books):
    paid = books.pay(books.soft, "10")
    assert paid.public_id is not None
    with books.open():
        usage = ledger.charge(books.soft, Money(7), **CALL)
        reversal = ledger.reverse(paid.public_id)
        correction = ledger.correct(
            books.soft, Money(1), of=Reason.CALL, source_type="call", source_id="c1", kind="fix-1"
        )

    for posted in (usage, reversal, correction):
        assert posted.public_id is not None
        with books.open(), pytest.raises(Refused):
            ledger.reverse(posted.public_id)


def test_a_corrected_duration_is_an_adjustment_not_a_second_charge(books: Books):
    with books.open():
        ledger.charge(books.soft, Money.of("0.0138"), **CALL)

    fix = {"of": Reason.CALL, "source_type": "call", "source_id": "c1", "kind": "correction-66"}
    for _ in range(2):
        with books.open():
            ledger.correct(books.soft, Money.of("0.00138"), **fix)

    with books.read():
        assert ledger.balance_of(books.soft) == Money.of("-0.01518")


def test_a_correction_may_give_money_back(books: Books):
    with books.open():
        ledger.charge(books.soft, Money.of("0.0138"), **CALL)
        ledger.correct(
            books.soft,
            Money.of("-0.0138"),
            of=Reason.CALL,
            source_type="call",
            source_id="c1",
            kind="correction-0",
        )

    with books.read():
        assert ledger.balance_of(books.soft) == Money(0)


def test_another_resellers_transaction_does_not_exist(books: Books):
    paid = books.pay(books.soft, "10")
    assert paid.public_id is not None

    for public_id in (paid.public_id, uuid.uuid4()):
        with bind(Scope(books.other_reseller_id)), pytest.raises(NotFound):
            ledger.reverse(public_id)
    with bind(Scope(books.other_reseller_id)), pytest.raises(NotFound):
        ledger.balance_of(books.soft)
    with books.read(books.hard), pytest.raises(NotFound):
        ledger.balance_of(books.soft)


def test_both_resellers_may_use_the_same_source(books: Books):
    with books.open():
        ours = ledger.charge(books.soft, Money(5), **CALL)
    with bind(Scope(books.other_reseller_id)), transaction():
        theirs = ledger.charge(books.other, Money(6), **CALL)

    assert ours.new
    assert theirs.new


def test_many_charges_move_only_what_is_new(books: Books):
    entries = [
        Charge(client, Money(10), Reason.CALL, "call", f"c{number}", "price", seconds=6)
        for number in range(1_200)
        for client in [books.hard if number % 2 else books.soft]
    ]
    with books.open():
        ledger.charge_many(entries[:300])

    with books.open():
        posted = ledger.charge_many([*entries, entries[-1]])

    assert [one.new for one in posted] == [False] * 300 + [True] * 900 + [False]
    assert len({one.public_id for one in posted}) == 1_200
    with books.read():
        assert ledger.balance_of(books.hard) == Money(-6_000)
        assert ledger.balance_of(books.soft) == Money(-6_000)


def test_ten_thousand_tiny_charges_do_not_vanish(books: Books):
    tiny = [
        Charge(books.soft, Money.of("0.00004"), Reason.SMS, "message", str(number), "fee")
        for number in range(10_000)
    ]

    with books.open():
        ledger.charge_many(tiny)

    with books.read():
        assert ledger.balance_of(books.soft) == Money.of("-0.40")


def test_a_large_charge_keeps_every_decimal(books: Books):
    with books.open():
        ledger.charge(books.soft, Money.of("1234.5678"), **CALL | {"reason": Reason.CHARGE})

    with books.read():
        assert str(ledger.balance_of(books.soft)) == "-1234.567800"


def test_what_is_rolled_back_leaves_no_trace(books: Books):
    def act_and_fail() -> None:
        with books.open():
            ledger.charge(books.soft, Money(7), **CALL)
            ledger.hold(books.soft, Money(7), **SMS)
            raise RuntimeError("the caller's own trouble")

    with pytest.raises(RuntimeError):
        act_and_fail()

    with books.read():
        standing = ledger.standing(books.soft)
    assert (standing.balance, standing.held) == (Money(0), Money(0))
    with books.open():
        assert ledger.charge(books.soft, Money(7), **CALL).new
