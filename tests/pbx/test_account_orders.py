"""Sub-accounts created at the carrier: one each, whatever dies, fails or refuses on the way."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal import ledger, pbx, pricing, upstream
from portal.carriers import LineSettings, forget_outages
from portal.core.db import finish_reading, session, transaction
from portal.core.errors import InvalidInput, NotFound, Refused
from portal.core.money import Money
from portal.core.outbox import OutboxState, OutboxTask
from portal.core.scope import Scope, bind, unscoped
from portal.pbx import AccountOrderRow, NewAccount
from portal.pricing import PackageDetails
from tests.calls.conftest import books_are_right
from tests.carrier import PASSWORD, USER, Carrier
from tests.pricing.market import make_client, make_reseller
from tests.run_task import run_and_die
from tests.worker import bring_forward, bury, work

SECRET = "Sturdy7pass"
LINE = LineSettings(codecs=("ulaw", "opus"), music_on_hold="jazz", caller_id="+16135550142")
NEW = NewAccount("lobby", SECRET, "Lobby", "Yealink T43U", LINE)


class Desk:
    """A reseller at the practice carrier, a client, and a package with a setup fee."""

    def __init__(self, sandbox: Carrier) -> None:
        self.sandbox = sandbox
        self.reseller_id = make_reseller()
        self.client_id = make_client(self.reseller_id)
        with bind(Scope(self.reseller_id)), transaction():
            upstream.connect_login(USER, PASSWORD, base_url=sandbox.rest_url)
            self.package = pricing.save_package(
                PackageDetails("Office", setup_fee=Money.of("5"), international_route="value")
            )

    def order(self, new: NewAccount = NEW, *, reference: str = "r1") -> uuid.UUID:
        with bind(Scope(self.reseller_id)), transaction():
            return pbx.order_account(
                new, self.client_id, self.package, reference=reference, charge_setup=True
            )

    def orders(self) -> list[AccountOrderRow]:
        with bind(Scope(self.reseller_id)):
            found = pbx.account_orders_of(self.client_id)
            finish_reading()
            return found

    def task(self) -> int:
        with unscoped("a test"):
            row_id = (
                session()
                .scalars(
                    select(OutboxTask.id).where(
                        OutboxTask.state == OutboxState.QUEUED,
                        OutboxTask.task == "create_sub_account",
                    )
                )
                .one()
            )
            finish_reading()
            return row_id

    def at_carrier(self) -> list[dict[str, Any]]:
        return list(self.sandbox.call("getSubAccounts").get("accounts", []))

    def is_there_once(self) -> bool:
        [row] = self.at_carrier()
        assert (row["account"], row["password"]) == ("100482_lobby", SECRET)
        assert (row["allowed_codecs"], row["music_on_hold"]) == ("ulaw;opus", "jazz")
        assert (row["callerid_number"], row["lock_international"]) == ("6135550142", "1")
        with bind(Scope(self.reseller_id)):
            [own] = pbx.sub_accounts_of(self.client_id)
            assert (own.account, own.package, own.device) == (
                "100482_lobby", "Office", "Yealink T43U",
            )  # fmt: skip
            assert pbx.password_of(own.public_id) == SECRET
            assert ledger.balance_of(self.client_id) == Money.of("-5")
            finish_reading()
        assert self.orders() == []
        return books_are_right()


@pytest.fixture(scope="module")
def process() -> Iterator[Carrier]:
    with Carrier() as carrier:
        yield carrier


@pytest.fixture
def desk(app: Flask, process: Carrier) -> Desk:
    process.reset()
    process.control("faults/clear", {})
    process.seed(login="100482")
    forget_outages()
    return Desk(process)


def test_it_is_created_with_its_settings_and_given_to_the_client(
    desk: Desk, run_jobs: Callable[..., None]
) -> None:
    first, again = desk.order(), desk.order()
    [waiting] = desk.orders()
    run_jobs()

    assert first == again == waiting.public_id
    assert desk.is_there_once()


@pytest.mark.parametrize("failpoint", ["account.taken", "account.asked", "account.made"])
def test_a_worker_killed_on_the_way_creates_one(
    desk: Desk, environment: dict[str, str], database_url: str, failpoint: str
) -> None:
    desk.order()
    settings = environment | {"DATABASE_URL": database_url}

    killed = run_and_die(desk.task(), failpoint=failpoint, environment=settings)
    bring_forward()
    work(later=True)

    assert killed == -9
    assert desk.is_there_once()


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "truncated", "method": "createSubAccount"},
        {"kind": "status", "method": "*", "status": "method_maintenance"},
    ],
)
def test_a_lost_answer_or_an_absent_carrier_ends_well(
    desk: Desk, run_jobs: Callable[..., None], fault: dict[str, Any]
) -> None:
    desk.sandbox.post("faults", calls=1, **fault)
    desk.order()
    run_jobs()
    run_jobs(later=True)

    assert desk.is_there_once()


def test_one_whose_job_died_for_the_last_time_is_tried_again_when_staff_ask(
    desk: Desk, environment: dict[str, str], database_url: str, run_jobs: Callable[..., None]
) -> None:
    order = desk.order()
    settings = environment | {"DATABASE_URL": database_url}
    run_and_die(desk.task(), failpoint="account.made", environment=settings)
    bury()
    [stuck] = desk.orders()
    with bind(Scope(desk.reseller_id)), transaction():
        pbx.try_account_order_now(order, desk.client_id)
    run_jobs()

    assert stuck.problem
    assert desk.is_there_once()


def test_staff_stop_one_that_waits_and_nobody_is_charged(
    desk: Desk, run_jobs: Callable[..., None]
) -> None:
    desk.sandbox.post("faults", kind="status", method="*", status="method_maintenance", calls=0)
    order = desk.order()
    run_jobs()
    desk.sandbox.control("faults/clear", {})
    with bind(Scope(desk.reseller_id)), transaction():
        pbx.stop_account_order(order, desk.client_id)
    run_jobs(later=True)

    [row] = desk.orders()
    assert (row.state, row.problem) == ("failed", "Stopped by staff.")
    assert desk.at_carrier() == []
    other = make_client(desk.reseller_id, "200009")
    with bind(Scope(desk.reseller_id)):
        with pytest.raises(Refused), transaction():
            pbx.stop_account_order(order, desk.client_id)
        with pytest.raises(NotFound), transaction():
            pbx.stop_account_order(order, other)


def test_a_name_that_somebody_has_is_not_taken_over(
    desk: Desk, run_jobs: Callable[..., None]
) -> None:
    desk.sandbox.seed(
        login="100482", sub_accounts=[{"username": "lobby", "password": "Others1pass"}]
    )
    desk.order()
    run_jobs()

    [row] = desk.orders()
    assert (row.state, row.problem) == ("failed", "A sub-account with this name exists already.")
    assert [one["password"] for one in desk.at_carrier()] == ["Others1pass"]
    with bind(Scope(desk.reseller_id)):
        assert pbx.sub_accounts_of(desk.client_id) == []
        assert ledger.balance_of(desk.client_id) == Money(0)


def test_nonsense_is_refused_by_field(desk: Desk) -> None:
    for field, new in {
        "username": NewAccount("no spaces", SECRET),
        "password": NewAccount("lobby", "weak"),
        "ip": NewAccount("lobby", SECRET, line=LineSettings(auth_type="2", ip="somewhere")),
        "extension": NewAccount("lobby", SECRET, line=LineSettings(extension="123456")),
        "codecs": NewAccount("lobby", SECRET, line=LineSettings(codecs=("mp3",))),
        "caller_id": NewAccount("lobby", SECRET, line=LineSettings(caller_id="911")),
        "nat": NewAccount("lobby", SECRET, line=LineSettings(nat="maybe")),
    }.items():
        with pytest.raises(InvalidInput) as refused:
            desk.order(new)
        assert refused.value.field == field
    with bind(Scope(desk.reseller_id, make_client(desk.reseller_id, "200002"))):
        assert pbx.account_orders_of(desk.client_id) == []
