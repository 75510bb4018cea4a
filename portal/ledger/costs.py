"""What the carrier took, added up by month in the transaction in which the books learn of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from portal.core import scope
from portal.core.db import add_up
from portal.core.money import ZERO, Money
from portal.ledger.models import CostMonth
from portal.ledger.posting import posting_day
from portal.ledger.values import CostDelta, CostKind


def note_costs(deltas: Iterable[CostDelta], *, posted_at: datetime | None = None) -> None:
    """Add these costs to their month: that of ``posted_at`` (now), as charges are posted.

    After the charges of the same transaction: roll-ups are written last.
    """
    month = posting_day(posted_at).replace(day=1)
    sums: dict[tuple[int, CostKind], Money] = defaultdict(lambda: ZERO)
    for delta in deltas:
        sums[delta.client_id or 0, delta.kind] += delta.amount
    reseller_id = scope.reseller_id()
    rows = [
        {
            "reseller_id": reseller_id,
            "client_id": owner or None,
            "owner": owner,
            "month": month,
            "kind": kind,
            "amount": amount,
        }
        for (owner, kind), amount in sums.items()
        if amount
    ]
    add_up(CostMonth, rows, keys=("reseller_id", "owner", "month", "kind"), sums=("amount",))
