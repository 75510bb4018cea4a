"""What a balance leads to: one warning, one suspension, one return for each crossing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import pytest
from flask import Flask

from portal import billing, calls, entitlements, identity, ledger, payments
from portal.core import clock
from portal.core.db import db, session, transaction
from portal.core.money import Money
from portal.core.scope import Scope, bind, unscoped
from portal.identity import BalanceMode, ClientDetails, ClientStatus, SuspendedFor
from tests.calls.conftest import OUT, books_are_right, open_shop
from tests.services import MailServer
from tests.worker import work


@dataclass
class Account:
    """A client with money, as a test moves it."""

    reseller_id: int
    client_id: int
    smtp: MailServer
    moves: int = 0
    subjects: list[str] = field(default_factory=list)

    def move(self, amount: str) -> None:
        """Pay, or charge when below zero; then everything that follows from it has happened."""
        self.moves += 1
        money, reference = Money.of(amount), f"move-{self.moves}"
        action = payments.add_payment if money > Money(0) else payments.add_charge
        amount_above = money if money > Money(0) else -money
        with bind(Scope(self.reseller_id)), transaction():
            action(self.client_id, amount_above, reference=reference)
        work()

    def review(self) -> list[billing.Reviewed]:
        with bind(Scope(self.reseller_id)), transaction():
            return billing.review(self.client_id)

    @property
    def status(self) -> ClientStatus:
        with bind(Scope(self.reseller_id)):
            found = identity.client_facts(self.client_id).status
            session().rollback()
        return found

    @property
    def balance(self) -> Money:
        with bind(Scope(self.reseller_id)):
            found = ledger.balance_of(self.client_id)
            session().rollback()
        return found

    def mails(self) -> list[str]:
        """Subjects of the mails that really arrived, in order; receipts are not what is asked here."""
        subjects = [str(mail.message["subject"]) for mail in self.smtp.received]
        return [one for one in subjects if not one.startswith("We received your payment")]


@pytest.fixture
def open_account(
    make_app: Callable[..., Flask], each_database: str, smtp: MailServer
) -> Iterator[Callable[..., Account]]:
    """``open_account(mode, threshold=…)`` in an application with a real mail server."""
    app = make_app(each_database, PORTAL_SMTP_URL=smtp.url, PORTAL_MAIL_FROM="portal@mail.example")
    with app.app_context():

        def build(mode: BalanceMode = BalanceMode.SOFT, *, threshold: str | None = None) -> Account:
            with unscoped("a test"), transaction():
                reseller = identity.add_reseller(name="Northwind", uid="100482")
            with bind(Scope(reseller.id)), transaction():
                client = identity.add_client(
                    ClientDetails(
                        first_name="Priya", last_name="Raman", email="priya@example.test",
                        balance_mode=mode,
                        low_balance_threshold=Money.of(threshold) if threshold else None,
                    )
                )  # fmt: skip
                ledger.open_wallet(client.id, mode=mode)
            return Account(reseller.id, client.id, smtp)

        yield build
        db.session.remove()


def test_a_low_balance_is_mailed_once_for_each_crossing(
    open_account: Callable[..., Account],
) -> None:
    account = open_account(threshold="25")
    account.move("30")
    account.move("-4")
    above = account.mails()

    account.move("-2")
    account.move("-3")
    account.move("-1")
    first = account.mails()
    account.move("10")
    account.move("-20")
    second = account.mails()

    assert above == []
    assert len(first) == 1
    assert len(second) == 2
    assert account.status is ClientStatus.ACTIVE
    assert books_are_right()


def test_who_paid_and_fell_again_before_anybody_looked_is_warned_again_and_once(
    open_account: Callable[..., Account],
) -> None:
    account = open_account(threshold="25")
    account.move("30")
    account.move("-10")
    first = account.mails()

    with bind(Scope(account.reseller_id)), transaction():
        payments.add_payment(account.client_id, Money.of("40"), reference="up")
        rose_at = clock.now()
    with bind(Scope(account.reseller_id)), transaction():
        payments.add_charge(account.client_id, Money.of("45"), reference="down")
    work()
    with bind(Scope(account.reseller_id)), transaction():
        billing.review(account.client_id, rose_at=rose_at)  # the same job once more
    work()

    assert len(first) == 1
    assert len(account.mails()) == 2


def test_exactly_the_threshold_is_not_below_it(open_account: Callable[..., Account]) -> None:
    account = open_account(threshold="25")

    account.move("25")
    account.review()
    at = account.mails()
    account.move("-0.000001")

    assert at == []
    assert len(account.mails()) == 1


@pytest.mark.parametrize(
    ("balance", "status"),
    [
        ("0.0000", ClientStatus.SUSPENDED),
        ("0.0001", ClientStatus.ACTIVE),
        ("-0.0001", ClientStatus.SUSPENDED),
    ],
)
def test_g4_hard_is_suspended_at_zero_and_below(
    open_account: Callable[..., Account], balance: str, status: ClientStatus
) -> None:
    account = open_account(BalanceMode.HARD)
    account.move("5")

    account.move(str((Money.of(balance) - Money.of("5")).decimal))

    assert account.balance == Money.of(balance)
    assert account.status is status
    assert len(account.mails()) == (status is ClientStatus.SUSPENDED)


def test_no_mail_speaks_of_money_where_everything_about_money_is_hidden(
    open_account: Callable[..., Account],
) -> None:
    account = open_account(BalanceMode.HARD, threshold="25")
    with bind(Scope(account.reseller_id)), transaction():
        entitlements.save_default_configuration("standard", ["sms_mms"], hide_money=True)
    account.move("30")

    account.move("-31")
    account.move("40")

    assert len(account.mails()) == 2  # suspended and resumed; no warning of a low balance
    for mail in account.smtp.received:
        assert "$" not in mail.message.as_string()
        assert "balance" not in mail.message.as_string().lower()


def test_g5_soft_is_never_suspended_and_owes(open_account: Callable[..., Account]) -> None:
    account = open_account(BalanceMode.SOFT)

    account.move("-250")

    assert account.status is ClientStatus.ACTIVE
    assert account.balance == -Money.of("250")
    assert account.mails() == []
    with bind(Scope(account.reseller_id)):
        [low] = ledger.low_balances()
        session().rollback()
    assert low.balance == -Money.of("250")


def test_g6_a_payment_resumes_once_with_one_mail(open_account: Callable[..., Account]) -> None:
    account = open_account(BalanceMode.HARD)
    account.move("1")
    account.move("-3")
    suspended = account.status, len(account.mails())

    account.move("1")
    still = account.status, len(account.mails())
    account.move("5")
    account.move("5")
    again = account.review()

    assert suspended == (ClientStatus.SUSPENDED, 1)
    assert still == (ClientStatus.SUSPENDED, 1)
    assert account.status is ClientStatus.ACTIVE
    assert again == []
    assert len(account.mails()) == 2
    assert books_are_right()


def test_money_does_not_lift_what_staff_suspended(open_account: Callable[..., Account]) -> None:
    account = open_account(BalanceMode.HARD)
    account.move("1")
    account.move("-3")
    with bind(Scope(account.reseller_id)), transaction():
        identity.suspend_client(account.client_id, reason=SuspendedFor.STAFF)

    account.move("100")

    assert account.status is ClientStatus.SUSPENDED
    assert len(account.mails()) == 1


def test_a_client_who_becomes_soft_is_resumed(open_account: Callable[..., Account]) -> None:
    account = open_account(BalanceMode.HARD)
    account.move("1")
    account.move("-3")
    with bind(Scope(account.reseller_id)), transaction():
        facts = identity.client_facts(account.client_id)
        identity.edit_client(
            account.client_id, replace(facts.details, balance_mode=BalanceMode.SOFT)
        )
        ledger.set_floor(account.client_id, hard=False)

    account.review()

    assert account.status is ClientStatus.ACTIVE


def test_what_comes_late_warns_nobody_whose_account_is_closed(
    open_account: Callable[..., Account],
) -> None:
    account = open_account(threshold="25")
    account.move("30")
    with bind(Scope(account.reseller_id)), transaction():
        identity.close_client(account.client_id, typed_name="Priya Raman", still_connected=())

    account.move("-10")

    assert account.mails() == []
    assert account.balance == Money.of("20")


def test_g3_thirty_calls_at_once_suspend_within_the_same_import(
    make_app: Callable[..., Flask], each_database: str, smtp: MailServer
) -> None:
    app = make_app(each_database, PORTAL_SMTP_URL=smtp.url, PORTAL_MAIL_FROM="portal@mail.example")
    with app.app_context():
        shop = open_shop()
        with shop.writing():
            facts = identity.client_facts(shop.client_id)
            hard = replace(facts.details, balance_mode=BalanceMode.HARD)
            identity.edit_client(shop.client_id, hard)
            ledger.set_floor(shop.client_id, hard=True)
            payments.add_payment(shop.client_id, Money.of("1"), reference="first")
        account = Account(shop.reseller_id, shop.client_id, smtp)
        dear = [
            replace(OUT, uniqueid=str(number), rate_e8=83_083_333, total_e8=83_083_333)
            for number in range(30)
        ]

        with shop.writing():
            calls.record(dear)
        work()

        # The carrier carried them: all are charged. This is the worst case, and it is visible.
        assert account.balance == Money.of("1") - Money.of("30")
        assert account.status is ClientStatus.SUSPENDED
        assert len(account.mails()) == 1
        assert books_are_right()
        db.session.remove()
