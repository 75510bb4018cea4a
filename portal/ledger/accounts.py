"""Which account is whose, and what a wallet may not go below."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select, update

from portal.core import scope
from portal.core.db import among, insert_new, insert_once, only_one, session
from portal.core.errors import NotFound
from portal.core.money import Money
from portal.core.scope import Scope, bind
from portal.identity.values import BalanceMode
from portal.ledger.models import Account, Balance
from portal.ledger.values import AccountKind


def open_wallet(client_id: int, *, mode: BalanceMode) -> None:
    """Give a new client a wallet, empty; a second time nothing happens."""
    reseller_id = scope.reseller_id()
    owner = {"reseller_id": reseller_id, "client_id": client_id}
    insert_once(Account, {**owner, "kind": AccountKind.WALLET})
    insert_once(
        Balance,
        {
            **owner,
            "account_id": wallet_of(client_id),
            "balance": Money(0),
            "held": Money(0),
            "floor": _floor(mode),
        },
    )


def set_floor(client_id: int, hard: bool) -> None:
    """Say whether what this client starts may overdraw the wallet. Usage is charged either way.

    HARD: the available balance never goes below zero. SOFT: never suspended, never refused.
    """
    floor = _floor(BalanceMode.HARD if hard else BalanceMode.SOFT)
    if not only_one(update(Balance).where(Balance.client_id == client_id).values(floor=floor)):
        raise _no_wallet()


def wallet_of(client_id: int) -> int:
    """The account id of a client's wallet; NotFound when there is none."""
    return wallets_of([client_id])[client_id]


def wallets_of(client_ids: Iterable[int]) -> dict[int, int]:
    """The account ids of these clients' wallets; NotFound when one has none."""
    wanted = sorted(set(client_ids))
    rows = session().execute(
        select(Account.client_id, Account.id).where(
            Account.kind == AccountKind.WALLET, among(Account.client_id, wanted)
        )
    )
    found = {row.client_id: row.id for row in rows}
    if len(found) < len(wanted):
        raise _no_wallet()
    return found


def account_of(kind: AccountKind) -> int:
    """The id of the bound reseller's own account of this kind; made when it is first needed."""
    reseller_id = scope.reseller_id()
    statement = select(Account.id).where(Account.kind == kind, Account.client_id.is_(None))
    # A client's scope does not see the reseller's side of the books, which every transfer needs.
    with bind(Scope(reseller_id)):
        found = session().scalar(statement)
        if found is None:
            row = {"reseller_id": reseller_id, "client_id": None, "kind": kind}
            insert_new(Account, [row])
            found = session().scalar(statement)
    assert found is not None
    return found


def _floor(mode: BalanceMode) -> Money | None:
    return Money(0) if mode == BalanceMode.HARD else None


def _no_wallet() -> NotFound:
    return NotFound("This client has no balance.", code="no_wallet")
