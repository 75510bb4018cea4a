"""How far a reseller's texts and faxes were asked for; the mark that calls have, of other kinds."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from portal.calls.models import ImportMark
from portal.core.db import session

_TEXTS = "sms"  # both kinds are asked for together


def texts_from(now: datetime, *, overlap: timedelta, longest: timedelta) -> datetime:
    """Where the next look for texts begins; see ``look_from``."""
    return look_from(_TEXTS, now, overlap=overlap, longest=longest)


def texts_complete(until: datetime, *, new: int) -> None:
    """Remember that every text before ``until`` was asked for."""
    look_complete(_TEXTS, until, new=new)


def look_from(kind: str, now: datetime, *, overlap: timedelta, longest: timedelta) -> datetime:
    """Where the next look for ``sms`` or ``fax`` begins: ``overlap`` before what is complete.

    After a gap (carrier down, machine off) it begins before the gap, but never more than
    ``longest`` ago. In a transaction.
    """
    mark = session().scalar(select(ImportMark).where(ImportMark.kind == kind))
    complete_until = None if mark is None else mark.complete_until
    return max(min(complete_until or now, now) - overlap, now - longest)


def looked_before(kind: str) -> bool:
    """Was anything of this kind ever asked for?"""
    return session().scalar(select(ImportMark.id).where(ImportMark.kind == kind)) is not None


def look_complete(kind: str, until: datetime, *, new: int) -> None:
    """Remember that everything before ``until`` was asked for; the mark never goes back."""
    mark = session().scalar(select(ImportMark).where(ImportMark.kind == kind).with_for_update())
    if mark is None:
        mark = ImportMark(kind=kind)
        session().add(mark)
    mark.last_run_at, mark.last_new = until, new
    if mark.complete_until is None or mark.complete_until < until:
        mark.complete_until = until
    session().flush()
