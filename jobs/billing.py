"""The daily run: a task for some clients with something due, and for one where that fails."""

from __future__ import annotations

from jobs.runtime import job
from portal import billing, ledger
from portal.core.db import transaction
from portal.core.failpoints import failpoint
from portal.core.log import get_logger
from portal.core.queue import enqueue
from portal.tasks import BILL_CLIENT, BILL_CLIENTS

log = get_logger(__name__)


@job
def bill_due() -> None:
    """Accept the billing of every client with something due; of the same ones once a day.

    Runs every hour: a day begins at another hour in each zone, and a run that was missed is made up.
    """
    last: int | None = 0
    with transaction():
        today = ledger.posting_day()
    while last is not None:
        with transaction():
            clients = billing.clients_to_bill(today, after=last)
            if clients:
                first, last = clients[0], clients[-1]
                key = f"{BILL_CLIENTS.name}:{first}-{last}:{today}"
                enqueue(BILL_CLIENTS, once_key=key, first=first, last=last)
            else:
                last = None
    with transaction():
        billing.note_listed(today)


@job
def bill_clients(first: int, last: int) -> None:
    """Charge the clients from this key to that one together; where one fails, each by itself."""
    try:
        with transaction():
            ran = billing.bill_clients(_clients(first, last))
    except Exception:
        log.warning("billed_singly", first=first, last=last, exc_info=True)
        with transaction():
            _accept_singly(_clients(first, last))
        return
    failpoint("billing.committed")
    log.info("billed_together", first=first, last=last, clients=len(ran))


def _clients(first: int, last: int) -> list[int]:
    return billing.clients_to_bill(ledger.posting_day(), after=first - 1, until=last)


def _accept_singly(clients: list[int]) -> None:
    """A task for each, once a day: it is tried and given up without the others."""
    today = ledger.posting_day()
    for client_id in clients:
        key = f"{BILL_CLIENT.name}:{client_id}:{today}"
        enqueue(BILL_CLIENT, once_key=key, client_id=client_id)


@job
def bill_client(client_id: int) -> None:
    """Charge a client for everything that has fallen due, and suspend when it is not enough."""
    with transaction():
        ran = billing.bill_client(client_id)
    failpoint("billing.committed")
    if ran:
        log.info("billed", client=client_id, **ran._asdict() | {"amount": str(ran.amount)})
