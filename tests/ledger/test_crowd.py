"""Many at once on one wallet: nothing is spent twice, lost, or refused by mistake."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask

from portal import ledger
from portal.core.db import db
from portal.core.money import Money
from portal.core.scope import Scope, bind
from portal.ledger import check
from tests import processes
from tests.ledger.conftest import Books
from tests.ledger.crowd import WORK

Crowd = Callable[..., list[int]]


@pytest.fixture
def crowd(each_database: str, tmp_path: Path) -> Crowd:
    """Run so many processes at once on the test's database; what each of them counted."""

    def run(work: str, crowd_size: int, books: Books, client: int, times: int) -> list[int]:
        gate = tmp_path / "gate"
        gate.mkdir()
        more = {"DATABASE_URL": each_database, "SECOND_CLIENT": str(books.soft)}
        started = [
            processes.start(
                "tests.ledger.crowd", work, str(number), str(books.reseller_id), str(client),
                str(times), str(gate), env={"PATH": os.environ["PATH"], **more},
            )
            for number in range(crowd_size)
        ]  # fmt: skip
        try:
            deadline = time.monotonic() + 60
            while len(list(gate.iterdir())) < crowd_size and time.monotonic() < deadline:
                time.sleep(0.02)
            (gate / "open").touch()
            ended = [process.wait(seconds=400) for process in started]
        finally:
            for process in started:
                process.kill()
        assert [one.returncode for one in ended] == [0] * crowd_size
        return [json.loads(one.stdout.splitlines()[-1]) for one in ended]

    return run


def test_eight_processes_spend_exactly_what_is_there(books: Books, crowd: Crowd):
    books.pay(books.hard, "0.001")

    accepted = crowd("hold", 8, books, books.hard, 200)

    assert sum(accepted) == 1_000, "of 1,600"
    with books.read():
        assert ledger.available(books.hard) == Money(0)
    assert list(check.findings()) == []


def together(app: Flask, books: Books, work: str, *, crowd: int, client: int, times: int) -> int:
    """So many threads at once, each with its own connection; what all of them counted."""
    gate = threading.Barrier(crowd)

    def run(number: int) -> int:
        with app.app_context(), bind(Scope(books.reseller_id)):
            gate.wait()
            try:
                return WORK[work](str(number), client, times)
            finally:
                db.session.remove()

    with ThreadPoolExecutor(crowd) as pool:
        return sum(pool.map(run, range(crowd)))


def test_one_credit_pays_for_one_of_ten_messages_sent_at_once(app_on_each: Flask, books: Books):
    books.pay(books.hard, "0.000001")

    accepted = together(app_on_each, books, "hold", crowd=10, client=books.hard, times=1)

    assert accepted == 1
    with books.read():
        assert ledger.available(books.hard) == Money(0)


def test_the_same_sources_from_four_sides_count_once(app_on_each: Flask, books: Books):
    new = together(app_on_each, books, "same", crowd=4, client=books.soft, times=40)

    assert new == 5 * 40
    with books.read():
        standing = ledger.standing(books.soft)
    assert (standing.balance, standing.held) == (Money(0), Money(0)), "40 × (5 - 3 - 2)"
    assert list(check.findings()) == []


def test_two_wallets_charged_in_both_orders_never_block_each_other(
    app_on_each: Flask, books: Books, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SECOND_CLIENT", str(books.soft))

    new = together(app_on_each, books, "both", crowd=4, client=books.hard, times=100)

    assert new == 800
    with books.read():
        assert ledger.balance_of(books.hard) == ledger.balance_of(books.soft) == Money(-400)
    assert list(check.findings()) == []
