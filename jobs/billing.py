"""The daily run: a task for each client with something due, each a transaction of its own."""

from __future__ import annotations

from jobs.runtime import job
from portal import billing, ledger
from portal.core.db import transaction
from portal.core.failpoints import failpoint
from portal.core.log import get_logger
from portal.core.queue import enqueue
from portal.tasks import BILL_CLIENT

log = get_logger(__name__)


@job
def bill_due() -> None:
    """Accept the billing of every client with something due; of a client once a day.

    Runs every hour: a day begins at another hour in each zone, and a run that was missed is made up.
    """
    last: int | None = 0
    with transaction():
        today = ledger.posting_day()
    while last is not None:
        with transaction():
            clients = billing.clients_to_bill(today, after=last)
            for client_id in clients:
                enqueue(
                    BILL_CLIENT,
                    once_key=f"{BILL_CLIENT.name}:{client_id}:{today}",
                    client_id=client_id,
                )
        last = clients[-1] if clients else None
    with transaction():
        billing.note_listed(today)


@job
def bill_client(client_id: int) -> None:
    """Charge a client for everything that has fallen due, and suspend when it is not enough."""
    with transaction():
        ran = billing.bill_client(client_id)
    failpoint("billing.committed")
    if ran:
        log.info("billed", client=client_id, **ran._asdict() | {"amount": str(ran.amount)})
