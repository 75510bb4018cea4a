"""What was agreed for a connected number: for the worksheet of a fee, and for the books' proof."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from portal.core.db import session
from portal.core.money import ZERO, Money
from portal.ledger import FeeKind
from portal.numbers.models import Did, DidLink


class NumberTerms(NamedTuple):
    """A number's connection. It is never edited: other fees are another connection."""

    link: uuid.UUID
    number: str
    kind: str
    label: str
    anchor_day: int
    since: datetime
    setup: Money
    monthly: Money
    e911_setup: Money
    e911_monthly: Money | None

    def fee(self, kind: FeeKind) -> Money:
        """What one of its fees is."""
        return {
            FeeKind.SETUP: self.setup,
            FeeKind.E911_SETUP: self.e911_setup,
            FeeKind.E911: self.e911_monthly or ZERO,
        }.get(kind, self.monthly)


def number_terms(link: uuid.UUID) -> NumberTerms | None:
    """The terms of a connection; None when it is no connection of a number."""
    return next(every_number_terms(link), None)


def every_number_terms(link: uuid.UUID | None = None) -> Iterator[NumberTerms]:
    """Of every connection, ended or not; or of one."""
    statement = select(
        DidLink.public_id, Did.number, Did.kind, DidLink.label, DidLink.anchor_day,
        DidLink.valid_from, DidLink.setup_fee, DidLink.monthly_fee, DidLink.e911_setup,
        DidLink.e911_monthly,
    ).join(Did, Did.id == DidLink.did_id)  # fmt: skip
    if link is not None:
        statement = statement.where(DidLink.public_id == link)
    for row in session().execute(statement):
        yield NumberTerms._make(row)
