"""Hosts that a tenant named and that do not answer: left alone for a while, longer each time.

A host is closed for whoever named it and for nobody else: another's false address closes no door of
yours. ``host`` may be a name with a port, where several systems may share the name. When its time is
over one try is made, and only that one tells whether the others go on.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    UniqueConstraint,
    delete,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql import Executable

from portal.core import clock, scope
from portal.core.db import Base, BigId, ClientOwned, insert_once, only_one, session

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=15)
_TRY = timedelta(seconds=60)  # no try takes longer
_DOUBLED_AT_MOST = 10
LONGEST_HOST = 253


class SlowHost(ClientOwned, Base):
    """A host that did not answer. Without a client it was named by the reseller."""

    __tablename__ = "slow_hosts"
    __table_args__ = (UniqueConstraint("reseller_id", "owner_key", "host"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    owner_key: Mapped[int]  # the client or 0: a key may not be without a value
    host: Mapped[str] = mapped_column(String(LONGEST_HOST))
    failures: Mapped[int] = mapped_column(default=0)
    closed_until: Mapped[datetime] = mapped_column(default=clock.now)


def wait_for(host: str, *, client_id: int | None = None) -> datetime | None:
    """When this host may be tried; None: now. The one who is let in first after a failure is alone.

    In a transaction, right before a try whose end is told with ``failed`` or ``answered``.
    """
    row = session().scalar(_row(host, client_id))
    if row is None:
        return None
    at = clock.now()
    mine = only_one(
        update(SlowHost)
        .where(SlowHost.id == row.id, SlowHost.closed_until <= at)
        .values(closed_until=at + _TRY)
    )
    return None if mine else max(row.closed_until, at + timedelta(seconds=1))


def closed_hosts(client_id: int) -> dict[str, datetime]:
    """The hosts of a client that are left alone now, and until when."""
    rows = session().execute(
        select(SlowHost.host, SlowHost.closed_until).where(
            SlowHost.client_id == client_id, SlowHost.closed_until > clock.now()
        )
    )
    return {row.host: row.closed_until for row in rows}


def failed(host: str, *, client_id: int | None = None) -> datetime:
    """It did not answer: until when it is left alone. In a transaction."""
    at = clock.now()
    insert_once(
        SlowHost,
        {
            "reseller_id": scope.reseller_id(),
            "client_id": client_id,
            "owner_key": client_id or 0,
            "host": host[:LONGEST_HOST],
            "failures": 0,
            "closed_until": at,
        },
    )
    row = session().scalars(_row(host, client_id).with_for_update()).one()
    row.failures += 1
    row.closed_until = at + min(
        FIRST_PAUSE * 2 ** min(row.failures - 1, _DOUBLED_AT_MOST), LONGEST_PAUSE
    )
    session().flush()
    return row.closed_until


def answered(host: str, *, client_id: int | None = None) -> None:
    """It is well. In a transaction."""
    _run(delete(SlowHost).where(*_which(host, client_id)))


def try_now(host: str, *, client_id: int | None = None) -> None:
    """Somebody wants to know: one try at once, whatever was before. In a transaction."""
    _run(update(SlowHost).where(*_which(host, client_id)).values(closed_until=clock.now()))


def forget_those_of(client_id: int) -> None:
    """Forget the names that a former client gave."""
    _run(delete(SlowHost).where(SlowHost.client_id == client_id))


def forget(before: datetime) -> None:
    """Forget hosts that nobody has tried since. For all resellers."""
    _run(delete(SlowHost).where(SlowHost.closed_until < before))


def _row(host: str, client_id: int | None) -> Select[SlowHost]:
    return (
        select(SlowHost).where(*_which(host, client_id)).execution_options(populate_existing=True)
    )


def _which(host: str, client_id: int | None) -> tuple[ColumnElement[bool], ...]:
    return SlowHost.owner_key == (client_id or 0), SlowHost.host == host[:LONGEST_HOST]


def _run(statement: Executable) -> None:
    session().execute(statement, execution_options={"synchronize_session": False})
