"""A line under a wallet: who falls below it is told of once, until the balance was above it again."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import update

from portal.core.db import among, only_one, session
from portal.core.money import Money
from portal.ledger.models import Balance


def watch(client_id: int, line: Money | None) -> None:
    """Tell of the next fall below this line; of none without one. A balance below it counts as one."""
    session().execute(
        update(Balance).where(Balance.client_id == client_id).values(watched=line, is_above=True),
        execution_options={"synchronize_session": False},
    )


def fell(client_id: int) -> bool:
    """Is the balance below the watched line? True for one caller, until it was above it again."""
    return only_one(
        update(Balance)
        .where(
            Balance.client_id == client_id,
            Balance.watched.is_not(None),
            Balance.is_above.is_(True),
            Balance.balance < Balance.watched,
        )
        .values(is_above=False)
    )


def note_risen(client_ids: Sequence[int]) -> None:
    """Note who is above the line again, in the transaction that moved the money."""
    session().execute(
        update(Balance)
        .where(
            among(Balance.client_id, client_ids),
            Balance.is_above.is_(False),
            Balance.balance >= Balance.watched,
        )
        .values(is_above=True),
        execution_options={"synchronize_session": False},
    )
