"""A fax's timeline, and the news that goes to open pages."""

from __future__ import annotations

from portal.core import live
from portal.core.db import session
from portal.fax.models import Fax, FaxEvent
from portal.fax.values import EventKind


def note(
    fax: Fax,
    kind: EventKind,
    *,
    page: int = 0,
    pages: int = 0,
    code: str = "",
    carrier_ref: str = "",
    person_id: int | None = None,
) -> None:
    """Write an entry of a fax's timeline."""
    session().add(
        FaxEvent(
            fax_id=fax.id,
            did_id=fax.did_id,
            client_id=fax.client_id,
            kind=kind,
            attempt=max(fax.attempt, 1),
            page=page,
            pages=pages,
            code=code[:40],
            carrier_ref=carrier_ref,
            person_id=person_id,
        )
    )
    session().flush()
    changed(fax)


def changed(fax: Fax) -> None:
    """Tell open pages that something about the client's faxes is new."""
    live.tell("fax-changed", client_id=fax.client_id, did_id=fax.did_id)
