"""Months of the books: kept with each posting, and filled for books that were there before."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select, update

from portal.core import schema
from portal.core.db import session, transaction
from portal.core.money import Money
from portal.core.scope import unscoped
from portal.ledger import check
from portal.ledger.models import CostMonth, LedgerMonth
from tests.world import World

_LINES = (
    "reseller_id, client_id, owner, sub_account, did, {0}, calls, answered, seconds, billed_seconds,"
    " price, cost FROM call_line_{0}s"
)
_BOOKS = "client_id, month, account, reason, items, seconds, amount"


def test_the_proof_sees_a_month_that_does_not_follow(world: World) -> None:
    with unscoped("a test"), transaction():
        assert list(check.findings()) == []
        first = session().scalars(select(LedgerMonth.id).order_by(LedgerMonth.id)).first()
        wrong = LedgerMonth.amount + Money(1)
        session().execute(update(LedgerMonth).where(LedgerMonth.id == first).values(amount=wrong))
        session().execute(delete(CostMonth).where(CostMonth.kind == "text"))

    found = " ".join(check.findings())

    assert "is 0.000001 and 0 items away from its transfers" in found
    assert "The months' cost of text for client" in found


def test_a_migration_fills_the_months_of_books_that_were_there(
    world_template: tuple[Path, World], tmp_path: Path
) -> None:
    old = tmp_path / "old.db"
    shutil.copyfile(world_template[0], old)
    schema.downgrade(f"sqlite:///{old}", "0030")
    schema.upgrade(f"sqlite:///{old}")

    assert _months(old) == _months(world_template[0])
    assert [len(rows) > 2 for rows in _months(old)] == [True] * 4


def _months(path: Path) -> tuple[set[Any], ...]:
    """The months of the books, what each owner's things cost in all, and calls by sub-account and number."""
    with closing(sqlite3.connect(path)) as connection:
        books = connection.execute(f"SELECT {_BOOKS} FROM ledger_months")
        costs = connection.execute(
            "SELECT owner, kind, sum(amount) FROM cost_months GROUP BY owner, kind"
        )
        lines = (connection.execute(f"SELECT {_LINES.format(at)}") for at in ("day", "month"))
        return set(books), set(costs), *map(set, lines)
