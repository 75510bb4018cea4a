"""Bringing a file of contacts in, some lines at a time, with news for whoever watches."""

from __future__ import annotations

from jobs.runtime import job
from portal import contacts
from portal.core.db import transaction


@job
def import_contacts(import_id: int) -> None:
    """Bring in every line that is left. Cut off or begun twice it goes on where it was."""
    going = True
    while going:
        with transaction():
            going = contacts.bring_some(import_id)
