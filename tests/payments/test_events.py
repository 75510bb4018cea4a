"""Refunds, disputes and reversals in any order, each up to five times: the books are those of the calm order."""

from __future__ import annotations

import random
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from flask import Flask

from portal import ledger, payments
from portal.core.db import transaction
from portal.core.money import Money
from portal.core.scope import Scope, bind
from portal.core.tax_parts import TaxPart
from portal.payments import Capture, Heard, HeardKind
from portal.payments.models import PaymentFact
from portal.payments.settling import gone
from tests.calls.conftest import books_are_right
from tests.ledger.conftest import make_books

BEGAN = datetime(2026, 3, 2, 12, tzinfo=UTC)
SEQUENCES, AT_ONCE = 160, 40
PURE_SEQUENCES = 4000
K = HeardKind


def story(rng: random.Random, capture_ref: str, total: int) -> list[Heard]:
    """What happened at the gateway, in its order; amounts are whole units."""
    told: list[Heard] = []
    left = total

    def tell(kind: HeardKind, ref: str, amount: int) -> None:
        at = BEGAN + timedelta(hours=len(told) + 1)
        told.append(
            Heard(
                event_id=f"{ref}:{kind}", kind=kind, capture_ref=capture_ref, ref=ref,
                amount=Money.of(str(amount)), currency="USD", at=at,
            )
        )  # fmt: skip

    for number in range(rng.randint(0, 2)):
        part = left if rng.random() < 0.3 else rng.randint(0, left)
        if part:
            tell(K.REFUNDED, f"{capture_ref}-R{number}", part)
            left -= part
            if rng.random() < 0.3:
                tell(K.REFUND_FAILED, f"{capture_ref}-R{number}", part)
                left += part
    if left and rng.random() < 0.6:
        ref = f"{capture_ref}-D"
        part = rng.randint(1, left)
        tell(K.DISPUTE_OPENED, ref, part)
        if rng.random() < 0.4:
            tell(K.REVERSED, f"{capture_ref}-V", part)  # the same money, told twice
        if (end := rng.choice((K.DISPUTE_WON, K.DISPUTE_LOST, None))) is not None:
            tell(end, ref, part)
    elif left and rng.random() < 0.2:
        tell(K.REVERSED, f"{capture_ref}-V", left)
    return told


def calm_balance(told: list[Heard], total: int) -> Money:
    """The same told once and in order, reckoned step by step as a bookkeeper would."""
    balance, disputed = Money.of(str(total)), False
    for heard in told:
        if heard.kind in (K.REFUNDED, K.DISPUTE_OPENED):
            balance -= heard.amount
            disputed = disputed or heard.kind is K.DISPUTE_OPENED
        elif heard.kind in (K.DISPUTE_WON, K.REFUND_FAILED):
            balance += heard.amount
        elif heard.kind is K.REVERSED and not disputed:
            balance -= heard.amount
    return balance


def test_payments_told_in_any_order_end_like_the_calm_ones(app: Flask) -> None:
    rng = random.Random(5)
    with app.app_context():
        books = make_books()
        expected = Money(0)
        with bind(Scope(books.reseller_id)), transaction():
            payments.save_gateway(payments.PRACTICE, on=True, live=False, public={}, secrets={})
        for _ in range(SEQUENCES // AT_ONCE):
            with bind(Scope(books.reseller_id)), transaction():
                for _ in range(AT_ONCE):
                    expected += one_payment(rng, books.soft)
        with books.read():
            assert ledger.balance_of(books.soft) == expected
        assert books_are_right()


def test_what_went_back_follows_from_the_set_of_what_was_told() -> None:
    """The same over thousands of sequences, on the rule itself: in any order, up to five times."""
    rng = random.Random(17)
    for number in range(PURE_SEQUENCES):
        total = rng.choice((10, 25, 50, 100))
        told = story(rng, f"c{number}", total)
        disorder = [one for one in told for _ in range(rng.randint(1, 5))]
        rng.shuffle(disorder)
        kept = {
            (one.kind, one.ref): one for one in disorder
        }  # as the table's unique key keeps them
        facts = [
            PaymentFact(kind=one.kind.value, ref=one.ref, amount=one.amount, at=one.at)
            for one in kept.values()
        ]
        whole = Money.of(str(total))
        assert whole - min(gone(facts, whole), whole) == calm_balance(told, total)


def one_payment(rng: random.Random, client_id: int) -> Money:
    """Begin one, tell everything about it in disorder and repeatedly; what should be left of it."""
    total = rng.choice((10, 25, 50, 100))
    tax = rng.choice((0, total))  # told with its tax, kept without
    begun = payments.begin(
        client_id,
        Money.of(str(total)),
        payments.PRACTICE,
        automatic=True,
        taxes=[TaxPart("VAT", 1_000_000, "", Money.of(str(tax)))] if tax else [],
    )
    ref = uuid.uuid4().hex
    told = story(rng, ref, total)
    capture = Capture(
        gateway_ref=ref, capture_ref=ref, amount=begun.total, currency="USD", payee="practice",
        live=False, intent=begun.public_id,
    )  # fmt: skip
    factor = 2 if tax else 1
    heard: list[Heard | None] = [None, *told]
    disorder = [one for one in heard for _ in range(rng.choice((1, 1, 1, 2, 5)))]
    rng.shuffle(disorder)
    for one in disorder:
        if one is None:
            payments.settle(begun.id, capture)
        else:
            payments.note_event(payments.PRACTICE, _with_tax(one, factor))
    found = payments.intent(begun.public_id)
    left = calm_balance(told, total)
    assert found.left == left, [(each and each.kind) for each in disorder]
    return left


def _with_tax(heard: Heard, factor: int) -> Heard:
    return replace(heard, amount=Money(heard.amount.micros * factor))
