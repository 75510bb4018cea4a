"""What a wallet holds right now."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from portal.core.db import session
from portal.core.errors import NotFound
from portal.core.money import Money
from portal.ledger.models import Balance
from portal.ledger.values import Standing


def standing(client_id: int) -> Standing:
    """A client's balance, what is set aside of it, and its floor; NotFound without a wallet."""
    row = (
        session()
        .execute(
            select(Balance.balance, Balance.held, Balance.floor).where(
                Balance.client_id == client_id
            )
        )
        .one_or_none()
    )
    if row is None:
        raise NotFound("This client has no balance.", code="no_wallet")
    return Standing(row.balance, row.held, row.floor)


def balance_of(client_id: int) -> Money:
    """What the client has: everything paid in less everything charged. Holds are still in it."""
    return standing(client_id).balance


def available(client_id: int) -> Money:
    """What the client may still spend on something new: the balance less what is set aside."""
    return standing(client_id).available


def balances_of(client_ids: Iterable[int]) -> dict[int, Money]:
    """The balances of many clients, for a list of at most some hundred; without a wallet no entry."""
    rows = session().execute(
        select(Balance.client_id, Balance.balance).where(Balance.client_id.in_(list(client_ids)))
    )
    return {row.client_id: row.balance for row in rows}
