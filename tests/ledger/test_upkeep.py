"""The daily proof says what is wrong, and upkeep forgets only what may be forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import create_engine, select, text

from jobs import upkeep
from portal.core import clock
from portal.core.db import insert_new, session, transaction
from portal.core.outbox import OutboxTask
from portal.core.scope import unscoped
from tests.ledger.conftest import Books


def task(key: str | None, *, days: int, state: str = "done") -> dict[str, object]:
    at = clock.now() - timedelta(days=days)
    return {
        "task": "import_calls",
        "arguments": {"name": key or "plain"},
        "once_key": key,
        "state": state,
        "due_at": at,
        "lease_number": 1,
        "attempt": 1,
        "created_at": at,
        "finished_at": at if state == "done" else None,
    }


def test_a_task_that_was_done_long_ago_is_forgotten_but_a_key_that_counts_for_ever_is_not(
    app_on_each: Flask,
):
    with transaction():
        insert_new(
            OutboxTask,
            [
                task(None, days=30),
                task("import_calls:7:123", days=30),
                task("import_calls:7:456", days=1),
                task("welcome:9", days=30),
                task("import_calls:7:1", days=30, state="queued"),
            ],
        )

    for _ in range(2):
        with unscoped("upkeep"):
            upkeep.purge_expired()

    kept = session().scalars(select(OutboxTask.once_key).order_by(OutboxTask.id)).all()
    assert kept == ["import_calls:7:456", "welcome:9", "import_calls:7:1"]


def test_the_daily_proof_logs_each_fault_and_changes_nothing(
    books: Books, each_database: str, caplog: pytest.LogCaptureFixture
):
    engine = create_engine(each_database)
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE ledger_balances SET balance = 7 WHERE client_id = :client"),
            {"client": books.hard},
        )
    engine.dispose()

    for _ in range(2):
        with unscoped("upkeep"):
            upkeep.check_books()

    assert caplog.text.count("The balance of client 200001") == 2
