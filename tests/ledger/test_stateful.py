"""Generated sequences of everything the books offer, against a model of a few dictionaries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import hypothesis.strategies as st
import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from portal import ledger
from portal.core.errors import InsufficientBalance, NotFound, Refused
from portal.core.money import Money
from portal.ledger import Charge, HistoryFilter, HoldState, Reason, check
from tests.ledger.conftest import Books, make_books

AMOUNTS = st.integers(0, 60)
NAMES = st.sampled_from([f"n{number}" for number in range(6)])
WHO = st.sampled_from(["hard", "soft"])


class LedgerMachine(RuleBasedStateMachine):
    """Each rule does one thing to the books and to the model; afterwards both say the same."""

    make: Callable[[], Books]

    def __init__(self) -> None:
        super().__init__()
        self.books = type(self).make()
        self.balance = {"hard": 0, "soft": 0}
        self.holds: dict[str, tuple[str, int, HoldState]] = {}
        self.posted: dict[tuple[str, str], int] = {}
        self.paid: list[tuple[str, Any, int]] = []
        self.reversed: set[Any] = set()

    def held(self, who: str) -> int:
        return sum(a for w, a, state in self.holds.values() if w == who and state == HoldState.HELD)

    def client(self, who: str) -> int:
        return self.books.hard if who == "hard" else self.books.soft

    @rule(who=WHO, amount=st.integers(1, 100), name=NAMES)
    def pay(self, who: str, amount: int, name: str) -> None:
        with self.books.open():
            posted = ledger.credit(
                self.client(who), Money(amount), source_type="m", source_id=name, kind=f"pay-{who}"
            )
        assert posted.new == ((f"pay-{who}", name) not in self.posted)
        if posted.new:
            self.posted[f"pay-{who}", name] = amount
            self.balance[who] += amount
            self.paid.append((who, posted.public_id, amount))

    @rule(who=WHO, amounts=st.lists(AMOUNTS, min_size=1, max_size=3), name=NAMES)
    def charge(self, who: str, amounts: list[int], name: str) -> None:
        entries = [
            Charge(self.client(who), Money(amount), Reason.CALL, "c", name, f"{who}-{number}")
            for number, amount in enumerate(amounts)
        ]
        with self.books.open():
            answers = ledger.charge_many(entries)
        for entry, answer in zip(entries, answers, strict=True):
            key = (entry.kind, name)
            assert answer.new == (bool(entry.amount) and key not in self.posted)
            if answer.new:
                self.posted[key] = entry.amount.micros
                self.balance[who] -= entry.amount.micros

    @rule(who=WHO, amount=AMOUNTS, name=NAMES)
    def hold(self, who: str, amount: int, name: str) -> None:
        enough = who == "soft" or not amount or self.balance[who] - self.held(who) >= amount
        with self.books.open():
            try:
                held = ledger.hold(
                    self.client(who), Money(amount), source_type="m", source_id=name, kind="sms"
                )
            except InsufficientBalance:
                assert name not in self.holds
                assert not enough
                return
        if name in self.holds:
            assert not held.new
            assert (held.amount.micros, held.state) == self.holds[name][1:]
        else:
            assert held.new
            assert enough
            self.holds[name] = (who, amount, HoldState.HELD)

    @rule(name=NAMES, amount=st.none() | AMOUNTS)
    def post(self, name: str, amount: int | None) -> None:
        who, held, state = self.holds.get(name, ("", 0, HoldState.VOIDED))
        chosen = None if amount is None else Money(amount)
        with self.books.open():
            try:
                posted = ledger.post_hold(
                    source_type="m", source_id=name, kind="sms", reason=Reason.SMS, amount=chosen
                )
            except NotFound:
                assert name not in self.holds
                return
            except Refused:
                assert state == HoldState.VOIDED
                return
        price = held if amount is None else amount
        assert posted.new == (state == HoldState.HELD and price > 0)
        if state == HoldState.HELD:
            self.holds[name] = (who, held, HoldState.POSTED)
            self.balance[who] -= price

    @rule(name=NAMES)
    def void(self, name: str) -> None:
        who, held, state = self.holds.get(name, ("", 0, HoldState.VOIDED))
        with self.books.open():
            try:
                voided = ledger.void_hold(source_type="m", source_id=name, kind="sms")
            except NotFound:
                assert name not in self.holds
                return
        assert voided == (state == HoldState.HELD)
        if voided:
            self.holds[name] = (who, held, HoldState.VOIDED)

    @rule(data=st.data())
    def reverse(self, data: st.DataObject) -> None:
        if not self.paid:
            return
        who, public_id, amount = data.draw(st.sampled_from(self.paid))
        with self.books.open():
            posted = ledger.reverse(public_id)
        assert posted.new == (public_id not in self.reversed)
        if posted.new:
            self.reversed.add(public_id)
            self.balance[who] -= amount

    @rule(who=WHO, more=st.integers(-50, 50), name=NAMES)
    def correct(self, who: str, more: int, name: str) -> None:
        with self.books.open():
            posted = ledger.correct(
                self.client(who),
                Money(more),
                of=Reason.CALL,
                source_type="c",
                source_id=name,
                kind=f"fix-{who}",
            )
        key = (f"fix-{who}", name)
        assert posted.new == (more != 0 and key not in self.posted)
        if posted.new:
            self.posted[key] = more
            self.balance[who] -= more

    @rule(who=WHO, amount=AMOUNTS)
    def fail_in_the_middle(self, who: str, amount: int) -> None:
        def act() -> None:
            with self.books.open():
                ledger.charge(
                    self.client(who),
                    Money(amount),
                    reason=Reason.FAX,
                    source_type="f",
                    source_id="never",
                    kind="price",
                )
                raise RuntimeError("the caller's own trouble")

        with pytest.raises(RuntimeError):
            act()

    @invariant()
    def the_books_say_what_the_model_says(self) -> None:
        with self.books.read():
            for who, balance in self.balance.items():
                standing = ledger.standing(self.client(who))
                assert (standing.balance.micros, standing.held.micros) == (balance, self.held(who))

    def teardown(self) -> None:
        for who, balance in self.balance.items():
            for chosen in (HistoryFilter(), HistoryFilter(fold_reversed=True)):
                with self.books.read():
                    answer = ledger.history(self.client(who), chosen, page_size=500)
                assert sum(line.amount.micros for line in answer.page.rows) == balance
                assert answer.totals.closing.micros == balance
        assert list(check.findings()) == []


@pytest.mark.parametrize(
    ("each_database", "examples"),
    [("sqlite", 20), ("postgresql", 6)],
    indirect=["each_database"],
)
def test_the_books_do_what_a_model_does(app_on_each: Flask, examples: int):
    made = 0

    def make() -> Books:
        nonlocal made
        made += 1
        return make_books(first_uid=100_000 + 2 * made)

    machine = type("Machine", (LedgerMachine,), {"make": staticmethod(make)})

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=40,
            deadline=None,
            phases=[Phase.generate],
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
