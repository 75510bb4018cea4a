"""How fast a reseller's clients may send to many, under the limits of the account at the carrier."""

from __future__ import annotations

from sqlalchemy import select

from portal.core import scope
from portal.core.db import insert_once, session
from portal.core.errors import InvalidInput
from portal.core.sentences import N_
from portal.identity import Visitor, record
from portal.prepared.models import BulkLimits
from portal.prepared.values import Limits

MOST_A_MINUTE, MOST_A_DAY = 600, 100_000


def bulk_limits() -> Limits:
    """The bound reseller's; the carrier's usual ones until somebody has said otherwise."""
    row = session().scalar(select(BulkLimits))
    return Limits() if row is None else Limits(row.a_minute, row.a_day)


def save_bulk_limits(wanted: Limits, *, by: Visitor | None = None) -> None:
    """Say what the carrier allows. Raises InvalidInput (``a_minute``, ``a_day``)."""
    for field, value, most in (
        ("a_minute", wanted.a_minute, MOST_A_MINUTE),
        ("a_day", wanted.a_day, MOST_A_DAY),
    ):
        if not 1 <= value <= most:
            raise InvalidInput(N_("Choose a number from 1 up."), field=field)
    values = {"a_minute": wanted.a_minute, "a_day": wanted.a_day}
    if not insert_once(BulkLimits, {"reseller_id": scope.reseller_id()} | values):
        row = session().scalars(select(BulkLimits)).one()
        row.a_minute, row.a_day = wanted.a_minute, wanted.a_day
        session().flush()
    record("bulk_limits.saved", by=by, a_minute=wanted.a_minute, a_day=wanted.a_day)
