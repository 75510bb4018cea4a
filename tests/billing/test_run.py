"""The billing run: every item and period once, in order, whatever the balance, the clock and the day do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from portal import billing, identity, ledger, numbers, pbx
from portal.billing import FeeRow, Rules
from portal.core.errors import Refused
from portal.core.money import Money
from portal.core.queue import enqueue
from portal.identity import BalanceMode, ClientDetails
from portal.numbers import DidFees
from portal.tasks import BILL_CLIENT, BILL_DUE, REVIEW_BALANCE
from tests.billing.conftest import GOLD, NUMBER, SILVER, Till
from tests.worker import queued_tasks, work

At = Callable[[str], None]


def test_a_number_pays_its_month_now_and_again_on_the_same_day_with_its_e911(
    till: Till, at: At
) -> None:
    """K1, K3 and E11: no proration, and the e911 on the number's own date."""
    at("2026-03-28T15:00")
    client = till.client()
    till.line(client, SILVER)
    till.number(client, replace(NUMBER, e911_setup=Money.of("2"), e911_monthly=Money.of("0.75")))
    assert till.balance(client) == -Money.of("5.25")  # both setups, both first months

    at("2026-04-23T15:00")
    assert not till.bill(client)
    at("2026-04-28T15:00")
    till.bill(client)

    assert till.fees(client) == [
        ("package", "04-28", "4.00", "paid"),
        ("did", "04-28", "1.50", "paid"),
        ("e911", "04-28", "0.75", "paid"),
    ]
    assert till.balance(client) == -Money.of("11.50")


def test_a_package_on_three_lines_is_charged_three_times_and_a_free_one_is_named(
    till: Till, at: At
) -> None:
    """K2, and a day on which nothing is to be paid is a row all the same (I7)."""
    at("2026-03-10T15:00")
    client = till.client()
    for _ in range(3):
        till.line(client)
    till.number(client, DidFees())

    at("2026-04-10T15:00")
    first, second = till.bill(client), till.bill(client)

    assert (first.paid, first.skipped, first.amount) == (3, 1, Money.of("30"))
    assert not second
    assert till.fees(client)[-1] == ("did", "04-10", "0.00", "free")


def test_an_anchor_of_31_is_charged_on_the_last_days_and_a_missed_run_catches_up_in_order(
    till: Till, at: At
) -> None:
    """E10, a runner that was down for 40 days, and a clock that is set back."""
    at("2026-01-31T15:00")
    client = till.client()
    till.line(client)
    at("2026-02-28T15:00")
    till.bill(client)

    at("2026-05-10T15:00")
    till.bill(client)
    at("2026-05-08T13:00")
    again = till.bill(client)

    assert [fee[1:] for fee in till.fees(client)] == [
        ("02-28", "10.00", "paid"),
        ("03-31", "10.00", "paid"),
        ("04-30", "10.00", "paid"),
    ]
    assert not again


def test_of_very_many_missed_months_the_newest_are_charged_and_staff_may_charge_the_others(
    till: Till, at: At
) -> None:
    at("2026-01-05T15:00")
    client = till.client()
    till.line(client)
    with till.writing():
        billing.save_rules(Rules(most_periods=2))

    at("2026-05-06T15:00")
    till.bill(client)

    assert [fee[3] for fee in till.fees(client)] == ["late", "late", "paid", "paid"]
    with till.writing():
        oldest = billing.client_fees(client)[-1]
        assert billing.pay_again(oldest.public_id)
    assert till.balance(client) == -Money.of("30")


def test_hard_without_enough_is_suspended_unpaid_and_tried_daily_and_at_each_payment(
    till: Till, at: At
) -> None:
    """G7: under the same reference, so that a top-up pays it once, and what is older goes first."""
    at("2026-03-10T15:00")
    client = till.client(mode=BalanceMode.HARD, money="12")
    till.line(client)
    till.line(client, SILVER)

    at("2026-04-10T15:00")
    till.bill(client)  # 10 of 12; the 4 of the other line are not there any more
    assert (till.balance(client), till.status(client)) == (Money.of("2"), "suspended")
    at("2026-04-11T15:00")
    till.bill(client)
    assert till.balance(client) == Money.of("2")

    till.pay(client, "1")
    work()
    assert (till.balance(client), till.status(client)) == (Money.of("3"), "suspended")
    till.pay(client, "1.5")
    work()
    at("2026-04-12T15:00")
    till.bill(client)

    assert [fee[3] for fee in till.fees(client)] == ["paid", "paid"]
    assert (till.balance(client), till.status(client)) == (Money.of("0.50"), "active")
    with till.reading():
        fees = ledger.history(client).page.rows
    assert sorted(line.amount for line in fees if line.amount < Money(0)) == [
        -Money.of("10"),
        -Money.of("4"),
    ]


def test_who_becomes_soft_pays_what_stood_unpaid_and_a_waived_fee_is_a_recorded_skip(
    till: Till, at: At
) -> None:
    at("2026-03-10T15:00")
    becomes_soft = till.client(mode=BalanceMode.HARD, money="1")
    let_off = till.client(mode=BalanceMode.HARD, money="1")
    at("2026-03-11T15:00")
    for client in (becomes_soft, let_off):
        till.line(client, first_day=date(2026, 3, 11))
    work()
    assert till.status(let_off) == "suspended"

    with till.writing():
        [fee] = billing.client_fees(let_off)
        assert not billing.pay_again(fee.public_id)
        billing.waive(fee.public_id, "Promised by telephone")
    with till.writing(), pytest.raises(Refused):
        billing.waive(fee.public_id, "Twice")
    with till.writing():
        details = identity.client_facts(becomes_soft).details
        identity.edit_client(
            becomes_soft,
            replace(details, balance_mode=BalanceMode.SOFT),
            seen=identity.details_mark(details),
        )
        ledger.set_floor(becomes_soft, hard=False)
        ledger.review_crossed([becomes_soft])
    work()

    assert [fee[3] for fee in till.fees(let_off)] == ["waived"]
    assert [fee[3] for fee in till.fees(becomes_soft)] == ["paid"]
    assert till.balance(becomes_soft) == -Money.of("9")
    assert (till.status(let_off), till.status(becomes_soft)) == ("active", "active")


def test_a_client_created_on_its_billing_day_is_charged_that_day_and_a_moved_one_once(
    till: Till, at: At
) -> None:
    """Changed before the run of the day: the new package's fee; after it: the old one's was taken."""
    at("2026-03-10T15:00")
    early, late = till.client(), till.client()
    lines = {client: till.line(client, first_day=date(2026, 4, 10)) for client in (early, late)}
    created = till.client()
    till.line(created, first_day=date(2026, 3, 10))
    assert BILL_CLIENT.name in queued_tasks()
    work()
    assert till.fees(created) == [("package", "03-10", "10.00", "paid")]

    at("2026-04-10T15:00")
    till.bill(late)
    for client, day in ((early, date(2026, 4, 10)), (late, None)):
        with till.writing():
            pbx.assign_package(lines[client], client, till.packages[SILVER], next_billing_day=day)
    work()
    at("2026-04-11T15:00")
    for client in (early, late):
        till.bill(client)

    assert till.fees(early) == [("package", "04-10", "4.00", "paid")]
    assert till.fees(late) == [("package", "04-10", "10.00", "paid")]


def test_a_billing_day_set_back_to_one_that_was_charged_charges_nothing_again(
    till: Till, at: At
) -> None:
    at("2026-03-10T15:00")
    client = till.client()
    line = till.line(client, first_day=date(2026, 3, 10))
    work()
    with till.writing():
        pbx.assign_package(line, client, till.packages[GOLD], next_billing_day=date(2026, 3, 10))
    work()

    assert till.fees(client) == [("package", "03-10", "10.00", "paid")]
    assert till.balance(client) == -Money.of("10")


def test_a_number_whose_fees_changed_after_a_missed_day_pays_the_old_ones_for_it(
    till: Till, at: At
) -> None:
    at("2026-03-10T15:00")
    client = till.client()
    till.line(client, SILVER, first_day=date(2026, 12, 1))
    link = till.number(client)
    before = till.balance(client)

    at("2026-04-12T15:00")  # nobody ran on the tenth
    with till.writing():
        link = numbers.change_connection(link, replace(NUMBER, monthly=Money.of("2")))
    till.bill(client)
    at("2026-05-12T15:00")
    with till.writing():
        numbers.unconnect(link)
    till.bill(client)
    at("2026-07-12T15:00")
    till.bill(client)

    assert [fee[1:3] for fee in till.fees(client)] == [("04-10", "1.50"), ("05-10", "2.00")]
    assert before - till.balance(client) == Money.of("3.50")


def test_an_add_on_is_charged_until_its_last_day_and_sent_twice_it_is_one(
    till: Till, at: At
) -> None:
    at("2026-01-31T15:00")
    client = till.client()
    for _ in range(2):
        with till.writing():
            billing.add_add_on(
                client, description="Router rental", amount=Money.of("3"), reference="r1",
                first_day=date(2026, 1, 31), until=date(2026, 3, 30),
            )  # fmt: skip
    work()
    at("2026-03-02T15:00")
    till.bill(client)
    at("2026-06-01T15:00")
    till.bill(client)

    assert till.fees(client) == [
        ("add_on", "01-31", "3.00", "paid"),
        ("add_on", "02-28", "3.00", "paid"),
    ]
    with till.reading():
        [line, _] = ledger.history(client).page.rows
    assert (line.reason, line.description) == (ledger.Reason.ADD_ON_FEE, "Router rental")


def test_the_daily_run_accepts_each_client_once_a_day_and_everybody_is_billed(
    till: Till, at: At
) -> None:
    at("2026-03-10T15:00")
    clients = [till.client() for _ in range(3)]
    for client in clients:
        till.line(client)
    at("2026-04-10T15:00")

    for _ in range(2):
        with till.writing():
            enqueue(BILL_DUE)
        work()

    assert [till.balance(client) for client in clients] == [-Money.of("10")] * 3
    with till.reading():
        assert billing.clients_to_bill(date(2026, 4, 10)) == []


def test_a_client_whose_billing_fails_holds_up_none_of_those_beside_it(till: Till, at: At) -> None:
    """All of a task or none: what is left then has a task for each, and the broken one stays."""
    at("2026-03-10T15:00")
    clients = [till.client() for _ in range(3)]
    with till.writing():
        clients.insert(1, identity.add_client(ClientDetails("No", "Wallet", "no@example.test")).id)
    for client in clients:
        till.line(client)
    at("2026-04-10T15:00")

    with till.writing():
        enqueue(BILL_DUE)
    work()

    broken = clients.pop(1)
    assert [till.balance(client) for client in clients] == [-Money.of("10")] * 3
    with till.reading():
        assert billing.clients_to_bill(date(2026, 4, 10)) == [broken]
    with till.writing():
        ledger.open_wallet(broken, mode=BalanceMode.SOFT)
    till.bill(broken)
    assert till.balance(broken) == -Money.of("10")


def test_a_fee_that_takes_a_balance_below_the_line_of_its_top_up_is_told_of(
    till: Till, at: At
) -> None:
    at("2026-03-10T15:00")
    client = till.client(money="25")
    till.line(client)
    with till.writing():
        ledger.watch(client, Money.of("20"))
    at("2026-04-10T15:00")

    till.bill(client)

    assert queued_tasks() == [REVIEW_BALANCE.name]


def test_what_falls_due_soon_and_what_is_unpaid_are_listed_with_search_and_pages(
    till: Till, at: At
) -> None:
    at("2026-03-10T15:00")
    client, other = till.client(), till.client(mode=BalanceMode.HARD)
    till.line(client)
    till.number(client)
    till.line(other, SILVER, first_day=date(2026, 3, 10))
    work()

    with till.reading():
        first = billing.coming_fees(date(2026, 4, 15), rows=1)
        rest = billing.coming_fees(date(2026, 4, 15), after=first.older, rows=5)
        found = billing.coming_fees(date(2026, 4, 15), search="gold")
        own = billing.client_coming(client, date(2026, 5, 15))
        unpaid: list[FeeRow] = list(billing.unpaid_fees().rows)

    every = [fee.amount for fee in (*first.rows, *rest.rows)]
    assert (sorted(every[:2]), every[2:]) == ([Money.of("4"), Money.of("10")], [Money.of("1.50")])
    assert [fee.description for fee in found.rows] == [GOLD]
    assert [str(fee.day) for fee in own] == ["2026-04-10"] * 2 + ["2026-05-10"] * 2
    assert [(fee.client_id, fee.amount) for fee in unpaid] == [(other, Money.of("4"))]
