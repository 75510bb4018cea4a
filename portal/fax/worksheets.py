"""What a fax's price follows from, for its posting: the books know a fax that was deleted, too."""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from portal.core.db import session
from portal.core.money import Money
from portal.fax.models import Fax
from portal.numbers.models import Did


class FaxSheet(NamedTuple):
    """A fax in the books. ``worksheet`` is for ``rating.explain``, None where there is none."""

    public_id: uuid.UUID
    direction: str
    contact: str
    own_number: str
    at: datetime
    pages: int
    seconds: int
    price: Money
    cost: Money
    is_deleted: bool
    worksheet: dict[str, Any] | None


def find_worksheet(client_id: int, public_id: uuid.UUID) -> FaxSheet | None:
    """One of a client's faxes; None when it is not theirs."""
    row = session().execute(
        select(
            Fax.public_id, Fax.direction, Fax.contact, Did.number, Fax.at, Fax.pages, Fax.seconds,
            Fax.price, Fax.cost, Fax.deleted_at.is_not(None), Fax.worksheet,
        )
        .join(Did, Did.id == Fax.did_id)
        .where(Fax.public_id == public_id, Fax.client_id == client_id)
    ).one_or_none()  # fmt: skip
    if row is None:
        return None
    found = FaxSheet._make(row)
    return found._replace(worksheet=json.loads(row.worksheet) if row.worksheet else None)
