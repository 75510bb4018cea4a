"""Calls as bare values, for files of a million rows: no object is made of a call."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, String, case, cast, func, select, type_coerce

from portal.calls.models import Call
from portal.calls.queries import before_place, client_name, conditions
from portal.calls.values import CallFilter
from portal.core.db import among, bare_rows, session
from portal.identity.models import Client


class PlainCall(NamedTuple):
    """The order of the values. ``started_at`` is UTC as ``2026-11-20 14:07:31``, money is in micros."""

    id: int
    started_at: str
    client_id: int | None
    account: str
    direction: str
    caller: str  # the number, or the name where there is none
    destination: str
    disposition: str
    seconds: int
    billed_seconds: int
    cost: int
    price: int | None


def plain(
    wanted: CallFilter, *, beyond: tuple[Any, ...] | None, up_to_id: int, rows: int
) -> Sequence[tuple[Any, ...]]:
    """The next rows after ``beyond``, newest first, as tuples in the order of PlainCall."""
    older: list[ColumnElement[bool]] = []
    if beyond is not None:
        at = datetime.fromisoformat(beyond[1]).replace(tzinfo=UTC)
        # In place of the filter's own end: SQLite begins at one bound, and not always at the nearest.
        wanted = replace(wanted, until=at + timedelta(microseconds=1))
        older.append(before_place(at, beyond[0]))
    statement = (
        select(
            Call.id, _moment(), Call.client_id, Call.account, Call.direction,
            case((Call.caller_number != "", Call.caller_number), else_=Call.caller_name),
            Call.destination, Call.disposition, Call.seconds, Call.billed_seconds,
            type_coerce(Call.cost, BigInteger), type_coerce(Call.price, BigInteger),
        )
        .where(*conditions(wanted), Call.id <= up_to_id, *older)
        .order_by(Call.started_at.desc(), Call.id.desc())
        .limit(rows)
    )  # fmt: skip
    return bare_rows(statement)


def names_of_clients(ids: Collection[int]) -> dict[int, str]:
    """What lists call these clients."""
    rows = session().execute(select(Client.id, client_name()).where(among(Client.id, ids)))
    return {row[0]: row[1] for row in rows}


def _moment() -> ColumnElement[str]:
    """The same text from both databases: SQLite keeps it as such."""
    if session().get_bind().dialect.name == "postgresql":
        return cast(func.timezone("UTC", Call.started_at), String)
    return type_coerce(Call.started_at, String)
