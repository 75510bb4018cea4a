"""One posting of a client, and everything that was posted for the same thing: what explains an amount."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import case, select, type_coerce
from sqlalchemy.orm import aliased

from portal.core.db import MoneyType, session
from portal.core.errors import NotFound
from portal.core.money import ZERO, Money
from portal.identity.models import Person
from portal.ledger.accounts import wallet_of
from portal.ledger.models import Transfer
from portal.ledger.values import Reason

_AT_ONCE = 500


class PostingFacts(NamedTuple):
    """A transfer as its page needs it. ``amount`` is above zero when the client is better off.

    ``undoes`` is what a reversal reverses, ``undone_by`` the reversal of this one; ``by`` is the name of
    whoever caused it by hand, which is for staff.
    """

    public_id: uuid.UUID
    client_id: int
    reason: Reason
    amount: Money
    description: str
    source_type: str
    source_id: str
    kind: str
    posted_at: datetime
    posting_day: date
    occurred_at: datetime | None
    by: str
    undoes: uuid.UUID | None
    undone_by: uuid.UUID | None


class Moved(NamedTuple):
    """One posting of several for the same thing; ``so_far`` is what the thing cost with it."""

    public_id: uuid.UUID
    reason: Reason
    amount: Money
    so_far: Money
    posted_at: datetime


def posting(client_id: int, public_id: uuid.UUID) -> PostingFacts:
    """One posting; NotFound when it is not this client's."""
    original, reversal = aliased(Transfer), aliased(Transfer)
    row = (
        session()
        .execute(
            select(
                Transfer.public_id, Transfer.client_id, Transfer.reason, _signed(client_id),
                Transfer.description, Transfer.source_type, Transfer.source_id, Transfer.kind,
                Transfer.posted_at, Transfer.posting_day, Transfer.occurred_at, Person.name,
                original.public_id.label("undoes"), reversal.public_id.label("undone_by"),
            )
            .outerjoin(Person, Person.id == Transfer.person_id)
            .outerjoin(original, original.id == Transfer.reverses_id)
            .outerjoin(reversal, reversal.reverses_id == Transfer.id)
            .where(Transfer.public_id == public_id, Transfer.client_id == client_id)
        )
        .one_or_none()
    )  # fmt: skip
    if row is None:
        raise NotFound("This transaction does not exist.")
    found = PostingFacts(*row)
    return found._replace(reason=Reason(found.reason), by=found.by or "")


def posted_for(client_id: int, source_type: str, source_id: str) -> list[Moved]:
    """Everything that was posted to a client for one thing, in order, with what it cost so far."""
    rows = session().execute(
        select(Transfer.public_id, Transfer.reason, _signed(client_id), Transfer.posted_at)
        .where(
            Transfer.client_id == client_id,
            Transfer.source_type == source_type,
            Transfer.source_id == source_id,
        )
        .order_by(Transfer.id)
    )
    found: list[Moved] = []
    so_far = ZERO
    for public_id, reason, amount, posted_at in rows:
        so_far -= amount
        found.append(Moved(public_id, Reason(reason), amount, so_far, posted_at))
    return found


def postings_of(
    client_id: int | None, source_type: str, source_ids: Sequence[str]
) -> dict[str, uuid.UUID]:
    """The first posting of each of these things, where there is one; None: whoever's they are."""
    found: dict[str, uuid.UUID] = {}
    for start in range(0, len(source_ids), _AT_ONCE):
        rows = session().execute(
            select(Transfer.source_id, Transfer.public_id)
            .where(
                *(() if client_id is None else (Transfer.client_id == client_id,)),
                Transfer.source_type == source_type,
                Transfer.source_id.in_(source_ids[start : start + _AT_ONCE]),
            )
            .order_by(Transfer.id.desc())
        )
        found.update((row.source_id, row.public_id) for row in rows)
    return found


def _signed(client_id: int) -> Any:
    wallet = wallet_of(client_id)
    amount = case((Transfer.credit_account_id == wallet, Transfer.amount), else_=-Transfer.amount)
    return type_coerce(amount, MoneyType()).label("amount")
