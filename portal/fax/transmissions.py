"""What the transmission report of a fax says, and the file it becomes."""

from __future__ import annotations

from sqlalchemy import case, select

from portal.core import storage
from portal.core.db import session
from portal.fax import queries
from portal.fax.events import changed
from portal.fax.models import Fax, FaxDocument, FaxPage
from portal.fax.values import FaxState, Transmission

_OVER = (FaxState.SENT, FaxState.FAILED)


def transmission(fax_id: int) -> Transmission | None:
    """The facts of a fax that is over; None while it is not, or when it was deleted."""
    found = session().execute(
        select(Fax, FaxDocument.quality)
        .outerjoin(FaxDocument, FaxDocument.id == Fax.document_id)
        .where(Fax.id == fax_id, Fax.state.in_(_OVER), Fax.deleted_at.is_(None))
        .execution_options(populate_existing=True)
    ).first()  # fmt: skip
    if found is None:
        return None
    fax, quality = found
    assert fax.client_id is not None
    row = queries.one(fax.client_id, fax.public_id)
    return Transmission(
        fax.id, fax.client_id, FaxState(fax.state), row.own_number, fax.contact, row.contact_name,
        fax.subject, row.sent_by, fax.pages, fax.pages_done, fax.seconds, fax.attempt,
        fax.error_code, fax.error_page, fax.handed_over_at, fax.finished_at, quality or "fine",
        fax.public_id, _first_page(fax), tuple(queries.timeline(fax.client_id, fax.public_id)),
    )  # fmt: skip


def keep_report(made_from: Transmission, name: str) -> bool:
    """The report is there; False when the fax changed meanwhile (tried again, or deleted)."""
    fax = session().scalar(
        select(Fax)
        .where(Fax.id == made_from.fax_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    same = fax is not None and (fax.state, fax.attempt) == (made_from.state, made_from.attempt)
    if fax is None or not same or fax.deleted_at is not None:
        return False
    if fax.report:
        storage.discard_later([fax.report])
    fax.report = name
    session().flush()
    changed(fax)
    return True


def _first_page(fax: Fax) -> str:
    whose = FaxPage.fax_id == fax.id
    if fax.document_id is not None:
        whose = whose | (FaxPage.document_id == fax.document_id)
    return (
        session().scalar(
            select(FaxPage.view)
            .where(whose, FaxPage.left_out.is_(False), FaxPage.view != "")
            .order_by(case((FaxPage.fax_id.is_(None), 1), else_=0), FaxPage.position, FaxPage.id)
            .limit(1)
        )
        or ""
    )
