"""Our calls as they are compared with the carrier's list."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from portal.calls.models import Call
from portal.core.db import session

_KEYS_A_QUERY = 500


class ComparedCall(NamedTuple):
    """One of our legs, with what the carrier told of it."""

    carrier_key: str
    public_id: uuid.UUID
    client_id: int | None
    started_at: datetime
    direction: str
    account: str
    caller_number: str
    destination: str
    seconds: int
    carrier_cost_e8: int
    carrier_rate_e8: int | None


_COLUMNS = tuple(getattr(Call, name) for name in ComparedCall._fields)


def between(since: datetime, until: datetime) -> list[ComparedCall]:
    """Every leg that started in [since, until)."""
    rows = session().execute(
        select(*_COLUMNS)
        .where(Call.started_at >= since, Call.started_at < until)
        .order_by(Call.started_at, Call.id)
    )
    return [ComparedCall(*row) for row in rows]


def by_keys(keys: Sequence[str]) -> dict[str, ComparedCall]:
    """The legs with these keys of the carrier, whenever they started."""
    found: dict[str, ComparedCall] = {}
    for first in range(0, len(keys), _KEYS_A_QUERY):
        some = keys[first : first + _KEYS_A_QUERY]
        rows = session().execute(select(*_COLUMNS).where(Call.carrier_key.in_(some)))
        found.update((row.carrier_key, ComparedCall(*row)) for row in rows)
    return found
