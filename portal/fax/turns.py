"""Whose fax goes first: nobody waits until all the faxes of somebody else are gone."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from portal.core import clock
from portal.core.db import session
from portal.core.queue import enqueue
from portal.core.scope import unscoped
from portal.fax.models import Fax
from portal.fax.values import FaxState
from portal.tasks import DELIVER_FAX

# So many more than a client who waits may a client have handed over lately.
AHEAD = 3
LATELY = timedelta(minutes=10)
# Behind the others at once, then after a pause; so often, lest one that is stuck stops the others.
MOST_TIMES = 20
_PAUSE = timedelta(seconds=2)


def gives_way(fax_id: int, *, times: int) -> bool:
    """Let this fax go behind those of clients who were served less lately. Has it?

    ``times`` is how often it did already. In the caller's transaction.
    """
    fax = session().execute(select(Fax.client_id, Fax.state).where(Fax.id == fax_id)).first()
    if fax is None or fax.state != FaxState.QUEUED or times >= MOST_TIMES:
        return False
    with unscoped("the faxes of all resellers wait in one queue"):
        served = _served()
        most = served.get(fax.client_id, 0) - AHEAD
        if most < 0 or not any(served.get(one, 0) <= most for one in _waiting(fax.client_id)):
            return False
    due_at = clock.now() + _PAUSE if times else None
    enqueue(DELIVER_FAX, due_at=due_at, fax_id=fax_id, gave_way=times + 1)
    return True


def _served() -> dict[int | None, int]:
    """How many faxes of each client were handed over lately."""
    rows = session().execute(
        select(Fax.client_id, func.count(Fax.id))
        .where(Fax.handed_over_at > clock.now() - LATELY)
        .group_by(Fax.client_id)
    )
    return {row[0]: row[1] for row in rows}


def _waiting(client_id: int | None) -> list[int | None]:
    """Other clients with faxes that could go out now; those put off by the carrier cannot."""
    return list(
        session().scalars(
            select(Fax.client_id)
            .where(
                Fax.state == FaxState.QUEUED,
                Fax.error_code == "",
                func.coalesce(Fax.due_at, Fax.at) <= clock.now(),
                Fax.client_id != client_id,
            )
            .distinct()
        )
    )
