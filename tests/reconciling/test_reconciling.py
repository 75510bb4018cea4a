"""A period compared with the practice carrier over HTTP, by the real jobs, and mended."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from portal import ledger, numbers, pbx, pricing, reconciling, upstream
from portal.core.db import session, transaction
from portal.core.money import Money, rate_e8
from portal.core.queue import enqueue
from portal.core.scope import Scope, bind
from portal.ledger import CostKind, check
from portal.numbers import DidFees
from portal.pricing import PackageDetails
from portal.reconciling import PARTS, LineFilter, Part, RunState
from portal.tasks import (
    IMPORT_CALLS,
    IMPORT_CHARGES,
    IMPORT_FAXES,
    IMPORT_MESSAGES,
    REFRESH_NUMBERS,
    REFRESH_RATES,
    Task,
)
from tests.carrier import PASSWORD, USER, Carrier
from tests.pricing.market import make_client, make_reseller
from tests.run_task import run_and_die
from tests.worker import bring_forward, newest_row

DESK, NUMBER, SPARE = "100482_desk", "2125550101", "2125550102"
NOW = datetime.now(UTC).replace(microsecond=0)
LONG_AGO = NOW - timedelta(days=80)
WEEKS = 7  # that the calls of 45 days are asked for in


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Carrier]:
    with Carrier() as carrier:
        yield carrier


@pytest.fixture
def shop(app: Flask, sandbox: Carrier, run_jobs: Callable[..., None]) -> int:
    """A reseller whose calls, texts and fees of some weeks are all in."""
    sandbox.reset()
    sandbox.seed(
        login="100482", balance="300", texts_per_day=0, history_days=40,
        sub_accounts=[{"username": "desk"}],
        dids=[{"did": NUMBER, "account": "desk", "sms_enabled": True}, {"did": SPARE}],
    )  # fmt: skip
    for name, hours, more in (
        ("agrees", 30, {}), ("changes", 29, {}), ("vanishes", 28, {}), ("dear", 27, {"rate": "0.5"}),
    ):  # fmt: skip
        _call(sandbox, name, hours, **more)
    made = make_reseller()
    client = make_client(made)
    with bind(Scope(made)), transaction():
        upstream.connect_login(USER, PASSWORD, base_url=sandbox.rest_url)
        pricing.save_exchange_rate(rate_e8("1.35"), valid_from=LONG_AGO)
    _run(made, run_jobs, REFRESH_NUMBERS, REFRESH_RATES)
    with bind(Scope(made)), transaction():
        package = pricing.save_package(PackageDetails("Office"), valid_from=LONG_AGO)
        line = pbx.all_sub_accounts()[0]
        pbx.assign_package(line.public_id, client, package, valid_from=LONG_AGO)
        free = {row.number: row.public_id for row in numbers.free_dids()}
        fees = DidFees(sms_in=Money.of("0.02"))
        numbers.connect_dids(
            [free[f"+1{NUMBER}"]], line.id, fees, client_id=client, valid_from=LONG_AGO
        )
    _spoil(sandbox, "getTransactionHistory", {"rows": {"type": f"DID{SPARE}"}})
    _run(made, run_jobs, IMPORT_CALLS, IMPORT_MESSAGES, IMPORT_FAXES, IMPORT_CHARGES)
    sandbox.control("faults/clear", {})
    return made


def test_each_difference_is_found_once_and_what_is_missing_is_brought_in(
    shop: int, sandbox: Carrier, run_jobs: Callable[..., None]
) -> None:
    _call(sandbox, "late", 26)
    _text(sandbox, "late", 26)
    _spoil(
        sandbox,
        "getCDR",
        {"rows": {"uniqueid": "vanishes"}},
        {"rows": {"uniqueid": "changes"}, "change": {"total": "0.2500"}},
    )

    run = _compare(shop, run_jobs)

    fees = [line for line in _lines(shop, run) if line[0] == "fees"]
    assert [line for line in _lines(shop, run) if line[0] != "fees"] == [
        ("calls", "amount", "changes", True),
        ("calls", "ours_only", "vanishes", True),
        ("calls", "rate", "dear", True),
        ("calls", "theirs_only", "late", True),
        ("texts", "theirs_only", "15145550117", True),
    ]
    assert fees
    assert {line[1:3] for line in fees} == {("theirs_only", f"DID Monthly Fee: {SPARE}")}

    with bind(Scope(shop)), transaction():
        reconciling.ask_to_mend(run)
    run_jobs()
    after = _compare(shop, run_jobs)

    assert {line[2] for line in _lines(shop, run) if line[3]} == {"vanishes", "dear"}
    assert [line[1:3] for line in _lines(shop, after)] == [
        ("ours_only", "vanishes"),
        ("rate", "dear"),
    ]
    assert list(check.findings()) == []


def test_a_comparison_says_why_it_failed_and_can_be_stopped(
    shop: int, sandbox: Carrier, run_jobs: Callable[..., None]
) -> None:
    sandbox.post("faults", kind="status", method="getCDR", status="invalid_credentials", calls=0)
    failed = _compare(shop, run_jobs, Part.CALLS)
    with bind(Scope(shop)), transaction():
        stopped = _ask(Part.CALLS)
        reconciling.stop(stopped)
    run_jobs()

    with bind(Scope(shop)):
        first, second = reconciling.find_run(failed), reconciling.find_run(stopped)
    assert (first.state, second.state) == (RunState.FAILED, RunState.STOPPED)
    assert first.problem
    sandbox.control("faults/clear", {})


def test_a_comparison_killed_between_two_questions_finds_each_difference_once(
    shop: int,
    sandbox: Carrier,
    run_jobs: Callable[..., None],
    environment: dict[str, str],
    database_url: str,
) -> None:
    _spoil(sandbox, "getCDR", {"rows": {"uniqueid": "vanishes"}})
    whole = _compare(shop, run_jobs, Part.CALLS, Part.TEXTS)
    with bind(Scope(shop)), transaction():
        run = _ask(Part.CALLS, Part.TEXTS)

    died = run_and_die(
        newest_row(),
        failpoint=f"reconciling.asked:{WEEKS + 1}",  # the calls are compared, the texts not yet
        environment=environment | {"DATABASE_URL": database_url},
    )
    with bind(Scope(shop)):
        before = [_named(row) for row in reconciling.lines(run, LineFilter(), rows=500).rows]
        state = reconciling.find_run(run).state
        session().rollback()
    bring_forward()
    run_jobs()

    assert (died, state) == (-9, RunState.RUNNING)
    assert sorted(before) == ["dear", "vanishes"]
    assert _lines(shop, run) == _lines(shop, whole)
    with bind(Scope(shop)):
        assert len({reconciling.find_run(one).compared for one in (run, whole)}) == 1
        session().rollback()
    sandbox.control("faults/clear", {})


def test_fees_of_the_carrier_are_costs_of_their_month_at_the_rate_of_their_day(shop: int) -> None:
    first, last = (NOW - timedelta(days=60)).date().replace(day=1), NOW.date()
    with bind(Scope(shop)):
        months = ledger.cost_months(first, last)
        session().rollback()

    taken = [amount for _, kind, amount in months if kind is CostKind.NUMBER]
    assert sum(taken, Money(0)).micros % 1_336_500 == 0  # 0.99 at 1.35, for each month
    assert sum(taken, Money(0)) > Money(0)


def _call(sandbox: Carrier, name: str, hours_ago: int, **more: Any) -> None:
    sandbox.post(
        "calls", account=DESK, destination="15145550117", seconds=60, uniqueid=name,
        started_at=(NOW - timedelta(hours=hours_ago)).isoformat(), **more,
    )  # fmt: skip


def _text(sandbox: Carrier, text: str, hours_ago: int) -> None:
    sandbox.post(
        "messages", did=NUMBER, contact="5145550117", message=text, quiet=True,
        at=(NOW - timedelta(hours=hours_ago)).isoformat(),
    )  # fmt: skip


def _spoil(sandbox: Carrier, method: str, *edits: dict[str, Any]) -> None:
    sandbox.post("faults", kind="rows", method=method, calls=0, edits=list(edits))


def _run(reseller_id: int, run_jobs: Callable[..., None], *tasks: Task) -> None:
    with bind(Scope(reseller_id)), transaction():
        for task in tasks:
            enqueue(task)
    run_jobs()


def _ask(*parts: Part) -> uuid.UUID:
    days = (NOW - timedelta(days=45)).date(), NOW.date()
    return reconciling.ask(*days, parts or PARTS, asked_by_id=None)


def _compare(reseller_id: int, run_jobs: Callable[..., None], *parts: Part) -> uuid.UUID:
    with bind(Scope(reseller_id)), transaction():
        run = _ask(*parts)
    run_jobs()
    return run


def _lines(reseller_id: int, run: uuid.UUID) -> list[tuple[str, str, str, bool]]:
    """Part, finding, what it is about (a call by its id), and whether it is still open."""
    with bind(Scope(reseller_id)):
        found = reconciling.lines(run, LineFilter(), rows=500).rows
        assert reconciling.find_run(run).state is RunState.READY
        session().rollback()
    return sorted((row.part, row.finding, _named(row), row.mended_at is None) for row in found)


def _named(row: reconciling.LineRow) -> str:
    return row.key.split("|")[0] if row.part == Part.CALLS else row.what.lstrip("+")
