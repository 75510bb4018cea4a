"""What has had its time: the bin after thirty days, old faxes of clients who wish it, raw uploads."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, or_, select, update

from portal.core import storage
from portal.core.db import session
from portal.fax.documents import drop_content
from portal.fax.folders import remove
from portal.fax.models import Fax, FaxSettings, InboundFax, StrayFax
from portal.fax.values import UNSETTLED, FaxState

BIN_DAYS = 30
DRAFT_DAYS = 90
_AT_ONCE = 200


def forget_old(now: datetime) -> int:
    """Delete the content of binned, outlived and forgotten faxes; how many, at most some hundred.

    What was charged, when and to whom stays. In the caller's transaction; ask again while it is
    not nothing.
    """
    binned = Fax.binned_at < now - timedelta(days=BIN_DAYS)
    drafts = and_(Fax.state == FaxState.DRAFT, Fax.at < now - timedelta(days=DRAFT_DAYS))
    rows = session().scalars(
        select(Fax)
        .where(
            Fax.deleted_at.is_(None),
            Fax.state.not_in(UNSETTLED),
            or_(binned, drafts, *_outlived(now)),
        )
        .order_by(Fax.id)
        .limit(_AT_ONCE)
    )
    old = list(rows)
    for fax in old:
        remove(fax)
    return len(old)


def forget_raw(before: datetime) -> None:
    """Let go of files as webhooks brought them, once dealt with and this old."""
    old = and_(InboundFax.handled_at < before, InboundFax.stored_as != "")
    storage.discard_later(list(session().scalars(select(InboundFax.stored_as).where(old))))
    session().execute(
        update(InboundFax).where(old).values(stored_as="", sender="", sender_name=""),
        execution_options={"synchronize_session": False},
    )


def forget_strays(before: datetime) -> None:
    """Let go of the files of faxes that came for numbers of nobody."""
    old = and_(StrayFax.at < before, StrayFax.pdf != "")
    storage.discard_later(list(session().scalars(select(StrayFax.pdf).where(old))))
    session().execute(
        update(StrayFax).where(old).values(pdf=""),
        execution_options={"synchronize_session": False},
    )


def clients_with_open_faxes() -> Select[int | None]:
    """Whose faxes have not reached their end."""
    return select(Fax.client_id).where(Fax.state.in_(UNSETTLED), Fax.client_id.is_not(None))


def forget_faxes_of(client_id: int) -> None:
    """Empty a former client's faxes: pages, names and subjects go; when, how long, what price stays."""
    for fax in session().scalars(select(Fax).where(Fax.client_id == client_id)):
        if fax.state == FaxState.DRAFT:
            remove(fax)
            continue
        drop_content(fax)
        fax.subject, fax.contact_name, fax.cover, fax.searched = "", "", None, ""
    session().flush()


def _outlived(now: datetime) -> list[ColumnElement[bool]]:
    """Faxes of clients who said how long theirs are kept."""
    wishes = session().execute(
        select(FaxSettings.client_id, FaxSettings.keep_days).where(
            FaxSettings.keep_days.is_not(None)
        )
    )
    return [
        and_(Fax.client_id == client_id, Fax.at < now - timedelta(days=days))
        for client_id, days in wishes
        if days is not None
    ]
