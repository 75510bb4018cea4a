"""A client buys a fax number at a carrier that sells it, refuses, loses its answer, or goes away."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from portal import ledger, numbers, payments, pricing
from portal.core.db import finish_reading, transaction
from portal.core.errors import DomainError
from portal.core.money import Money
from portal.core.scope import Scope, bind
from portal.numbers import FaxOrderWish
from tests.calls.conftest import books_are_right
from tests.numbers.test_orders import Desk, process, sandbox  # noqa: F401
from tests.run_task import run_and_die
from tests.worker import bring_forward, work

PRICE = Money.of("4.25")


@pytest.fixture
def desk(app: Flask, sandbox: object) -> Desk:  # noqa: F811
    """As for other orders, with 10.00 on the client's account and fees for fax numbers."""
    made = Desk(sandbox)  # type: ignore[arg-type]
    with bind(Scope(made.reseller_id)), transaction():
        fees = pricing.default_fees()
        pricing.save_default_fees(
            replace(fees, fax_setup=Money.of("0.75"), fax_monthly=Money.of("3.50"))
        )
        payments.add_payment(made.client_id, Money.of("10"), reference="p1", description="e")
    return made


def buy(desk: Desk, *, reference: str = "f1", total: Money = PRICE) -> uuid.UUID:
    place = next(
        row["location"]
        for row in desk.sandbox.call("getFaxRateCentersCAN", province="ON")["ratecenters"]
        if row["area_code"] == "613"
    )
    wish = FaxOrderWish(place, "OTTAWA-HULL, ON", desk.account.id, total, "Front desk")
    with bind(Scope(desk.reseller_id)), transaction():
        return numbers.order_fax_number(wish, client_id=desk.client_id, reference=reference)


def money(desk: Desk) -> tuple[Money, Money]:
    """The balance, and what of it is free."""
    with bind(Scope(desk.reseller_id)):
        found = ledger.balance_of(desk.client_id), ledger.available(desk.client_id)
        finish_reading()
        return found


def held(desk: Desk) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = desk.sandbox.call("getFaxNumbersInfo").get("numbers", [])
    return [row for row in rows if "OTTAWA-HULL" in row["description"]]


def is_bought_once(desk: Desk) -> bool:
    [at_carrier] = held(desk)
    with bind(Scope(desk.reseller_id)):
        [row] = numbers.dids_of(desk.client_id)
        finish_reading()
    assert (row.kind, row.label, row.number) == (
        "fax", "Front desk", "+1" + at_carrier["did"].replace(".", ""),
    )  # fmt: skip
    assert money(desk) == (Money.of("5.75"), Money.of("5.75"))
    return books_are_right()


def nothing_was_bought(desk: Desk) -> bool:
    assert held(desk) == []
    assert desk.connected() == []
    assert money(desk) == (Money.of("10"), Money.of("10"))
    return books_are_right()


def test_a_fax_number_is_paid_once_and_brings_its_faxes_to_us(
    desk: Desk, run_jobs: Callable[..., None]
) -> None:
    order, again = buy(desk), buy(desk)
    between = money(desk)
    run_jobs()

    assert order == again, "a form sent twice is one order"
    assert between == (Money.of("10"), Money.of("5.75")), "set aside, not taken"
    assert desk.find(order).state == "done"
    assert is_bought_once(desk)
    [row] = held(desk)
    assert (row["url_enabled"], row["retry"]) == ("1", "1")
    assert row["url"].endswith("/fax")


@pytest.mark.parametrize("failpoint", ["order.taken", "order.buy_fax.made", "order.buy_fax"])
def test_a_worker_killed_at_a_step_buys_no_second_number(
    desk: Desk, environment: dict[str, str], database_url: str, failpoint: str
) -> None:
    order = buy(desk)
    settings = environment | {"DATABASE_URL": database_url}

    killed = run_and_die(desk.task(), failpoint=failpoint, environment=settings)
    bring_forward()
    work(later=True)

    assert killed == -9
    assert desk.find(order).state == "done"
    assert is_bought_once(desk)


def test_a_lost_answer_buys_no_second_number(desk: Desk, run_jobs: Callable[..., None]) -> None:
    desk.fault("truncated", "orderFaxNumber", calls=1)
    order = buy(desk)
    run_jobs()
    waiting = desk.find(order)
    run_jobs(later=True)

    assert (waiting.state, waiting.place) == ("working", "OTTAWA-HULL, ON")
    assert is_bought_once(desk)


def test_a_refusal_gives_the_money_back(desk: Desk, run_jobs: Callable[..., None]) -> None:
    desk.fault("status", "orderFaxNumber", status="unsifficient_stock", calls=1)
    order = buy(desk)
    run_jobs()

    assert (desk.find(order).state, desk.find(order).problem_code) == (
        "undone", "unsifficient_stock",
    )  # fmt: skip
    assert nothing_was_bought(desk)


def test_an_order_that_waits_is_stopped_and_the_bought_number_is_given_back(
    desk: Desk, run_jobs: Callable[..., None]
) -> None:
    desk.fault("truncated", "orderFaxNumber", calls=1)
    order = buy(desk)
    run_jobs()
    bought = len(held(desk))
    with bind(Scope(desk.reseller_id)), transaction():
        numbers.cancel_order(order, desk.client_id)
    run_jobs()

    assert (bought, desk.find(order).state) == (1, "undone")
    assert nothing_was_bought(desk)


@pytest.mark.parametrize(
    "total, spent, code",
    [(Money.of("4.24"), "0", "price_changed"), (PRICE, "7", "insufficient_balance")],
)
def test_another_price_and_too_little_money_are_refused_before_the_carrier_is_asked(
    desk: Desk, total: Money, spent: str, code: str
) -> None:
    with bind(Scope(desk.reseller_id)), transaction():
        ledger.set_floor(desk.client_id, True)
        ledger.hold(desk.client_id, Money.of(spent), source_type="t", source_id="1", kind="k")

    with pytest.raises(DomainError) as caught:
        buy(desk, total=total)

    assert caught.value.code == code
    assert held(desk) == []
