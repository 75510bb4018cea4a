"""Numbers without gaps: one row for each kind and year, taken with the paper or not at all."""

from __future__ import annotations

from datetime import date

from sqlalchemy import update

from portal.core import scope
from portal.core.db import insert_once, session
from portal.invoices.models import PaperCounter
from portal.invoices.values import InvoiceSettings, PaperKind

_DIGITS = 4


def take(kind: PaperKind, day: date) -> int:
    """The next number of this kind in the day's year.

    The row stays locked until the caller's transaction ends: whoever comes next waits, and gets the
    same number when this one is given up.
    """
    row = {"reseller_id": scope.reseller_id(), "kind": kind.value, "year": day.year, "last": 0}
    insert_once(PaperCounter, row)
    found = session().execute(
        update(PaperCounter)
        .where(PaperCounter.kind == kind.value, PaperCounter.year == day.year)
        .values(last=PaperCounter.last + 1)
        .returning(PaperCounter.last)
        .execution_options(synchronize_session=False)
    )
    return int(found.scalar_one())


def written(settings: InvoiceSettings, kind: PaperKind, year: int, serial: int) -> str:
    """INV-2026-0042."""
    return f"{settings.prefix_of(kind)}{year}-{serial:0{_DIGITS}}"
