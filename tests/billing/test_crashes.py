"""Killed at every point of the billing run, on both databases, and two runners at once: one charge each."""

from __future__ import annotations

import os
from collections import Counter
from datetime import date

import time_machine
from flask import Flask
from sqlalchemy import select

from portal.core.db import session
from portal.core.money import Money
from portal.core.outbox import OutboxTask
from portal.core.queue import enqueue
from portal.core.scope import unscoped
from portal.identity import BalanceMode
from portal.ledger import posting_day
from portal.mail.models import OutgoingMail
from portal.tasks import BILL_CLIENT, BILL_CLIENTS
from tests import processes
from tests.billing.conftest import NUMBER, Till, open_till
from tests.calls.conftest import books_are_right
from tests.worker import bring_forward, work

POINTS = (
    "billing.locked",
    "billing.listed",
    "billing.charged",
    "billing.committed",
    "billing.deciding",
    "billing.decided",
    "billing.warned",
)


def due_today(till: Till, many: int, *, money: str) -> list[int]:
    """Clients to whom a package and a number fall due today; HARD, and warned below 20."""
    with till.reading():
        today = posting_day()
    clients = []
    for _ in range(many):
        client = till.client(mode=BalanceMode.HARD, money=money, threshold=Money.of("20"))
        till.line(client, first_day=today)
        clients.append(client)
    return clients


def accept(till: Till, clients: list[int]) -> list[str]:
    """A task for each; their outbox rows."""
    with till.writing():
        for client in clients:
            enqueue(BILL_CLIENT, once_key=f"test:{client}", client_id=client)
    with unscoped("a test"):
        rows = session().execute(
            select(OutboxTask.once_key, OutboxTask.id).where(
                OutboxTask.once_key.startswith("test:")
            )
        )
        found = {row.once_key: str(row.id) for row in rows}
        session().rollback()
    return [found[f"test:{client}"] for client in clients]


def accept_together(till: Till, pairs: list[tuple[int, int]]) -> list[str]:
    """A task for each two neighbours; their outbox rows."""
    with till.writing():
        for first, last in pairs:
            enqueue(BILL_CLIENTS, once_key=f"pair:{first}", first=first, last=last)
    with unscoped("a test"):
        rows = session().execute(
            select(OutboxTask.once_key, OutboxTask.id).where(
                OutboxTask.once_key.startswith("pair:")
            )
        )
        found = {row.once_key: str(row.id) for row in rows}
        session().rollback()
    return [found[f"pair:{first}"] for first, _ in pairs]


def die(words: list[str], environment: dict[str, str]) -> processes.Running:
    """Rows and failpoints, in pairs, in a process of their own."""
    return processes.start("tests.billing.die_in_turn", *words, env={**os.environ, **environment})


def mails_to(till: Till, client: int) -> Counter[str]:
    with till.reading():
        return Counter(
            session().scalars(select(OutgoingMail.name).where(OutgoingMail.client_id == client))
        )


def test_a_run_killed_at_each_point_charges_suspends_and_warns_once(
    app_on_each: Flask, each_database: str, environment: dict[str, str]
) -> None:
    till = open_till()
    # Enough for the package, to the last cent.
    clients = [single, *together] = due_today(till, 1 + 2 * len(POINTS), money="10")
    rows = accept(till, [single])
    rows += accept_together(till, list(zip(together[::2], together[1::2], strict=True)))
    points = ["billing.committed", *POINTS]
    pairs = [word for pair in zip(rows, points, strict=True) for word in pair]

    said = die(pairs, environment | {"DATABASE_URL": each_database}).wait().stdout
    for _ in range(3):  # three restarts in a row
        bring_forward()
        work(later=True)

    assert said.split() == [word for point in points for word in (point, "-9")]
    for client in clients:
        assert [fee[3] for fee in till.fees(client)] == ["paid"]
        assert (till.balance(client), till.status(client)) == (Money(0), "suspended")
        assert mails_to(till, client) == {"suspended": 1, "low_balance": 1}
    assert books_are_right()


def test_two_runners_at_once_charge_each_client_once(
    app_on_each: Flask, each_database: str, environment: dict[str, str]
) -> None:
    till = open_till()
    clients = due_today(till, 6, money="25")
    for client in clients:
        till.number(client, NUMBER)
    words = [word for row in accept(till, clients) for word in (row, "nowhere")]
    settings = environment | {"DATABASE_URL": each_database}

    # The second has tasks of its own: the outbox would give each row to one of them only.
    with till.writing():
        enqueue(BILL_CLIENTS, first=clients[0], last=clients[-1])
        for client in clients:
            enqueue(BILL_CLIENT, client_id=client)
    one = die(words, settings)
    work()
    one.wait()

    for client in clients:
        assert [fee[3] for fee in till.fees(client)] == ["paid"]
        assert till.balance(client) == Money.of("12.50")
    assert books_are_right()


def test_a_clock_set_back_by_two_hours_over_midnight_charges_nothing_again(app: Flask) -> None:
    with time_machine.travel("2026-03-10T15:00:00+00:00"):
        till = open_till()
        client = till.client()
        till.line(client, first_day=date(2026, 3, 11))
    for moment in ("2026-03-11T04:30", "2026-03-11T02:30", "2026-03-11T04:30"):
        with time_machine.travel(f"{moment}:00+00:00"):
            till.bill(client)

    assert till.balance(client) == -Money.of("10")
