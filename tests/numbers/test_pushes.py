"""A connected number's texts are reported to us: set at a carrier that answers over HTTP."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from portal import identity, numbers, pbx, pricing, upstream
from portal.core import clock
from portal.core.db import finish_reading, session, transaction
from portal.core.scope import Scope, bind
from portal.numbers import DidFees
from portal.numbers.pushes import push_later
from portal.tasks import PUSH_SMS_CALLBACK
from tests import processes
from tests.carrier import PASSWORD, USER, Carrier
from tests.pricing.market import SEPTEMBER, make_client, make_reseller
from tests.worker import queued_tasks

TEXTS, VOICE = "2125550101", "2125550102"


class Shop:
    """A reseller connected to the practice carrier, a client with ``desk``, two free numbers."""

    def __init__(self, sandbox: Carrier) -> None:
        self.sandbox = sandbox
        self.reseller_id = make_reseller()
        self.client_id = make_client(self.reseller_id)
        self.uid = identity.reseller_facts(self.reseller_id).uid
        with bind(Scope(self.reseller_id)):
            with transaction():
                upstream.connect_login(USER, PASSWORD, base_url=sandbox.rest_url)
            self.refresh()
            self.account_id = pbx.all_sub_accounts("desk")[0].id
            finish_reading()
            with transaction():
                pricing.link_sub_account(
                    self.account_id, self.client_id, None, valid_from=SEPTEMBER
                )
            self.free = {row.number: row.public_id for row in numbers.free_dids()}
            self.secret = upstream.hook_secret()
            finish_reading()

    def refresh(self) -> None:
        with bind(Scope(self.reseller_id)):
            line = upstream.carrier()
            accounts, dids = line.sub_accounts(), line.dids()
            with transaction():
                pbx.record_accounts(accounts)
                numbers.record_inventory(dids)

    def connect(self, *dids: str) -> None:
        with bind(Scope(self.reseller_id)), transaction():
            numbers.connect_dids(
                [self.free[f"+1{did}"] for did in dids],
                self.account_id,
                DidFees(),
                client_id=self.client_id,
            )

    def at_carrier(self, did: str = TEXTS) -> dict[str, Any]:
        return next(row for row in self.sandbox.call("getDIDsInfo")["dids"] if row["did"] == did)

    def problems(self) -> list[tuple[str, int | None, str]]:
        with bind(Scope(self.reseller_id)):
            return [(row.number, row.client_id, row.problem) for row in numbers.push_problems()]


@pytest.fixture(scope="module")
def process() -> Iterator[Carrier]:
    with Carrier() as carrier:
        yield carrier


@pytest.fixture
def sandbox(process: Carrier) -> Carrier:
    process.reset()
    process.control("faults/clear", {})
    process.post("settings", sms_wait_seconds=0)
    process.seed(
        login="100482",
        sub_accounts=[{"username": "desk"}],
        dids=[
            {"did": TEXTS, "account": "desk", "sms_enabled": True, "sms_email_enabled": True,
             "sms_email": "desk@northwind.test", "sms_forward": "4165550142"},
            {"did": VOICE, "account": "desk", "sms_enabled": False},
        ],
    )  # fmt: skip
    return process


@pytest.fixture
def shop(app: Flask, sandbox: Carrier) -> Shop:
    return Shop(sandbox)


def test_a_connected_number_reports_its_texts_and_keeps_its_other_settings(
    app_on_each: Flask, sandbox: Carrier, run_jobs: Callable[..., None]
) -> None:
    shop = Shop(sandbox)
    before, voice = shop.at_carrier(), shop.at_carrier(VOICE)

    shop.connect(TEXTS, VOICE)
    waiting = queued_tasks()
    run_jobs()

    address = f"http://localhost/hooks/voipms/{shop.secret}/sms"
    assert waiting == [PUSH_SMS_CALLBACK.name], "the other number has no texts"
    assert shop.at_carrier() == before | {
        "sms_url_callback": f"{address}?to={{TO}}&from={{FROM}}&message={{MESSAGE}}"
        "&files={MEDIA}&id={ID}&date={TIMESTAMP}",
        "sms_url_callback_enabled": "1",
        "sms_url_callback_retry": "1",
    }
    assert shop.at_carrier(VOICE) == voice
    assert shop.problems() == []


def test_what_the_carrier_fills_in_is_understood_at_that_address(
    app: Flask, shop: Shop, run_jobs: Callable[..., None]
) -> None:
    shop.connect(TEXTS)
    run_jobs()
    url = shop.at_carrier()["sms_url_callback"]
    filled = {
        "{TO}": TEXTS, "{FROM}": "4165550142", "{MESSAGE}": "running%20late", "{MEDIA}": "",
        "{ID}": "7001", "{TIMESTAMP}": "2026-11-20%2009:00:00",
    }  # fmt: skip
    for placeholder, value in filled.items():
        url = url.replace(placeholder, value)

    answer = app.test_client().get(url)

    assert (answer.status_code, answer.data) == (200, b"ok")


def test_a_change_within_the_same_minute_waits_for_its_turn_and_is_no_problem(
    shop: Shop, sandbox: Carrier, run_jobs: Callable[..., None]
) -> None:
    sandbox.call("setSMS", did=TEXTS, enable=1)
    sandbox.post("settings", sms_wait_seconds=60)
    shop.connect(TEXTS)
    run_jobs()
    during, waiting = shop.problems(), queued_tasks()
    sandbox.post("settings", sms_wait_seconds=0)
    with time_machine.travel(clock.now() + timedelta(seconds=60)):
        run_jobs()
    early = shop.at_carrier()["sms_url_callback_enabled"]

    with time_machine.travel(clock.now() + timedelta(seconds=71)):
        run_jobs()

    assert (during, waiting, early) == ([], [PUSH_SMS_CALLBACK.name], "0")
    assert shop.at_carrier()["sms_url_callback_enabled"] == "1"
    assert queued_tasks() == []


def test_an_outage_is_shown_without_the_secret_and_ends_by_itself(
    shop: Shop, sandbox: Carrier, run_jobs: Callable[..., None]
) -> None:
    sandbox.post("faults", kind="html", calls=0)
    shop.connect(TEXTS)
    run_jobs()
    [(number, client_id, problem)] = shop.problems()
    sandbox.control("faults/clear", {})

    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        run_jobs()

    assert (number, client_id, problem) == (
        f"+1{TEXTS}", shop.client_id, "The carrier has a fault.",
    )  # fmt: skip
    assert shop.at_carrier()["sms_url_callback_enabled"] == "1"
    assert shop.problems() == []


def test_running_twice_sets_the_same_again(shop: Shop, run_jobs: Callable[..., None]) -> None:
    shop.connect(TEXTS)
    run_jobs()
    before = shop.at_carrier()

    with bind(Scope(shop.reseller_id)):
        did_id = numbers.dids_of(shop.client_id)[0].id
        with transaction():
            push_later(did_id)
            push = numbers.open_push(did_id)
    run_jobs()

    assert shop.at_carrier() == before
    assert shop.secret
    assert shop.secret not in repr(push)


def test_texts_that_are_switched_on_later_are_reported_too(
    shop: Shop, sandbox: Carrier, run_jobs: Callable[..., None]
) -> None:
    shop.connect(VOICE)
    sandbox.call("setSMS", did=VOICE, enable=1)

    shop.refresh()
    run_jobs()

    assert shop.at_carrier(VOICE)["sms_url_callback_enabled"] == "1"
    assert shop.at_carrier()["sms_url_callback_enabled"] == "0", "nobody is connected to it"


def test_an_address_the_carrier_cannot_reach_is_not_told(
    make_app: Callable[..., Flask], sqlite_url: str, sandbox: Carrier
) -> None:
    with make_app(sqlite_url, PORTAL_EVALUATION="0", PORTAL_PRACTICE_PAYMENTS="0").app_context():
        Shop(sandbox).connect(TEXTS)

        assert queued_tasks() == []


def test_a_renewed_address_is_told_to_the_carrier_and_the_old_one_stops(
    app: Flask,
    shop: Shop,
    run_jobs: Callable[..., None],
    environment: dict[str, str],
    database_url: str,
) -> None:
    shop.connect(TEXTS, VOICE)
    run_jobs()
    before = shop.at_carrier()["sms_url_callback"]
    session().rollback()

    done = processes.run(
        "portal.cli", "carrier", "callback", shop.uid, "--renew",
        env=os.environ | environment | {"DATABASE_URL": database_url},
    )  # fmt: skip
    run_jobs()

    now = shop.at_carrier()["sms_url_callback"]
    assert done.returncode == 0, done.stderr
    assert "Numbers that the carrier is told it for: 1;" in done.stdout
    assert shop.secret not in done.stdout
    assert now != before
    assert now in done.stdout
    assert upstream.hook_reseller(str(shop.secret)) is None
