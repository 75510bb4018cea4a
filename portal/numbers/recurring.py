"""The monthly fees of numbers: which are connected, from which day on they are not charged yet."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, or_, select

from portal.core import clock
from portal.core.db import among, session, set_each
from portal.core.money import Money
from portal.core.phone import international
from portal.ledger import FeeKind
from portal.numbers.models import Did, DidLink
from portal.pricing import beyond


class NumberFee(NamedTuple):
    """A connected number. Without e911 on it ``e911_monthly`` is None."""

    link_id: int
    link: uuid.UUID
    client_id: int
    number: str
    did_kind: str
    is_gone: bool
    anchor_day: int
    next_day: date
    valid_to: datetime | None
    monthly: Money
    e911_monthly: Money | None

    @property
    def kind(self) -> FeeKind:
        return FeeKind.FAX if self.did_kind == "fax" else FeeKind.DID

    @property
    def shown(self) -> str:
        """The number as people read it."""
        return international(self.number)


def number_fees_due(client_ids: Sequence[int], until: date) -> list[NumberFee]:
    """Clients' numbers with a billing day by ``until`` that nobody looked at yet: one query.

    Connections that have ended are among them: a day may have come before they did.
    """
    return _fees(
        _listed(among(DidLink.client_id, client_ids), DidLink.next_billing_day <= until).order_by(
            DidLink.id
        )
    )


def coming_number_fees(
    until: date,
    *,
    clients: Select[int] | None = None,
    named: str = "",
    after: tuple[date, uuid.UUID | None] | None = None,
    most: int,
) -> list[NumberFee]:
    """Connected numbers whose next billing day comes by ``until``, by day and connection.

    ``after`` is where the page before ended: that day without a connection is the day's beginning.
    ``clients`` or ``named`` (a part of the number) must be right; without both, everybody's.
    """
    ways: list[Any] = [] if clients is None else [DidLink.client_id.in_(clients)]
    if digits := "".join(one for one in named if one.isdigit()):
        ways.append(Did.number.contains(digits, autoescape=True))
    statement = _listed(
        DidLink.next_billing_day <= until,
        or_(DidLink.valid_to.is_(None), DidLink.valid_to > clock.now()),
        *beyond(DidLink.next_billing_day, DidLink.public_id, after),
        *([or_(*ways)] if ways else []),
    )
    return _fees(statement.order_by(DidLink.next_billing_day, DidLink.public_id).limit(most))


def clients_with_number_fees_due(today: date) -> Select[int]:
    """Whose numbers have a billing day to look at: a select for a list."""
    found: Select[Any] = select(DidLink.client_id).where(DidLink.next_billing_day <= today)
    return found


def move_number_billing(days: Sequence[tuple[int, date | None]]) -> None:
    """Say from which day on these connections (by key) are not looked at yet; None: never again."""
    set_each(DidLink, "next_billing_day", days)


def days_to_bill() -> list[tuple[int, int, uuid.UUID, date]]:
    """Of every connection: reseller, client, link, and where billing goes on; for the books' proof."""
    rows = session().execute(
        select(
            DidLink.reseller_id, DidLink.client_id, DidLink.public_id, DidLink.next_billing_day
        ).where(DidLink.next_billing_day.is_not(None), DidLink.client_id.is_not(None))
    )
    found: list[Any] = [tuple(row) for row in rows]
    return found


def _listed(*which: Any) -> Select[*tuple[Any, ...]]:
    statement: Select[*tuple[Any, ...]] = (
        select(
            DidLink.id, DidLink.public_id, DidLink.client_id, Did.number, Did.kind,
            Did.gone_at.is_not(None), DidLink.anchor_day, DidLink.next_billing_day,
            DidLink.valid_to, DidLink.monthly_fee, DidLink.e911_monthly,
        )
        .join(Did, Did.id == DidLink.did_id)
        .where(DidLink.client_id.is_not(None), *which)
    )  # fmt: skip
    return statement


def _fees(statement: Select[*tuple[Any, ...]]) -> list[NumberFee]:
    return [NumberFee._make(row) for row in session().execute(statement)]
