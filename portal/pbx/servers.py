"""SIP servers as clients see them: the reseller's own DNS names for the carrier's points of presence."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from portal.carriers import ServerPop
from portal.core import clock, dns
from portal.core.db import session
from portal.core.errors import InvalidInput, NotFound
from portal.identity import Visitor, record
from portal.pbx.models import SipServer

_NAME = re.compile(
    r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
)


@dataclass(frozen=True, slots=True)
class ServerRow:
    """A server of the carrier; ``is_right`` None: its own name was not looked at, or nobody answered."""

    public_id: uuid.UUID
    place: str
    hostname: str
    address: str
    own_name: str
    found: str
    is_right: bool | None
    checked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Found:
    """What DNS said of an own name."""

    words: str
    is_right: bool | None


def record_servers(listed: Sequence[ServerPop]) -> None:
    """Bring the servers in line with what the carrier has just listed; own names stay."""
    known = {row.pop: row for row in session().scalars(select(SipServer))}
    for pop in listed:
        row = known.pop(pop.pop, None)
        if row is None:
            row = SipServer(pop=pop.pop[:20])
            session().add(row)
        row.place, row.hostname, row.address = (
            pop.name[:120],
            pop.hostname[:253].lower(),
            pop.ip[:45],
        )
        row.gone_at = None
    for row in known.values():
        row.gone_at = row.gone_at or clock.now()
    session().flush()


def sip_servers(search: str = "") -> list[ServerRow]:
    """The carrier's servers, those with an own name first."""
    statement = select(SipServer).where(SipServer.gone_at.is_(None))
    if wanted := search.strip().lower():
        statement = statement.where(
            or_(
                *(
                    func.lower(column).contains(wanted, autoescape=True)
                    for column in (SipServer.place, SipServer.hostname, SipServer.own_name)
                )
            )
        )
    order = (SipServer.own_name == "", SipServer.place)
    return [_row(row) for row in session().scalars(statement.order_by(*order))]


def servers_for_clients() -> list[ServerRow]:
    """What clients may be told: own names that lead where they should. Never the carrier's."""
    statement = select(SipServer).where(
        SipServer.gone_at.is_(None), SipServer.own_name != "", SipServer.is_right.is_(True)
    )
    return [_row(row) for row in session().scalars(statement.order_by(SipServer.place))]


def name_server(public_id: uuid.UUID, name: str, *, by: Visitor | None = None) -> ServerRow:
    """Give a server a name of the reseller's own, unchecked; an empty one takes it back."""
    row = _find(public_id)
    name = name.strip().rstrip(".").lower()
    if name and not _NAME.fullmatch(name):
        raise InvalidInput("Write a host name like sip.example.com.", field="own_name")
    if name == row.hostname:
        raise InvalidInput("This is the carrier's own name.", field="own_name")
    row.own_name, row.found, row.is_right, row.checked_at = name, "", None, None
    session().flush()
    record("reseller.sip_server_named", by=by, place=row.place, name=name)
    return _row(row)


def look_up_server(server: ServerRow) -> Found:
    """Ask DNS where the own name leads. Waits for the network: with no transaction open."""
    try:
        alias, found = dns.records(server.own_name, "CNAME"), dns.addresses(server.own_name)
    except dns.NoAnswer:
        return Found("", None)
    leads_there = server.hostname in alias or found == [server.address]
    return Found(", ".join([*alias, *found])[:300], leads_there)


def note_server(server: ServerRow, found: Found) -> None:
    """Keep what was found, unless the name has changed meanwhile."""
    row = _find(server.public_id)
    if row.own_name == server.own_name:
        row.found, row.is_right, row.checked_at = found.words, found.is_right, clock.now()
        session().flush()


def _find(public_id: uuid.UUID) -> SipServer:
    row: SipServer | None = session().scalar(
        select(SipServer)
        .where(SipServer.public_id == public_id, SipServer.gone_at.is_(None))
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound("There is no such server.")
    return row


def _row(row: SipServer) -> ServerRow:
    return ServerRow(
        row.public_id, row.place, row.hostname, row.address, row.own_name, row.found,
        row.is_right, row.checked_at,
    )  # fmt: skip
