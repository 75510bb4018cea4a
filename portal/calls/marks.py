"""How far a reseller's texts were asked for; the same mark that the calls have, of another kind."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from portal.calls.models import ImportMark
from portal.core.db import session

_TEXTS = "sms"  # both kinds are asked for together


def texts_from(now: datetime, *, overlap: timedelta, longest: timedelta) -> datetime:
    """Where the next look for texts begins: ``overlap`` before what is complete.

    After a gap (carrier down, machine off) it begins before the gap, but never more than
    ``longest`` ago. In a transaction.
    """
    mark = session().scalar(select(ImportMark).where(ImportMark.kind == _TEXTS))
    complete_until = None if mark is None else mark.complete_until
    return max(min(complete_until or now, now) - overlap, now - longest)


def texts_complete(until: datetime, *, new: int) -> None:
    """Remember that every text before ``until`` was asked for; the mark never goes back."""
    mark = session().scalar(select(ImportMark).where(ImportMark.kind == _TEXTS).with_for_update())
    if mark is None:
        mark = ImportMark(kind=_TEXTS)
        session().add(mark)
    mark.last_run_at, mark.last_new = until, new
    if mark.complete_until is None or mark.complete_until < until:
        mark.complete_until = until
    session().flush()
