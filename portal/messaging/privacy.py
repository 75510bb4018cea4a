"""Who may read what a client writes and is written: the client's people; staff when the client lets them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import literal, select

from portal import identity
from portal.core import scope
from portal.core.db import session
from portal.core.errors import Refused
from portal.core.sentences import N_
from portal.identity import Visitor
from portal.messaging.models import TextSettings
from portal.messaging.text_settings import settings_of


def staff_may_read(client_id: int) -> bool:
    """Does this client let the reseller's staff read their texts?"""
    found = session().scalar(
        select(TextSettings.staff_may_read).where(TextSettings.client_id == client_id)
    )
    return bool(found)


def let_staff_read(client_id: int, on: bool, *, by: Visitor) -> None:
    """Open the texts to staff, or close them again; written into the client's log."""
    row = settings_of(client_id)
    if row.staff_may_read == on:
        return
    row.staff_may_read = on
    session().flush()
    identity.record("texts.staff_may_read" if on else "texts.staff_may_not_read", by=by)


def texts_hidden() -> bool:
    """Is whoever asks not to read texts? See ``Scope.hides_texts``."""
    return scope.hides_texts()


def refuse_hidden() -> None:
    """Raise Refused for whoever would write over words that they are not to read."""
    if texts_hidden():
        raise Refused(N_("Hidden: the client has not let you read it."), code="hidden")


def shown(text: Any) -> Any:
    """A column of words, or nothing in its place for whoever is not to read them."""
    return literal("") if texts_hidden() else text
