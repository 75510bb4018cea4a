"""Our faxes as they are compared with the carrier's list."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, select

from portal.core.db import session
from portal.fax.models import Fax, StrayFax
from portal.fax.values import FaxState
from portal.numbers.models import Did

_CARRIED = (FaxState.SENT, FaxState.RECEIVED)
_REFERENCES_A_QUERY = 500


class ComparedFax(NamedTuple):
    """One of our faxes that the carrier carried."""

    public_id: uuid.UUID
    client_id: int | None
    direction: str
    carrier_ref: str
    at: datetime
    contact: str
    own_number: str
    carrier_cost_e8: int

    @property
    def key(self) -> str:
        return f"{self.direction}|{self.carrier_ref}"


def between(since: datetime, until: datetime) -> list[ComparedFax]:
    """Every fax of [since, until) that went through."""
    rows = session().execute(_listed().where(Fax.at >= since, Fax.at < until).order_by(Fax.at))
    return [ComparedFax(*row) for row in rows]


def with_refs(refs: Sequence[str]) -> list[ComparedFax]:
    """Those with these ids of the carrier, whenever they were."""
    found: list[ComparedFax] = []
    for first in range(0, len(refs), _REFERENCES_A_QUERY):
        some = refs[first : first + _REFERENCES_A_QUERY]
        rows = session().execute(_listed().where(Fax.carrier_ref.in_(some)))
        found += [ComparedFax(*row) for row in rows]
    return found


def stray_refs(refs: Sequence[str]) -> set[str]:
    """Which of these came for a number of nobody, and are kept as such."""
    found: set[str] = set()
    for first in range(0, len(refs), _REFERENCES_A_QUERY):
        some = refs[first : first + _REFERENCES_A_QUERY]
        rows = session().scalars(select(StrayFax.carrier_ref).where(StrayFax.carrier_ref.in_(some)))
        found.update(reference for reference in rows if reference)
    return found


def _listed() -> Select[Any]:
    columns: tuple[Any, ...] = (
        Fax.public_id, Fax.client_id, Fax.direction, Fax.carrier_ref, Fax.at, Fax.contact,
        Did.number, Fax.carrier_cost_e8,
    )  # fmt: skip
    return (
        select(*columns)
        .join(Did, Did.id == Fax.did_id)
        .where(Fax.state.in_(_CARRIED), Fax.carrier_ref.is_not(None))
    )
