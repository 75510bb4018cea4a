"""What the books need to know about resellers and clients."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy import select

from portal.core import scope
from portal.core.db import session
from portal.identity.models import Client, Reseller


def reseller_zone() -> ZoneInfo:
    """The zone in which the bound reseller's days and months begin and end."""
    name = session().scalar(select(Reseller.time_zone).where(Reseller.id == scope.reseller_id()))
    if name is None:
        raise LookupError("The bound reseller does not exist.")
    return ZoneInfo(name)


def client_names() -> dict[int, str]:
    """Every client in scope by id, named the way an operator finds it: reseller's UID and number."""
    rows = session().execute(
        select(Client.id, Client.number, Reseller.uid).join(
            Reseller, Reseller.id == Client.reseller_id
        )
    )
    return {row.id: f"client {row.number} of reseller {row.uid}" for row in rows}
