"""How a request to bring a number along goes to the carrier, and what becomes of it there.

That the carrier is about to be asked is written down first. A run that ends without an answer leaves
the request unknown: it is looked for in the carrier's list, and never made a second time by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update

from portal.core import clock
from portal.core.db import only_one, session
from portal.core.queue import enqueue
from portal.core.sentences import N_
from portal.numbers.inventory import fax_did
from portal.numbers.models import FaxPort
from portal.numbers.values import PortNote, PortState, PortWork
from portal.tasks import WORK_FAX_PORT

OPEN = (PortState.ASKED, PortState.WORKING)
# When one that may be at the carrier is looked for there.
LOOK_AFTER = (
    timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(minutes=60),
)  # fmt: skip
_NOTES = 30
_ENDS = {
    "completed": PortState.DONE, "cancelled": PortState.REFUSED, "rejected": PortState.REFUSED,
}  # fmt: skip
_LOST = N_(
    "Nobody knows whether the carrier has this request. Look there before it is asked again."
)


def work_later(port: FaxPort | PortWork, *, at: datetime | None = None, attempt: int = 1) -> None:
    """Let its job have it. In a transaction."""
    enqueue(WORK_FAX_PORT, due_at=at, port_id=port.id, attempt=attempt)


def take_port(port_id: int) -> PortWork | None:
    """Take a request in hand; None when it is over. In a transaction."""
    port = _fresh(port_id)
    if port is None or port.state not in OPEN:
        return None
    port.lease_number += 1
    session().flush()
    others = session().scalars(
        select(FaxPort.carrier_port).where(FaxPort.carrier_port != "", FaxPort.id != port.id)
    )
    return PortWork(
        port.id, port.lease_number, port.number, port.country, dict(port.facts),
        port.handed_at is not None, port.carrier_port,
        "" if port.bill_sent_at else port.bill, frozenset(others),
    )  # fmt: skip


def may_hand(work: PortWork) -> bool:
    """Write down that the carrier is asked now; False when somebody else has it. In a transaction."""
    return _change(work, FaxPort.handed_at.is_(None), handed_at=clock.now(), problem="")


def port_known(work: PortWork, port: str) -> bool:
    """The carrier has it, under this id. In a transaction."""
    return _change(
        work, carrier_port=port, state=PortState.WORKING, problem="", changed_at=clock.now()
    )


def port_not_taken(work: PortWork, problem: str, *, again_at: datetime | None) -> None:
    """It certainly did not get there: tried again, or staff have to look. In a transaction."""
    if _change(work, handed_at=None, problem=problem[:300]) and again_at is not None:
        work_later(work, at=again_at)


def port_unknown(work: PortWork, *, attempt: int) -> None:
    """It may be there: looked for a few times more, then staff have to look. In a transaction."""
    if attempt <= len(LOOK_AFTER):
        work_later(work, at=clock.now() + LOOK_AFTER[attempt - 1], attempt=attempt + 1)
    else:
        _change(work, problem=_LOST)


def bill_sent(work: PortWork) -> None:
    """The carrier has the bill. In a transaction."""
    _change(work, bill_sent_at=clock.now(), problem="")


def bill_refused(work: PortWork, problem: str) -> None:
    """The carrier does not take the bill: staff have to look. In a transaction."""
    _change(work, problem=problem[:300])


def ports_at_carrier() -> list[tuple[int, str]]:
    """Open requests that the carrier has, by our id and its own."""
    found = session().execute(
        select(FaxPort.id, FaxPort.carrier_port)
        .where(FaxPort.state.in_(OPEN), FaxPort.carrier_port != "")
        .order_by(FaxPort.id)
    )
    return [(row.id, row.carrier_port) for row in found]


def port_seen(port_id: int, status: str, notes: Sequence[PortNote]) -> None:
    """What the carrier says now; one that is completed is a number of ours. In a transaction."""
    port = _fresh(port_id)
    if port is None or port.state not in OPEN:
        return
    written = [
        {"at": one.at.isoformat() if one.at else "", "text": one.text} for one in notes[-_NOTES:]
    ]
    state = _ENDS.get(status, PortState.WORKING)
    if (port.state, port.carrier_state, port.carrier_notes) == (state, status, written):
        return
    port.state, port.carrier_state, port.carrier_notes = state, status, written
    port.changed_at = clock.now()
    if state is PortState.DONE:
        fax_did(port.number, "")
    session().flush()


def _change(work: PortWork, *where: object, **values: object) -> bool:
    return only_one(
        update(FaxPort)
        .where(
            FaxPort.id == work.id, FaxPort.lease_number == work.lease_number,
            FaxPort.state.in_(OPEN), *where,  # type: ignore[arg-type]
        )
        .values(**values)
    )  # fmt: skip


def _fresh(port_id: int) -> FaxPort | None:
    port: FaxPort | None = session().scalar(
        select(FaxPort).where(FaxPort.id == port_id).execution_options(populate_existing=True)
    )
    return port
