"""Fax numbers that clients ask to bring along from another carrier: asked, worked on, done or refused.

A job hands each request to the carrier (``port_work``); staff see every open one on the list of what
needs attention, and may answer by hand.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from sqlalchemy import select, update

from portal import identity
from portal.core import clock, storage
from portal.core.db import only_one, session
from portal.core.errors import InvalidInput, NotFound, Refused
from portal.core.phone import international
from portal.core.scope import Scope, bind, reseller_id
from portal.identity import Visitor
from portal.numbers.models import Did, DidLink, FaxPort
from portal.numbers.port_work import OPEN, work_later
from portal.numbers.values import PortAsk, PortNote, PortRow, PortState

_SHOWN = 50
MOST_OPEN = 20
MOST_WORDS = 300
MOST_BILL_BYTES = 4_000_000
_BILLS = {b"%PDF-": "pdf", b"\xff\xd8\xff": "jpg"}
_UNCONNECTED_FOR = timedelta(days=60)


def ask_port(
    ask: PortAsk, *, client_id: int, reference: str, bill: bytes = b"", by: Visitor | None = None
) -> None:
    """Keep a request; the same ``reference`` again is the same one. In a transaction.

    ``bill`` is the other carrier's last one, a PDF or a photograph. Refused while the same number is
    asked for already or here, and beyond 20 open requests.
    """
    identity.hold_open_client(client_id)
    if session().scalar(select(FaxPort.id).where(FaxPort.reference == reference)) is not None:
        return
    waiting = session().scalars(
        select(FaxPort.number).where(FaxPort.client_id == client_id, FaxPort.state.in_(OPEN))
    )
    numbers = waiting.all()
    if ask.number in numbers:
        raise InvalidInput("You have asked for this number already.", field="number")
    if _is_here(ask.number):
        raise InvalidInput(
            "This number is here already, or on its way. Ask us about it.", field="number"
        )
    if len(numbers) >= MOST_OPEN:
        raise Refused("Wait until some of your requests are done.", code="too_many_ports")
    port = FaxPort(
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
        bill=_kept(bill) if bill else "",
    )  # fmt: skip
    session().add(port)
    session().flush()
    work_later(port)
    identity.record(
        "numbers.port_asked", by=by, client_id=client_id, number=international(ask.number)
    )


def _is_here(number: str) -> bool:
    """Is it one of the reseller's numbers, whoever has it, or does another client bring it along?"""
    did = select(Did.id).where(Did.number == number, Did.gone_at.is_(None))
    port = select(FaxPort.id).where(FaxPort.number == number, FaxPort.state.in_(OPEN))
    with bind(Scope(reseller_id())):
        return any(session().scalar(one.limit(1)) is not None for one in (did, port))


def ports_of(client_id: int) -> list[PortRow]:
    """A client's requests, the newest first."""
    return _rows(FaxPort.client_id == client_id)


def open_ports() -> list[PortRow]:
    """What the reseller has to work on, the newest first."""
    return _rows(FaxPort.state.in_(OPEN))


def arrived_ports() -> list[PortRow]:
    """Numbers that have come, and that nobody is connected to yet."""
    free = (
        select(Did.number)
        .where(
            Did.gone_at.is_(None),
            ~select(DidLink.id)
            .where(DidLink.did_id == Did.id, DidLink.valid_to.is_(None))
            .exists(),
        )
        .scalar_subquery()
    )
    return _rows(
        FaxPort.state == PortState.DONE,
        FaxPort.changed_at > clock.now() - _UNCONNECTED_FOR,
        FaxPort.number.in_(free),
    )


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


def hand_again(public_id: uuid.UUID, *, by: Visitor | None = None) -> None:
    """Have the carrier asked anew: staff know that it has nothing of this request. In a transaction."""
    port = find_port(public_id)
    mine = port.may_be_handed and only_one(
        update(FaxPort)
        .where(
            FaxPort.id == port.id, FaxPort.state.in_(OPEN), FaxPort.carrier_port == "",
            FaxPort.problem != "",
        )
        .values(handed_at=None, problem="")
    )  # fmt: skip
    if not mine:
        raise Refused("Somebody else has just changed this.", code="changed")
    row = session().scalar(
        select(FaxPort).where(FaxPort.id == port.id).execution_options(populate_existing=True)
    )
    assert row is not None
    work_later(row)
    identity.record(
        "numbers.port_handed", by=by, client_id=port.client_id, number=international(port.number)
    )


def _kept(bill: bytes) -> str:
    ending = next((ending for begins, ending in _BILLS.items() if bill.startswith(begins)), None)
    if ending is None:
        raise InvalidInput("Choose a PDF or a JPEG.", field="bill")
    if len(bill) > MOST_BILL_BYTES:
        raise InvalidInput("The file may have at most 4 MB.", field="bill")
    path = storage.draft(ending=ending)
    path.write_bytes(bill)
    return storage.keep(path, ending=ending)


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
            row.bill, row.bill_sent_at, row.handed_at, row.carrier_port, row.carrier_state,
            tuple(_note(one) for one in row.carrier_notes), row.problem,
        )
        for row in found
    ]  # fmt: skip


def _note(kept: dict[str, str]) -> PortNote:
    return PortNote(datetime.fromisoformat(kept["at"]) if kept["at"] else None, kept["text"])
