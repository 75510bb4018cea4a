"""A fax as those are told of it who may want to know."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import func, select

from portal.contacts.models import Contact, ContactNumber
from portal.core import clock
from portal.core.db import session
from portal.fax.models import Fax

# What ended before this is no news: a long outage ends with many of them.
_NEWS = timedelta(days=1)


class FaxNews(NamedTuple):
    """``who`` is the contact's name, or the number; ``person_id`` who sent it."""

    client_id: int
    did_id: int
    public_id: uuid.UUID
    who: str
    direction: str
    state: str
    person_id: int | None


def news(fax_id: int) -> FaxNews | None:
    """A fax that came or ended lately; None when it is gone or an old one."""
    row = (
        session()
        .execute(
            select(
                Fax.client_id, Fax.did_id, Fax.public_id, func.coalesce(Contact.name, Fax.contact),
                Fax.direction, Fax.state, Fax.sent_by_id,
            )
            .outerjoin(
                ContactNumber,
                (ContactNumber.client_id == Fax.client_id) & (ContactNumber.number == Fax.contact),
            )
            .outerjoin(Contact, Contact.id == ContactNumber.contact_id)
            .where(Fax.id == fax_id, Fax.at > clock.now() - _NEWS)
        )
        .first()
    )  # fmt: skip
    return None if row is None else FaxNews._make(row)
