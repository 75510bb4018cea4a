"""An insert that keeps to what is new says how much was new, on both databases."""

from __future__ import annotations

from flask import Flask

from portal.core import clock
from portal.core.db import insert_new, insert_once, transaction
from portal.core.outbox import OutboxTask


def row(key: str) -> dict[str, object]:
    return {
        "task": "send_mail",
        "arguments": {},
        "once_key": key,
        "state": "queued",
        "due_at": clock.now(),
        "lease_number": 0,
        "attempt": 0,
        "created_at": clock.now(),
    }


def test_only_new_rows_are_counted(app_on_each: Flask):
    with transaction():
        first = insert_new(OutboxTask, [row("a"), row("b")])
        mixed = insert_new(OutboxTask, [row("b"), row("c")])
        again = insert_new(OutboxTask, [row("a"), row("b"), row("c")])

    assert (first, mixed, again) == (2, 1, 0)


def test_a_second_insert_of_the_same_key_is_not_new(app_on_each: Flask):
    with transaction():
        outcomes = [insert_once(OutboxTask, row("a")), insert_once(OutboxTask, row("a"))]

    assert outcomes == [True, False]
