"""A package's routes reach the sub-account at a carrier that answers over HTTP, by the real jobs."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal import billing, identity, numbers, pbx, pricing, upstream
from portal.billing import Rules
from portal.core import clock
from portal.core.db import finish_reading, session, transaction
from portal.core.errors import NotFound
from portal.core.scope import Scope, bind
from portal.numbers import DidFees
from portal.pbx import NewAccount
from portal.pbx.models import SubAccount
from portal.pricing import PackageDetails
from portal.tasks import PUSH_SUB_ACCOUNT
from tests.carrier import PASSWORD, USER, Carrier
from tests.pricing.market import make_client, make_reseller
from tests.worker import queued_tasks

CANARY = "Canary7pass"
OFFICE = PackageDetails("Office", canada_route="premium", international_route="premium")
DESK = {
    "username": "desk", "password": CANARY, "description": "Front desk",
    "ip_restriction": "198.51.100.0/24", "enable_ip_restriction": "1", "record_calls": "1",
}  # fmt: skip


class Shop:
    """A reseller connected to the practice carrier, a client, and the sub-account ``desk``."""

    def __init__(self, sandbox: Carrier) -> None:
        self.sandbox = sandbox
        self.reseller_id = make_reseller()
        self.client_id = make_client(self.reseller_id)
        with bind(Scope(self.reseller_id)):
            with transaction():
                upstream.connect_login(USER, PASSWORD, base_url=sandbox.rest_url)
            listed = upstream.carrier().sub_accounts()
            with transaction():
                pbx.record_accounts(listed)
                self.package = pricing.save_package(OFFICE)
            self.desk = pbx.all_sub_accounts("desk")[0].public_id
            finish_reading()

    def assign(self, account: uuid.UUID | None = None, package: uuid.UUID | None = None) -> None:
        with bind(Scope(self.reseller_id)), transaction():
            pbx.assign_package(account or self.desk, self.client_id, package or self.package)

    def save(self, **changes: Any) -> None:
        with bind(Scope(self.reseller_id)), transaction():
            pricing.save_package(replace(OFFICE, **changes), package=self.package)

    def numbers(self, wanted: list[str]) -> list[str]:
        """Connect these numbers of the carrier to the client; where their calls go."""
        with bind(Scope(self.reseller_id)):
            listed = upstream.carrier().dids()
            with transaction():
                numbers.record_inventory(listed)
                account = pbx.find_sub_account(self.desk)
                numbers.connect_dids(
                    [row.public_id for row in numbers.free_dids() if row.number[2:] in wanted],
                    account.id, DidFees(), client_id=self.client_id,
                )  # fmt: skip
        return [row.routing for row in listed if row.did in wanted]

    def suspend(self, *, keeps_inbound: bool) -> None:
        with bind(Scope(self.reseller_id)), transaction():
            billing.save_rules(Rules(keeps_inbound=keeps_inbound))
            identity.suspend_client(self.client_id)
            billing.push_client(self.client_id)

    def resume(self) -> None:
        with bind(Scope(self.reseller_id)), transaction():
            identity.resume_client(self.client_id)
            billing.push_client(self.client_id)

    def problems(self) -> list[tuple[str, int | None, str]]:
        with bind(Scope(self.reseller_id)):
            return [(row.account, row.client_id, row.problem) for row in pbx.push_problems()]

    def at_carrier(self, username: str = "desk") -> dict[str, Any]:
        rows = self.sandbox.call("getSubAccounts")["accounts"]
        return next(row for row in rows if row["username"] == username)

    def routes(self) -> tuple[str, str]:
        row = self.at_carrier()
        return row["canada_routing"], row["international_route"]

    def pushed_at(self) -> object:
        with bind(Scope(self.reseller_id)):
            return session().scalar(
                select(SubAccount.pushed_at).where(SubAccount.public_id == self.desk)
            )


@pytest.fixture(scope="module")
def process() -> Iterator[Carrier]:
    with Carrier() as carrier:
        yield carrier


@pytest.fixture
def sandbox(process: Carrier) -> Carrier:
    process.reset()
    process.control("faults/clear", {})
    process.seed(
        login="100482",
        sub_accounts=[DESK, DESK | {"username": "back", "description": "Workshop"}],
        dids=[{"did": "6135550142", "routing": "account:100482_desk"}],
    )
    return process


@pytest.fixture
def shop(app: Flask, sandbox: Carrier) -> Shop:
    return Shop(sandbox)


def test_the_routes_of_the_package_are_written_and_nothing_else_is(
    app_on_each: Flask, sandbox: Carrier, run_jobs: Callable[..., None]
) -> None:
    shop = Shop(sandbox)
    before = shop.at_carrier()

    shop.assign()
    waiting = queued_tasks()
    run_jobs()

    assert waiting == [PUSH_SUB_ACCOUNT.name]
    assert before["password"] == CANARY
    assert shop.at_carrier() == before | {"canada_routing": "2", "international_route": "2"}
    assert shop.pushed_at() is not None
    assert shop.problems() == []


def test_what_existed_open_at_the_carrier_is_not_locked(
    shop: Shop, run_jobs: Callable[..., None]
) -> None:
    assert shop.at_carrier()["lock_international"] == "0"

    shop.assign()
    run_jobs()

    assert shop.at_carrier()["lock_international"] == "0"


def test_what_is_made_here_is_locked_until_staff_open_it_at_the_carrier(
    shop: Shop, run_jobs: Callable[..., None]
) -> None:
    new = NewAccount("kanata", "Sturdy1pass")
    with bind(Scope(shop.reseller_id)):
        created = pbx.create_at_carrier(new)
        with transaction():
            made = pbx.keep_account(created, new)
    shop.assign(made)
    run_jobs()
    first = shop.at_carrier("kanata")
    with bind(Scope(shop.reseller_id)):
        upstream.carrier().set_sub_account(created.account, international_locked=False)

    shop.save(canada_route="value")
    run_jobs()

    after = shop.at_carrier("kanata")
    assert first["lock_international"] == "1"
    assert (after["lock_international"], after["canada_routing"]) == ("0", "1")
    assert after["password"] == "Sturdy1pass"


def test_changed_routes_of_a_package_reach_all_that_have_it_and_other_changes_reach_nobody(
    shop: Shop, run_jobs: Callable[..., None]
) -> None:
    with bind(Scope(shop.reseller_id)):
        back = pbx.all_sub_accounts("back")[0].public_id
        finish_reading()
    shop.assign()
    shop.assign(back)
    run_jobs()

    shop.save(markup_percent_e4=200_000)
    after_a_price = queued_tasks()
    shop.save(canada_route="value", markup_percent_e4=200_000)
    run_jobs()

    assert after_a_price == []
    assert shop.routes() == ("1", "2")
    assert shop.at_carrier("back")["canada_routing"] == "1"


def test_a_transaction_that_fails_writes_nothing(shop: Shop, run_jobs: Callable[..., None]) -> None:
    with (
        pytest.raises(NotFound),
        bind(Scope(shop.reseller_id)),
        transaction(),
    ):
        _assign_and_fail(shop)

    run_jobs()

    assert shop.routes() == ("1", "1")


def _assign_and_fail(shop: Shop) -> None:
    pbx.assign_package(shop.desk, shop.client_id, shop.package)
    raise NotFound("what was to be saved along with it")


def test_an_outage_is_shown_and_ends_by_itself(
    shop: Shop, sandbox: Carrier, run_jobs: Callable[..., None]
) -> None:
    sandbox.post("faults", kind="status", status="method_maintenance", calls=0)
    shop.assign()
    run_jobs()
    during = shop.problems()
    sandbox.control("faults/clear", {})

    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        run_jobs()

    assert during == [("100482_desk", shop.client_id, "The carrier is working on this function.")]
    assert shop.routes() == ("2", "2")
    assert shop.problems() == []
    assert queued_tasks() == []


def test_a_refusal_is_shown_and_tried_again_within_the_hour_only(
    shop: Shop, sandbox: Carrier, run_jobs: Callable[..., None]
) -> None:
    refused = {"kind": "status", "method": "setSubAccount", "status": "invalid_internationalroute"}
    sandbox.post("faults", calls=1, **refused)
    shop.assign()
    run_jobs()
    [(_, _, problem)] = shop.problems()

    with time_machine.travel(clock.now() + timedelta(minutes=50)):
        run_jobs()
    early = shop.routes()
    with time_machine.travel(clock.now() + timedelta(minutes=61)):
        run_jobs()

    assert problem == "The carrier does not accept one of the values."
    assert early == ("1", "1")
    assert shop.routes() == ("2", "2")
    assert shop.problems() == []


def test_terms_that_change_while_the_carrier_is_told_are_written_too(
    shop: Shop, run_jobs: Callable[..., None]
) -> None:
    with bind(Scope(shop.reseller_id)), transaction():
        pbx.assign_package(shop.desk, shop.client_id, shop.package)
        account = pbx.all_sub_accounts("desk")[0].id
        old = pbx.open_push(account)
    run_jobs()
    shop.save(canada_route="value")
    run_jobs()
    assert old is not None
    with bind(Scope(shop.reseller_id)):
        upstream.carrier().set_sub_account("100482_desk", canada_route=old.routes[0])
        with transaction():
            pbx.pushed(old)  # a slow run settles last, after it wrote what is no longer so

    run_jobs()

    assert shop.routes() == ("1", "2")
    assert queued_tasks() == []


def test_what_is_no_longer_at_the_carrier_is_left_alone(
    shop: Shop, sandbox: Carrier, run_jobs: Callable[..., None]
) -> None:
    shop.assign()
    for did in sandbox.call("getDIDsInfo")["dids"]:
        sandbox.call("setDIDRouting", did=did["did"], routing="none:")
    assert sandbox.call("delSubAccount", id=shop.at_carrier()["id"])["status"] == "success"
    run_jobs()
    shown = shop.problems()
    with bind(Scope(shop.reseller_id)):
        listed = upstream.carrier().sub_accounts()
        with transaction():
            pbx.record_accounts(listed)

    with time_machine.travel(clock.now() + timedelta(minutes=61)):
        run_jobs()

    assert [problem for _, _, problem in shown] == ["The carrier does not know this sub-account."]
    assert shop.problems() == []
    assert queued_tasks() == []


def test_without_a_carrier_account_nothing_waits(app: Flask) -> None:
    reseller_id = make_reseller()
    client_id = make_client(reseller_id)
    with bind(Scope(reseller_id)), transaction():
        account = SubAccount(account="100482_desk")
        session().add(account)
        session().flush()
        package = pricing.save_package(OFFICE)
        pbx.assign_package(account.public_id, client_id, package)

    assert queued_tasks() == []


def test_a_suspended_client_is_locked_at_the_carrier_and_afterwards_as_it_was_before(
    shop: Shop, sandbox: Carrier, run_jobs: Callable[..., None]
) -> None:
    """911 stays possible: passwords and addresses are left alone. Inbound goes by the reseller's rule."""
    shop.assign()
    run_jobs()
    before = shop.at_carrier()
    [number] = shop.numbers(["6135550142"])
    routed = sandbox.call("getDIDsInfo")["dids"][0]["routing"]

    shop.suspend(keeps_inbound=False)
    run_jobs()
    shop.suspend(keeps_inbound=False)  # a second time, as after a crash: nothing is forgotten
    run_jobs()
    locked, silent = shop.at_carrier(), sandbox.call("getDIDsInfo")["dids"][0]["routing"]
    shop.resume()
    run_jobs()

    assert before["lock_international"] == "0"
    assert locked == before | {"lock_international": "1"}
    assert (silent, routed) == ("sys:noservice", number)
    assert shop.at_carrier() == before
    assert sandbox.call("getDIDsInfo")["dids"][0]["routing"] == routed
