"""The log of what was done to an account: by whom, as whom, from where. Added to, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from portal.core.db import session
from portal.core.paging import Page
from portal.identity.models import AuditEvent
from portal.identity.values import AuditRow
from portal.identity.visitor import Visitor

VIEWED = "acting.began"
PAGE_ROWS = 50


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


def events(
    client_id: int | None = None,
    *,
    things: Sequence[str] = (),
    text: str = "",
    cursor: str = "",
    rows: int = PAGE_ROWS,
) -> Page[AuditRow]:
    """What was done at the bound reseller, or to one client's account, the newest first.

    ``things`` are what actions begin with before their dot; ``text`` is part of a person's name.
    """
    which: list[ColumnElement[bool]] = []
    if client_id is not None:
        which.append(AuditEvent.client_id == client_id)
    if things:
        which.append(
            or_(*(AuditEvent.action.startswith(f"{one}.", autoescape=True) for one in things))
        )
    if text:
        which.append(AuditEvent.person_name.icontains(text, autoescape=True))
    if cursor.isascii() and cursor.isdigit():
        which.append(AuditEvent.id < int(cursor[:18]))
    newest = select(AuditEvent).where(*which).order_by(AuditEvent.id.desc()).limit(rows + 1)
    found = list(session().scalars(newest))
    older = str(found[rows - 1].id) if len(found) > rows else None
    return Page([_row(event) for event in found[:rows]], older)


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
