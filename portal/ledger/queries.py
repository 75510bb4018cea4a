"""What a wallet holds right now."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select

from portal.core.db import MoneyType, among, session
from portal.core.errors import NotFound
from portal.core.money import ZERO, Money
from portal.identity.models import Client
from portal.identity.values import ClientStatus
from portal.ledger.models import Balance, Transfer
from portal.ledger.values import LowBalance, Standing


def standing(client_id: int, *, lock: bool = False) -> Standing:
    """A client's balance, what is set aside of it, and its floor; NotFound without a wallet.

    ``lock`` holds it still for the rest of the transaction.
    """
    statement = select(Balance.balance, Balance.held, Balance.floor).where(
        Balance.client_id == client_id
    )
    row = session().execute(statement.with_for_update() if lock else statement).one_or_none()
    if row is None:
        raise _no_wallet()
    return Standing(row.balance, row.held, row.floor)


def hold_standings(client_ids: Iterable[int]) -> dict[int, Standing]:
    """The same of some hundred clients, held still in the order in which wallets move."""
    wanted = set(client_ids)
    rows = session().execute(
        select(Balance.client_id, Balance.balance, Balance.held, Balance.floor)
        .where(among(Balance.client_id, wanted))
        .order_by(Balance.account_id)
        .with_for_update()
    )
    found = {row.client_id: Standing(row.balance, row.held, row.floor) for row in rows}
    if len(found) < len(wanted):
        raise _no_wallet()
    return found


def balance_of(client_id: int) -> Money:
    """What the client has: everything paid in less everything charged. Holds are still in it."""
    return standing(client_id).balance


def available(client_id: int) -> Money:
    """What the client may still spend on something new: the balance less what is set aside."""
    return standing(client_id).available


def balances_of(client_ids: Iterable[int]) -> dict[int, Money]:
    """The balances of many clients, for a list of at most some hundred; without a wallet no entry."""
    rows = session().execute(
        select(Balance.client_id, Balance.balance).where(among(Balance.client_id, client_ids))
    )
    return {row.client_id: row.balance for row in rows}


def balances_held() -> Money:
    """What the bound reseller's clients have paid ahead: the sum of the balances above zero."""
    total = select(func.sum(Balance.balance, type_=MoneyType())).where(Balance.balance > ZERO)
    return session().scalar(total) or ZERO


def low_balances(client_ids: Iterable[int] | None = None, *, limit: int = 500) -> list[LowBalance]:
    """Clients in service who owe, or have less than their own threshold; the lowest first.

    With ``client_ids`` only of these, for a page of a list.
    """
    query = (
        select(Balance.client_id, Balance.balance, Client.low_balance_threshold)
        .join(Client, Client.id == Balance.client_id)
        .where(_is_low())
        .order_by(Balance.balance, Balance.client_id)
        .limit(limit)
    )
    if client_ids is not None:
        query = query.where(Balance.client_id.in_(list(client_ids)))
    return [LowBalance._make(row) for row in session().execute(query)]


def count_low_balances() -> tuple[int, int]:
    """How many clients are low without owing, and how many owe."""
    owing = case((Balance.balance < ZERO, 1), else_=0)
    every, owe = (
        session()
        .execute(
            select(func.count(), func.coalesce(func.sum(owing), 0))
            .select_from(Balance)
            .join(Client, Client.id == Balance.client_id)
            .where(_is_low())
        )
        .one()
    )
    return every - owe, owe


def low_balance_ids(*, owing: bool) -> Select[int]:
    """The keys of those who owe, or of those who are low without owing: a select for a list."""
    which = Balance.balance < ZERO if owing else Balance.balance >= ZERO
    query: Select[Any] = (
        select(Balance.client_id)
        .join(Client, Client.id == Balance.client_id)
        .where(_is_low(), which)
    )
    return query


def balance_rank(client_id: Any, /) -> ColumnElement[Any]:
    """A client's balance as an order of the list of clients; without a wallet it is nothing."""
    found = select(Balance.balance).where(Balance.client_id == client_id).scalar_subquery()
    return func.coalesce(found, literal(ZERO, MoneyType()), type_=MoneyType())


def has_begun() -> bool:
    """Was anything ever posted for the bound reseller?"""
    return session().scalar(select(Transfer.id).limit(1)) is not None


def _no_wallet() -> NotFound:
    return NotFound("This client has no balance.", code="no_wallet")


def _is_low() -> ColumnElement[bool]:
    return and_(
        Client.status.in_((ClientStatus.ACTIVE, ClientStatus.SUSPENDED)),
        or_(Balance.balance < ZERO, Balance.balance < Client.low_balance_threshold),
    )


def require_transfer(client_id: int, public_id: uuid.UUID) -> None:
    """NotFound unless this transaction is this client's."""
    known = session().scalar(
        select(Transfer.id).where(Transfer.public_id == public_id, Transfer.client_id == client_id)
    )
    if known is None:
        raise NotFound("This transaction does not exist.")
