"""Which wallets crossed a line that somebody should hear of."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, or_, select

from portal.core import clock
from portal.core.db import among, session
from portal.core.money import Money
from portal.core.queue import enqueue
from portal.identity.models import Client
from portal.identity.values import BalanceMode, ClientStatus
from portal.ledger.models import Balance
from portal.ledger.watching import note_risen
from portal.tasks import REVIEW_BALANCE


def review_crossed(client_ids: Sequence[int]) -> None:
    """Have those of these clients looked at who crossed a line. In the transaction that moved money.

    When a balance rose above its threshold is told too: it may have fallen again before anybody looks.
    """
    for client_id, rose in _needing_review(client_ids):
        rose_at = clock.now().isoformat() if rose else ""
        enqueue(REVIEW_BALANCE, client_id=client_id, rose_at=rose_at)


def _needing_review(client_ids: Sequence[int]) -> list[tuple[int, bool]]:
    """Of these clients, those to warn, suspend, resume, whose unpaid fees to try again, or (True) warn again next time."""
    hard_and_empty = and_(
        Client.balance_mode == BalanceMode.HARD,
        Client.status == ClientStatus.ACTIVE,
        Balance.balance <= Money(0),
    )
    can_resume = and_(
        Client.suspended_for == "balance",
        or_(Balance.balance > Money(0), Client.balance_mode != BalanceMode.HARD),
    )
    owes_and_has = and_(
        Client.owes_fees.is_(True),
        or_(Balance.balance > Money(0), Client.balance_mode != BalanceMode.HARD),
    )
    below = and_(
        Client.low_balance_threshold.is_not(None),
        Client.low_balance_warned_at.is_(None),
        Balance.balance < Client.low_balance_threshold,
    )
    above_again = and_(
        Client.low_balance_warned_at.is_not(None),
        or_(
            Client.low_balance_threshold.is_(None),
            Balance.balance >= Client.low_balance_threshold,
        ),
    )
    fell = and_(Balance.is_above.is_(True), Balance.balance < Balance.watched)
    note_risen(client_ids)
    rows = session().execute(
        select(Client.id, above_again.label("rose"))
        .join(Balance, Balance.client_id == Client.id)
        .where(
            among(Client.id, client_ids),
            or_(hard_and_empty, can_resume, owes_and_has, below, above_again, fell),
        )
    )
    return [(row.id, bool(row.rose)) for row in rows]
