"""``portal bill``: says what it would do, does it, and a second time finds nothing."""

from __future__ import annotations

import os

from flask import Flask

from portal.core.money import Money
from portal.ledger import posting_day
from tests import processes
from tests.billing.conftest import open_till
from tests.calls.conftest import books_are_right


def test_the_operator_looks_bills_and_bills_again(
    app: Flask, environment: dict[str, str], database_url: str
) -> None:
    till = open_till()
    with till.reading():
        today = posting_day()
    client = till.client()
    till.line(client, first_day=today)

    def bill(*words: str) -> str:
        env = os.environ | environment | {"DATABASE_URL": database_url}
        done = processes.run("portal.cli", "bill", *words, env=env)
        assert done.returncode == 0, done.stderr
        return done.stdout

    seen = bill("--dry-run")
    assert till.balance(client) == Money(0)
    done, again = bill("--reseller", "100482"), bill()

    assert f"{today} package Gold: 10.000000" in seen
    assert "1 charged (10.000000), 0 unpaid, 0 skipped." in done
    assert (again, till.balance(client)) == ("", -Money.of("10"))
    assert books_are_right()
