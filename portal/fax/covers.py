"""The cover of a draft, drawn by a job so that it can be seen before it is sent."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from portal.core.db import session
from portal.core.queue import enqueue
from portal.fax.documents import drop_pages, put_own_pages
from portal.fax.events import changed
from portal.fax.models import Fax, FaxDocument, FaxPage
from portal.fax.values import Cover, FaxState, MadePage, ToPrepare
from portal.numbers.models import Did
from portal.tasks import DRAW_FAX_COVER


def draw_anew(draft: Fax) -> None:
    """What the cover says has changed: have it drawn, or take away one that is not wanted any more."""
    if draft.cover is None:
        drop_pages(FaxPage.fax_id == draft.id)
    else:
        enqueue(DRAW_FAX_COVER, fax_id=draft.id)


def to_draw(fax_id: int) -> ToPrepare | None:
    """A draft's cover as its first recipient will get it; None when there is none (any more)."""
    row = session().execute(
        select(Fax, FaxDocument, Did.number)
        .join(FaxDocument, FaxDocument.id == Fax.document_id)
        .join(Did, Did.id == Fax.did_id)
        .where(Fax.id == fax_id, Fax.state == FaxState.DRAFT)
        .execution_options(populate_existing=True)
    ).first()  # fmt: skip
    if row is None:
        return None
    draft, document, number = row
    if draft.cover is None or draft.client_id is None:
        return None
    said = Cover(**draft.cover)
    pictures = session().scalars(
        select(FaxPage.picture)
        .where(FaxPage.document_id == document.id, FaxPage.left_out.is_(False))
        .order_by(FaxPage.position, FaxPage.id)
    )
    return ToPrepare(
        draft.id, draft.client_id, 0, number, draft.contact,
        Cover(
            draft.contact_name or said.to_name, said.to_company, said.from_name,
            said.subject or draft.subject, said.remarks,
        ),
        document.quality, document.paper, tuple(pictures), draft.at,
    )  # fmt: skip


def keep_drawn(work: ToPrepare, covers: Sequence[MadePage]) -> bool:
    """The cover is drawn; False when something else is to stand on it by now, or nothing."""
    if to_draw(work.fax_id) != work:
        return False
    draft = session().scalars(select(Fax).where(Fax.id == work.fax_id)).one()
    put_own_pages(draft, covers)
    changed(draft)
    return True
