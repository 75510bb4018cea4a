"""The import job against the practice carrier: overlapping windows, crashes, a carrier that is down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal import calls, carriers, identity, ledger, numbers, pbx, pricing, upstream
from portal.calls.models import Call, ImportMark
from portal.core import clock
from portal.core.db import session, transaction
from portal.core.queue import enqueue
from portal.core.scope import Scope, bind, unscoped
from portal.identity import BalanceMode, ClientDetails
from portal.tasks import IMPORT_CALLS
from tests.calls.conftest import FEES, OFFICE, books_are_right
from tests.carrier import PASSWORD, USER, Carrier
from tests.run_task import run_and_die
from tests.worker import bring_forward, newest_row, work


@pytest.fixture(scope="module")
def practice() -> Iterator[Carrier]:
    """A practice carrier for this module; each test empties it."""
    with Carrier() as carrier:
        yield carrier


@pytest.fixture
def reseller_id(app_on_each: Flask, practice: Carrier) -> int:
    """A reseller connected to the practice carrier, with a client on one line and one number."""
    return connect(practice)


def connect(practice: Carrier, **line: str) -> int:
    """Build it in the open application context; ``line`` says more of its sub-account."""
    carriers.forget_outages()
    practice.reset()
    practice.seed(
        login="100482",
        sub_accounts=[{"username": "desk", **line}],
        dids=[{"did": "6135550101", "account": "desk", "sms_enabled": True}],
    )
    since = clock.now() - timedelta(days=30)
    with unscoped("a test"), transaction():
        reseller = identity.add_reseller(name="Northwind", uid="100482")
    with bind(Scope(reseller.id)):
        with transaction():
            upstream.connect_login(USER, PASSWORD, base_url=practice.rest_url)
        carrier = upstream.carrier()
        accounts, dids = carrier.sub_accounts(), carrier.dids()
        with transaction():
            pbx.record_accounts(accounts)
            numbers.record_inventory(dids)
            client = identity.add_client(
                ClientDetails(first_name="Priya", last_name="Raman", email="priya@example.test")
            )
            ledger.open_wallet(client.id, mode=BalanceMode.SOFT)
            package = pricing.save_package(OFFICE, valid_from=since)
            [line] = pbx.all_sub_accounts()
            pbx.assign_package(line.public_id, client.id, package, valid_from=since)
            [did] = numbers.free_dids()
            numbers.connect_dids(
                [did.public_id], line.id, FEES, client_id=client.id, valid_from=since
            )
            calls.mark_complete(clock.now() - timedelta(days=4), new=0)
    return reseller.id


def make_calls(practice: Carrier, count: int = 12) -> None:
    """Calls over the last days: out, in, unanswered."""
    now = clock.now()
    for number in range(count):
        at = (now - timedelta(hours=7 * number + 1)).isoformat()
        wish: dict[str, Any] = {"seconds": 20 + 13 * number, "started_at": at}
        if number % 3 == 0:
            wish |= {"did": "6135550101", "caller": "Nadia <6135550155>"}
        else:
            wish |= {"account": "100482_desk", "destination": "14165550117"}
        if number % 5 == 4:
            wish |= {"disposition": "NO ANSWER", "seconds": 0}
        practice.post("calls", **wish)


def accept(reseller_id: int) -> int:
    """Accept one import; the outbox row's id."""
    with bind(Scope(reseller_id)), transaction():
        enqueue(IMPORT_CALLS)
    return newest_row()


def stored(reseller_id: int) -> set[tuple[str, str, int]]:
    with bind(Scope(reseller_id)):
        session().rollback()
        rows = session().execute(select(Call.carrier_key, Call.direction, Call.seconds)).all()
        session().rollback()
        return {(key.split("|")[0], direction, seconds) for key, direction, seconds in rows}


def truth(practice: Carrier) -> set[tuple[str, str, int]]:
    listed = practice.control("truth/calls")["calls"]
    return {(leg["uniqueid"], leg["direction"], leg["seconds"]) for leg in listed}


def test_every_call_of_the_carrier_is_there_once_after_three_imports(
    reseller_id: int, practice: Carrier
) -> None:
    make_calls(practice)

    for _ in range(3):
        accept(reseller_id)
        work()

    assert stored(reseller_id) == truth(practice)
    assert len(stored(reseller_id)) == 12
    assert books_are_right()


def test_a_row_that_comes_late_is_found_by_the_overlap(reseller_id: int, practice: Carrier) -> None:
    practice.post(
        "calls", account="100482_desk", destination="14165550117", late_seconds=3600,
        started_at=(clock.now() - timedelta(minutes=50)).isoformat(),
    )  # fmt: skip
    accept(reseller_id)
    work()
    assert stored(reseller_id) == set()

    practice.post("calls/settle")
    accept(reseller_id)
    work()

    assert stored(reseller_id) == truth(practice)


@pytest.mark.parametrize(
    ("late", "last_run_ago"),
    [
        (timedelta(hours=30), timedelta(minutes=61)),
        (timedelta(days=3), timedelta(minutes=61)),
        (timedelta(days=9), timedelta(hours=25)),
    ],
)
def test_a_new_hour_and_a_new_day_look_further_back(
    app: Flask, practice: Carrier, late: timedelta, last_run_ago: timedelta
) -> None:
    reseller_id = connect(practice)
    accept(reseller_id)
    work()
    practice.post(
        "calls", account="100482_desk", destination="14165550117",
        started_at=(clock.now() - late).isoformat(),
    )  # fmt: skip
    with bind(Scope(reseller_id)), transaction():
        mark = session().scalars(select(ImportMark)).one()
        mark.last_run_at = clock.now() - last_run_ago

    accept(reseller_id)
    work()

    found_by_the_hour = late < timedelta(hours=48)
    by_the_day = last_run_ago > timedelta(hours=24)
    assert len(stored(reseller_id)) == (1 if found_by_the_hour or by_the_day else 0)


def test_a_row_nobody_can_read_is_told_to_staff_and_costs_no_other(
    app: Flask, practice: Carrier
) -> None:
    reseller_id = connect(practice)
    make_calls(practice, 2)
    practice.post(
        "calls", account="100482_desk", destination="14165550117", total="-0.5",
        started_at=(clock.now() - timedelta(minutes=5)).isoformat(),
    )  # fmt: skip

    accept(reseller_id)
    work()

    assert len(stored(reseller_id)) == 2
    with bind(Scope(reseller_id)):
        health = upstream.health()
    assert health is not None
    assert "could not be read" in health.last_error


def test_a_carrier_that_is_down_loses_nothing_and_is_noted(
    reseller_id: int, practice: Carrier
) -> None:
    make_calls(practice, 3)
    practice.post("faults", kind="html", method="getCDR", calls=0)

    accept(reseller_id)
    work(rounds=2)

    with bind(Scope(reseller_id)):
        session().rollback()
        mark = session().scalars(select(ImportMark)).one()
        health = upstream.health()
    assert mark.complete_until is not None
    assert mark.complete_until < clock.now() - timedelta(days=3)
    assert health is not None
    assert health.last_error

    practice.control("faults/clear", {})
    carriers.forget_outages()
    work(later=True)
    assert stored(reseller_id) == truth(practice)


@pytest.mark.parametrize(
    "failpoint",
    [
        "calls.fetched",
        "calls.mid_batch",
        "calls.before_commit",
        "calls.committed",
        "calls.marked",
        "calls.fetched:2",
    ],
)
def test_a_killed_import_is_finished_by_the_next_run(
    reseller_id: int,
    practice: Carrier,
    each_database: str,
    environment: dict[str, str],
    failpoint: str,
) -> None:
    make_calls(practice)
    row_id = accept(reseller_id)
    settings = environment | {"DATABASE_URL": each_database}

    killed = run_and_die(row_id, failpoint=failpoint, environment=settings)
    bring_forward()
    work(later=True)

    assert killed == -9
    assert stored(reseller_id) == truth(practice)
    assert books_are_right()


def test_a_kill_while_a_correction_is_posted_corrects_once(
    reseller_id: int,
    practice: Carrier,
    each_database: str,
    environment: dict[str, str],
) -> None:
    legs = practice.post(
        "calls", account="100482_desk", destination="14165550117", seconds=60,
        started_at=(clock.now() - timedelta(minutes=30)).isoformat(),
    )  # fmt: skip
    accept(reseller_id)
    work()
    practice.post(f"calls/{_leg_id(legs)}/correct", seconds=66)
    settings = environment | {"DATABASE_URL": each_database}

    killed = run_and_die(accept(reseller_id), failpoint="calls.before_commit", environment=settings)
    work(later=True)

    assert killed == -9
    assert {seconds for _, _, seconds in stored(reseller_id)} == {66}
    assert books_are_right()


def _leg_id(answer: Any) -> int:
    return int(answer["calls"][0]["id"])


def test_an_import_after_a_long_gap_begins_before_the_gap(app: Flask, practice: Carrier) -> None:
    reseller_id = connect(practice)
    practice.post(
        "calls", account="100482_desk", destination="14165550117",
        started_at=(clock.now() - timedelta(days=3, hours=20)).isoformat(),
    )  # fmt: skip

    accept(reseller_id)
    work()

    assert len(stored(reseller_id)) == 1
