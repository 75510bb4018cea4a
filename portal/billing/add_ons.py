"""Add-ons: what a client pays every month for something that staff gave a name."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, func, or_, select, update

from portal import identity
from portal.billing.models import AddOn
from portal.billing.values import AddOnRow
from portal.core import clock, scope
from portal.core.db import among, insert_once, only_one, session, set_each
from portal.core.errors import InvalidInput, NotFound
from portal.core.money import Money
from portal.core.queue import enqueue
from portal.identity import Visitor
from portal.ledger import posting_day
from portal.pricing import beyond
from portal.tasks import BILL_CLIENT

HIGHEST = Money(100_000 * 1_000_000)


class DueAddOn(NamedTuple):
    """An add-on with a billing day to look at."""

    id: int
    public_id: uuid.UUID
    client_id: int
    description: str
    amount: Money
    anchor_day: int
    next_day: date
    until: date | None


_DUE = (
    AddOn.id, AddOn.public_id, AddOn.client_id, AddOn.description, AddOn.amount, AddOn.anchor_day,
    AddOn.next_billing_day, AddOn.until,
)  # fmt: skip


def add_add_on(
    client_id: int,
    *,
    description: str,
    amount: Money,
    first_day: date,
    until: date | None = None,
    reference: str,
    by: Visitor | None = None,
    valid_from: datetime | None = None,
) -> None:
    """Charge a client for something every month from a day on; sent twice it is one.

    The day of the month is the first day's. On the day itself it is charged at once. ``valid_from``
    is now, unless history is brought in.
    """
    identity.hold_open_client(client_id)
    today = posting_day(valid_from)
    if first_day < today:
        raise InvalidInput("The next billing day is in the past.", field="first_day")
    _check(description, amount, first_day, until)
    new = insert_once(
        AddOn,
        {
            "reseller_id": scope.reseller_id(),
            "client_id": client_id,
            "reference": reference[:60],
            "description": description.strip(),
            "amount": amount,
            "anchor_day": first_day.day,
            "next_billing_day": first_day,
            "until": until,
            "created_by_id": by.person_id if by else None,
        },
    )
    if not new:
        return
    identity.record(
        "add_on.added", by=by, client_id=client_id, description=description, amount=str(amount)
    )
    if first_day <= today and valid_from is None:
        enqueue(BILL_CLIENT, client_id=client_id)


def change_add_on(
    add_on: uuid.UUID,
    client_id: int,
    *,
    description: str,
    amount: Money,
    until: date | None,
    by: Visitor | None = None,
) -> None:
    """Let another name, amount or end hold for what falls due from now on."""
    row = _open(add_on, client_id)
    assert row.next_billing_day is not None
    _check(description, amount, row.next_billing_day, until)
    row.description, row.amount, row.until = description.strip(), amount, until
    session().flush()
    identity.record(
        "add_on.changed", by=by, client_id=client_id, description=description, amount=str(amount)
    )


def end_add_on(add_on: uuid.UUID, client_id: int, *, by: Visitor | None = None) -> bool:
    """Let nothing more fall due; False when it had ended. What is unpaid stays so."""
    description = find_add_on(add_on, client_id).description
    mine = only_one(
        update(AddOn)
        .where(AddOn.public_id == add_on, AddOn.next_billing_day.is_not(None))
        .values(next_billing_day=None, ended_at=clock.now())
    )
    if mine:
        identity.record("add_on.ended", by=by, client_id=client_id, description=description)
    return mine


def find_add_on(add_on: uuid.UUID, client_id: int) -> AddOnRow:
    """One add-on of a client; NotFound when there is none such."""
    for row in _rows(AddOn.public_id == add_on, AddOn.client_id == client_id):
        return row
    raise NotFound("There is no such add-on.")


def add_ons_of(client_id: int) -> list[AddOnRow]:
    """A client's add-ons, those that go on first."""
    return _rows(AddOn.client_id == client_id)


def add_ons_due(client_ids: Sequence[int], until: date) -> list[DueAddOn]:
    """Clients' add-ons with a billing day by ``until`` that nobody looked at yet."""
    rows = session().execute(
        select(*_DUE)
        .where(among(AddOn.client_id, client_ids), AddOn.next_billing_day <= until)
        .order_by(AddOn.id)
    )
    return [DueAddOn._make(row) for row in rows]


def coming_add_ons(
    until: date,
    *,
    clients: Select[int] | None = None,
    named: str = "",
    after: tuple[date, uuid.UUID | None] | None = None,
    most: int,
) -> list[DueAddOn]:
    """Add-ons whose next billing day comes by ``until``, by day; see ``pricing``'s for the rest."""
    ways: list[Any] = [] if clients is None else [AddOn.client_id.in_(clients)]
    if named:
        ways.append(func.lower(AddOn.description).contains(named.lower(), autoescape=True))
    rows = session().execute(
        select(*_DUE)
        .where(
            AddOn.next_billing_day <= until,
            or_(AddOn.until.is_(None), AddOn.until >= AddOn.next_billing_day),
            *beyond(AddOn.next_billing_day, AddOn.public_id, after),
            *([or_(*ways)] if ways else []),
        )
        .order_by(AddOn.next_billing_day, AddOn.public_id)
        .limit(most)
    )
    return [DueAddOn._make(row) for row in rows]


def clients_with_add_ons_due(today: date) -> Select[int]:
    """Whose add-ons have a billing day to look at: a select for a list."""
    found: Select[Any] = select(AddOn.client_id).where(AddOn.next_billing_day <= today)
    return found


def move_add_on_billing(days: Sequence[tuple[int, date | None]]) -> None:
    """Say from which day on these add-ons (by key) are not looked at yet; None: never again."""
    set_each(AddOn, "next_billing_day", days)


def _rows(*which: Any) -> list[AddOnRow]:
    rows = session().execute(
        select(
            AddOn.public_id, AddOn.client_id, AddOn.description, AddOn.amount, AddOn.anchor_day,
            AddOn.next_billing_day, AddOn.until,
        )
        .where(*which)
        .order_by(AddOn.next_billing_day.is_(None), AddOn.id)
    )  # fmt: skip
    found: list[Any] = list(rows)
    return [AddOnRow(*row) for row in found]


def _open(add_on: uuid.UUID, client_id: int) -> AddOn:
    row = session().scalar(
        select(AddOn)
        .where(
            AddOn.public_id == add_on,
            AddOn.client_id == client_id,
            AddOn.next_billing_day.is_not(None),
        )
        .with_for_update()
    )
    if row is None:
        raise NotFound("There is no such add-on.")
    return row


def _check(description: str, amount: Money, first_day: date, until: date | None) -> None:
    if not 0 < len(description.strip()) <= 80:
        raise InvalidInput("A name has 1 to 80 characters.", field="description")
    if not Money(0) < amount <= HIGHEST:
        raise InvalidInput("An amount is above zero, and not above 100000.", field="amount")
    if until is not None and until < first_day:
        raise InvalidInput("It cannot end before it next falls due.", field="until")
