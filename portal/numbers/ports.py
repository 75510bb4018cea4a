"""Fax numbers that clients ask to bring along from another carrier: asked, worked on, done or refused.

The work is the reseller's: every open request is on the list of what needs attention.
"""

from __future__ import annotations

import uuid

from sqlalchemy import select, update

from portal import identity
from portal.core import clock
from portal.core.db import only_one, session
from portal.core.errors import InvalidInput, NotFound, Refused
from portal.core.phone import international
from portal.identity import Visitor
from portal.numbers.models import FaxPort
from portal.numbers.values import PortAsk, PortRow, PortState

_OPEN = (PortState.ASKED, PortState.WORKING)
_SHOWN = 50
MOST_OPEN = 20
MOST_WORDS = 300


def ask_port(ask: PortAsk, *, client_id: int, reference: str, by: Visitor | None = None) -> None:
    """Keep a request; the same ``reference`` again is the same one. In a transaction.

    Refused while the same number is asked for already, and beyond 20 open requests.
    """
    identity.hold_open_client(client_id)
    if session().scalar(select(FaxPort.id).where(FaxPort.reference == reference)) is not None:
        return
    waiting = session().scalars(
        select(FaxPort.number).where(FaxPort.client_id == client_id, FaxPort.state.in_(_OPEN))
    )
    numbers = waiting.all()
    if ask.number in numbers:
        raise InvalidInput("You have asked for this number already.", field="number")
    if len(numbers) >= MOST_OPEN:
        raise Refused("Wait until some of your requests are done.", code="too_many_ports")
    session().add(
        FaxPort(
            client_id=client_id,
            reference=reference,
            number=ask.number,
            country=ask.country,
            facts={
                "company": ask.company, "first_name": ask.first_name, "last_name": ask.last_name,
                "street": ask.street, "city": ask.city, "region": ask.region,
                "postal_code": ask.postal_code, "provider": ask.provider,
                "provider_account": ask.provider_account, "notes": ask.notes,
            },
            state=PortState.ASKED,
            asked_by=by.name[:120] if by else "",
        )
    )  # fmt: skip
    session().flush()
    identity.record(
        "numbers.port_asked", by=by, client_id=client_id, number=international(ask.number)
    )


def ports_of(client_id: int) -> list[PortRow]:
    """A client's requests, the newest first."""
    return _rows(FaxPort.client_id == client_id)


def open_ports() -> list[PortRow]:
    """What the reseller has to work on, the newest first."""
    return _rows(FaxPort.state.in_(_OPEN))


def find_port(public_id: uuid.UUID) -> PortRow:
    """One request of the reseller's clients."""
    found = _rows(FaxPort.public_id == public_id)
    if not found:
        raise NotFound("There is no such request.")
    return found[0]


def answer_port(
    public_id: uuid.UUID, state: PortState, words: str, *, was: PortState, by: Visitor | None = None
) -> None:
    """Say how far a request is; the client reads the words. In a transaction.

    Refused when somebody else has changed it since the page showed ``was``.
    """
    if len(words.strip()) > MOST_WORDS:
        raise InvalidInput("Write at most 300 characters.", field="words")
    if state is PortState.REFUSED and not words.strip():
        raise InvalidInput("Say why, so that the client can do something.", field="words")
    port = find_port(public_id)
    mine = only_one(
        update(FaxPort)
        .where(FaxPort.id == port.id, FaxPort.state == was)
        .values(state=state, words=words.strip(), changed_at=clock.now())
    )
    if not mine:
        raise Refused("Somebody else has just changed this.", code="changed")
    identity.record(
        "numbers.port_answered", by=by, client_id=port.client_id,
        number=international(port.number), state=state.value,
    )  # fmt: skip


def _rows(*where: object) -> list[PortRow]:
    found = session().scalars(
        select(FaxPort)
        .where(*where)  # type: ignore[arg-type]
        .order_by(FaxPort.id.desc())
        .limit(_SHOWN)
        .execution_options(populate_existing=True)
    )
    return [
        PortRow(
            row.id, row.public_id, row.client_id or 0, row.number, row.country, dict(row.facts),
            PortState(row.state), row.words, row.asked_by, row.created_at, row.changed_at,
        )
        for row in found
    ]  # fmt: skip
