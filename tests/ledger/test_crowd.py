"""Many processes on one wallet: nothing is spent twice, lost, or refused by mistake."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from portal import ledger
from portal.config import PROJECT
from portal.core.money import Money
from portal.ledger import check
from tests.ledger.conftest import Books

Crowd = Callable[..., list[int]]


@pytest.fixture
def crowd(each_database: str, tmp_path: Path) -> Crowd:
    """Run so many processes at once on the test's database; what each of them counted."""

    def run(work: str, processes: int, books: Books, client: int, times: int) -> list[int]:
        gate = tmp_path / "gate"
        gate.mkdir()
        more = {"DATABASE_URL": each_database, "SECOND_CLIENT": str(books.soft)}
        started = [
            subprocess.Popen(
                [
                    *(sys.executable, "-m", "tests.ledger.crowd", work, str(number)),
                    *(str(books.reseller_id), str(client), str(times), str(gate)),
                ],
                cwd=PROJECT,
                env={"PATH": os.environ["PATH"], **more},
                stdout=subprocess.PIPE,
                text=True,
            )
            for number in range(processes)
        ]
        try:
            deadline = time.monotonic() + 60
            while len(list(gate.iterdir())) < processes and time.monotonic() < deadline:
                time.sleep(0.02)
            (gate / "open").touch()
            counted = [process.communicate(timeout=120)[0] for process in started]
        finally:
            for process in started:
                process.kill()
                process.wait()
        assert [process.returncode for process in started] == [0] * processes
        return [json.loads(text.splitlines()[-1]) for text in counted]

    return run


def test_eight_processes_spend_exactly_what_is_there(books: Books, crowd: Crowd):
    books.pay(books.hard, "0.001")

    accepted = crowd("hold", 8, books, books.hard, 200)

    assert sum(accepted) == 1_000, "of 1,600"
    with books.read():
        assert ledger.available(books.hard) == Money(0)
    assert list(check.findings()) == []


def test_one_credit_pays_for_one_of_ten_messages_sent_at_once(books: Books, crowd: Crowd):
    books.pay(books.hard, "0.000001")

    accepted = crowd("hold", 10, books, books.hard, 1)

    assert sorted(accepted) == [0] * 9 + [1]
    with books.read():
        assert ledger.available(books.hard) == Money(0)


def test_the_same_sources_from_four_processes_count_once(books: Books, crowd: Crowd):
    new = crowd("same", 4, books, books.soft, 40)

    assert sum(new) == 5 * 40
    with books.read():
        standing = ledger.standing(books.soft)
    assert (standing.balance, standing.held) == (Money(0), Money(0)), "40 × (5 - 3 - 2)"
    assert list(check.findings()) == []


def test_two_wallets_charged_in_both_orders_never_block_each_other(books: Books, crowd: Crowd):
    new = crowd("both", 4, books, books.hard, 100)

    assert sum(new) == 800
    with books.read():
        assert ledger.balance_of(books.hard) == ledger.balance_of(books.soft) == Money(-400)
    assert list(check.findings()) == []
