"""What a suspension means at the carrier: no calls abroad, and incoming ones where the reseller says.

The carrier has no switch that stops every outgoing call and leaves 911 alone: taking the password or
the address of a line away would silence 911 too, which is never done. So the lock on international
calls is closed, which is where the money goes, and everything the portal itself starts is refused.
What was looked at is in docs/decisions/0009-a-suspension-locks-calls-abroad.md.
"""

from __future__ import annotations

from sqlalchemy import select

from portal import identity, numbers, pbx
from portal.billing.models import BillingRules
from portal.core.db import session
from portal.identity import ClientStatus
from portal.numbers import Silence


def push_client(client_id: int) -> None:
    """Accept that the carrier is brought in line with whether a client is suspended.

    In the transaction that changes it. Each job writes what is right when it runs.
    """
    pbx.push_client(client_id)
    numbers.silence_later(client_id)


def open_silence(did_id: int) -> Silence | None:
    """What has to be done for a number now: silent while its client is suspended, unless inbound stays."""
    owner = numbers.owner_of_did(did_id)
    silent = owner is not None and not _keeps_inbound() and _is_suspended(owner.client_id)
    return numbers.open_silence(did_id, silent=silent)


def _is_suspended(client_id: int) -> bool:
    return identity.client_facts(client_id).status is ClientStatus.SUSPENDED


def _keeps_inbound() -> bool:
    found = session().scalar(select(BillingRules.keeps_inbound))
    return True if found is None else found
