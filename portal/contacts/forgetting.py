"""What a former client knew of others, taken away whole: nothing in the books names a contact."""

from __future__ import annotations

from sqlalchemy import delete

from portal.contacts.models import (
    Contact,
    ContactGroup,
    ContactImport,
    ContactMember,
    ContactNumber,
)
from portal.core.db import session


def forget_contacts_of(client_id: int) -> None:
    """Delete every contact, number and group of a client."""
    for model in (ContactImport, ContactMember, ContactNumber, ContactGroup, Contact):
        session().execute(
            delete(model).where(model.client_id == client_id),
            execution_options={"synchronize_session": False},
        )
