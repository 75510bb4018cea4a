"""What a wallet holds right now."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, or_, select

from portal.core.db import MoneyType, session
from portal.core.errors import NotFound
from portal.core.money import ZERO, Money
from portal.identity.models import Client
from portal.identity.values import ClientStatus
from portal.ledger.models import Balance, Transfer
from portal.ledger.values import LowBalance, Standing


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


def balances_held() -> Money:
    """What the bound reseller's clients have paid ahead: the sum of the balances above zero."""
    total = select(func.sum(Balance.balance, type_=MoneyType())).where(Balance.balance > ZERO)
    return session().scalar(total) or ZERO


def low_balances(*, limit: int = 500) -> list[LowBalance]:
    """Clients in service who owe, or have less than their own threshold; the lowest first."""
    rows = session().execute(
        select(Balance.client_id, Balance.balance, Client.low_balance_threshold)
        .join(Client, Client.id == Balance.client_id)
        .where(
            Client.status.in_((ClientStatus.ACTIVE, ClientStatus.SUSPENDED)),
            or_(Balance.balance < ZERO, Balance.balance < Client.low_balance_threshold),
        )
        .order_by(Balance.balance, Balance.client_id)
        .limit(limit)
    )
    return [LowBalance._make(row) for row in rows]


def has_begun() -> bool:
    """Was anything ever posted for the bound reseller?"""
    return session().scalar(select(Transfer.id).limit(1)) is not None
