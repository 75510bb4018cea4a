"""What of a comparison can be brought in: which rows, and that it was done."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import select, update

from portal.core import clock, live
from portal.core.db import session
from portal.reconciling.models import Reconciliation, ReconciliationLine
from portal.reconciling.values import Finding, Part, Step

# Only these can change what we have; a row that only we know is for a person to look at.
_MENDS = (Finding.THEIRS_ONLY, Finding.AMOUNT)
_AROUND = timedelta(minutes=1)
_KEYS_A_QUERY = 500


def missing(run_id: int) -> list[tuple[Step, frozenset[str]]]:
    """Days of the carrier's lists to ask for again, with the keys that are wanted of each."""
    rows = session().execute(
        select(ReconciliationLine.part, ReconciliationLine.at, ReconciliationLine.key)
        .where(
            ReconciliationLine.reconciliation_id == run_id,
            ReconciliationLine.finding.in_(_MENDS),
            ReconciliationLine.mended_at.is_(None),
        )
        .order_by(ReconciliationLine.id)
    )
    days: dict[tuple[Part, date | None], list[tuple[datetime, str]]] = {}
    now = clock.now()
    for part, at, key in rows:
        days.setdefault((Part(part), at.date() if at else None), []).append((at or now, key))
    found: list[tuple[Step, frozenset[str]]] = []
    for (part, _), wanted in days.items():
        moments = [at for at, _ in wanted]
        step = Step(part, min(moments) - _AROUND, max(moments) + _AROUND)
        found.append((step, frozenset(key for _, key in wanted)))
    return found


def brought_in(run_id: int, part: Part, keys: frozenset[str]) -> None:
    """These rows are here now, and as the carrier has them. In a transaction."""
    listed = sorted(keys)
    for first in range(0, len(listed), _KEYS_A_QUERY):
        session().execute(
            update(ReconciliationLine)
            .where(
                ReconciliationLine.reconciliation_id == run_id,
                ReconciliationLine.part == part,
                ReconciliationLine.finding.in_(_MENDS),
                ReconciliationLine.key.in_(listed[first : first + _KEYS_A_QUERY]),
            )
            .values(mended_at=clock.now()),
            execution_options={"synchronize_session": False},
        )


def mended(run_id: int) -> None:
    """Nothing more can be brought in. In a transaction."""
    session().execute(
        update(Reconciliation).where(Reconciliation.id == run_id).values(mending=False),
        execution_options={"synchronize_session": False},
    )
    live.tell("job-changed", client_id=None)
