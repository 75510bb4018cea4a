"""The log of what was done to an account: by whom, as whom, from where. Added to, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from portal.core.db import session
from portal.identity.models import AuditEvent
from portal.identity.values import AuditRow
from portal.identity.visitor import Visitor

VIEWED = "acting.began"


def record(
    action: str,
    *,
    by: Visitor | None = None,
    client_id: int | None = None,
    address: str = "",
    **facts: Any,
) -> None:
    """Write one line in the caller's transaction, under the bound scope.

    ``action`` is ``thing.happened``. ``facts`` are short words, numbers and public ids that may be
    shown to the client; never a secret. Without ``by`` the portal did it itself.
    """
    session().add(
        AuditEvent(
            person_id=by.person_id if by else None,
            person_name=by.name if by else "",
            acting=by.acting if by else False,
            client_id=client_id if client_id is not None or by is None else by.client_id,
            action=action,
            facts=facts,
            address=address[:45],
        )
    )
    session().flush()


def events_of(client_id: int, *, limit: int = 100) -> list[AuditRow]:
    """What was done to a client's account, newest first."""
    return _rows(AuditEvent.client_id == client_id, limit=limit)


def events_before(
    client_id: int, before_id: int | None, *, rows: int
) -> list[tuple[int, AuditRow]]:
    """The next events of a client's account in a long reading, newest first, each with its id."""
    which = [AuditEvent.client_id == client_id]
    if before_id is not None:
        which.append(AuditEvent.id < before_id)
    found = session().scalars(
        select(AuditEvent).where(*which).order_by(AuditEvent.id.desc()).limit(rows)
    )
    return [(event.id, _row(event)) for event in found]


def viewers_of(client_id: int, *, limit: int = 50) -> list[AuditRow]:
    """Which staff looked at the portal as this client, when and why, newest first."""
    return _rows(AuditEvent.client_id == client_id, AuditEvent.action == VIEWED, limit=limit)


def recent_events(actions: Sequence[str], *, limit: int = 8) -> list[AuditRow]:
    """What happened lately at the bound reseller, of these kinds, newest first."""
    return _rows(AuditEvent.action.in_(actions), limit=limit)


def _rows(*which: Any, limit: int) -> list[AuditRow]:
    found = session().scalars(
        select(AuditEvent).where(*which).order_by(AuditEvent.id.desc()).limit(limit)
    )
    return [_row(event) for event in found]


def _row(event: AuditEvent) -> AuditRow:
    return AuditRow(
        event.at,
        event.person_name,
        event.acting,
        event.action,
        event.facts,
        event.address,
        event.client_id,
    )
