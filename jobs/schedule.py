"""The only list of periodic work. A tick accepts outbox rows; running it twice changes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from portal import identity, upstream
from portal.core import clock
from portal.core.db import transaction
from portal.core.queue import enqueue
from portal.core.scope import Scope, bind, unscoped
from portal.tasks import (
    ANONYMISE_CLOSED,
    BILL_DUE,
    BY_NAME,
    CHECK_BOOKS,
    IMPORT_CALLS,
    IMPORT_CHARGES,
    IMPORT_FAXES,
    IMPORT_MESSAGES,
    IMPORT_RECORDINGS,
    ISSUE_INVOICES,
    ISSUE_RECEIPTS,
    LOOK_AT_PAYMENTS,
    PURGE_EXPIRED,
    REFRESH_FAX_PORTS,
    REFRESH_NUMBERS,
    REFRESH_RATES,
    SEND_REPORTS,
    Task,
)


@dataclass(frozen=True, slots=True)
class Every:
    """A task, how often (seconds), and whether each reseller gets its own.

    ``only_connected``: only those with a carrier account do.
    """

    task: Task
    seconds: int
    per_reseller: bool = True
    only_connected: bool = True


SCHEDULE: tuple[Every, ...] = (
    Every(IMPORT_CALLS, 60),
    Every(IMPORT_RECORDINGS, 3_600),
    Every(IMPORT_MESSAGES, 300),
    Every(IMPORT_FAXES, 300),
    Every(IMPORT_CHARGES, 21_600),
    Every(REFRESH_NUMBERS, 900),
    Every(REFRESH_FAX_PORTS, 1_800),
    Every(REFRESH_RATES, 86_400),
    Every(BILL_DUE, 3_600, only_connected=False),
    Every(ISSUE_INVOICES, 3_600, only_connected=False),
    Every(ISSUE_RECEIPTS, 300, only_connected=False),
    Every(SEND_REPORTS, 300, per_reseller=False),
    Every(CHECK_BOOKS, 86_400, per_reseller=False),
    Every(LOOK_AT_PAYMENTS, 3_600, per_reseller=False),
    Every(PURGE_EXPIRED, 3_600, per_reseller=False),
    Every(ANONYMISE_CLOSED, 86_400, per_reseller=False),
)


def tick(task_name: str, seconds: int, per_reseller: bool, only_connected: bool = True) -> None:
    """Accept one round of a periodic task. The round's number is in the key, so it exists once."""
    task = BY_NAME[task_name]
    slot = int(clock.now().timestamp()) // seconds
    if not per_reseller:
        with unscoped(f"the periodic task {task_name}"), transaction():
            enqueue(task, once_key=f"{task_name}:{slot}")
        return
    with unscoped(f"fan-out of {task_name}"):
        resellers = upstream.connected_reseller_ids() if only_connected else identity.reseller_ids()
    for reseller_id in resellers:
        with bind(Scope(reseller_id)), transaction():
            enqueue(task, once_key=f"{task_name}:{reseller_id}:{slot}")
