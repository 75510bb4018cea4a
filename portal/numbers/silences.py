"""Numbers whose calls go nowhere while their client is suspended, and back where they went before."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import select, update

from portal import upstream
from portal.core import scope
from portal.core.db import session
from portal.core.queue import enqueue
from portal.numbers.models import Did
from portal.numbers.queries import dids_of
from portal.tasks import SILENCE_NUMBER

SILENT = "sys:noservice"


class Silence(NamedTuple):
    """A number to be silenced, or to be heard again; ``held`` is where its calls went before."""

    did_id: int
    number: str
    silent: bool
    held: str


def silence_later(client_id: int) -> None:
    """Accept that the voice numbers of a client are brought in line, with the caller's transaction."""
    if not upstream.is_connected():
        return
    for row in dids_of(client_id):
        if row.kind == "voice" and not row.is_gone:
            enqueue(SILENCE_NUMBER, did_id=row.id)


def open_silence(did_id: int, *, silent: bool) -> Silence | None:
    """What has to be done for a number now; None when nothing."""
    row = session().scalar(select(Did).where(Did.id == did_id))
    if row is None or row.gone_at is not None or not (silent or row.held_routing):
        return None
    return Silence(did_id, row.number, silent, row.held_routing)


def hold_routing(did_id: int, routing: str) -> None:
    """Remember where a number's calls go, before they go nowhere. In a transaction."""
    _set(did_id, held_routing=routing[:120])


def routed(did_id: int, routing: str, *, held: bool) -> None:
    """Write down where a number's calls go now; not ``held``: what was remembered is over."""
    if held:
        _set(did_id, routing=routing[:120])
    else:
        _set(did_id, routing=routing[:120], held_routing="")


def _set(did_id: int, **values: str) -> None:
    session().execute(
        update(Did)
        .where(Did.reseller_id == scope.reseller_id(), Did.id == did_id)
        .values(**values),
        execution_options={"synchronize_session": False},
    )
