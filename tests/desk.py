"""A reseller at the practice carrier, with two clients: what tests of texts and of faxes share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from portal import carriers, ledger
from portal.core import clock
from portal.core.db import session, transaction
from portal.core.money import Money
from portal.core.outbox import OutboxTask
from portal.core.queue import enqueue
from portal.core.scope import Scope, bind, unscoped
from portal.tasks import Task
from tests.carrier import Carrier


@dataclass
class AtCarrier:
    """The reseller, its two clients, and the carrier where all of it really happens."""

    reseller_id: int
    client_id: int
    other_id: int
    carrier: Carrier

    @contextmanager
    def writing(self, client_id: int | None = None) -> Iterator[None]:
        with bind(Scope(self.reseller_id, client_id)), transaction():
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        with bind(Scope(self.reseller_id)):
            session().rollback()
            yield
            session().rollback()

    def pay(self, amount: str, client_id: int | None = None) -> None:
        with self.writing():
            ledger.credit(
                client_id or self.client_id, Money.of(amount), source_type="manual",
                source_id=f"{amount} {clock.now()}", kind="payment",
            )  # fmt: skip

    def standing(self, client_id: int | None = None) -> tuple[Money, Money]:
        """Balance and what is held of it."""
        with self.reading():
            found = ledger.standing(client_id or self.client_id)
        return found.balance, found.held

    def accept(self, task: Task, **ids: int) -> int:
        """Accept a task; its outbox row."""
        with self.writing():
            enqueue(task, **ids)
        return self.newest_task()

    def newest_task(self, task: Task | None = None) -> int:
        """The row that was accepted last, of a task or of any."""
        rows = select(OutboxTask.id).order_by(OutboxTask.id.desc()).limit(1)
        with unscoped("a test"):
            found = session().scalar(
                rows if task is None else rows.where(OutboxTask.task == task.name)
            )
            session().rollback()
        return found or 0

    def fault(self, kind: str, *, method: str, calls: int = 1, **more: Any) -> None:
        self.carrier.post("faults", kind=kind, method=method, calls=calls, **more)

    def well_again(self) -> None:
        """The carrier's faults are over, and our memory of them."""
        self.carrier.control("faults/clear", {})
        carriers.forget_outages()
