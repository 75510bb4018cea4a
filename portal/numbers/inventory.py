"""The carrier's list of numbers, written down as it is now."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from portal.carriers import CarrierDid
from portal.core import clock
from portal.core.db import session
from portal.core.phone import normalise
from portal.numbers.models import Did
from portal.numbers.pushes import push_later
from portal.numbers.values import Inventory


def record_inventory(listed: Sequence[CarrierDid]) -> Inventory:
    """Bring our numbers in line with what the carrier has just listed. In a transaction.

    A number that is no longer listed is marked as gone, never deleted: its calls and texts stay, and
    when it is listed again it is the same number. Links to clients are not touched.
    """
    at = clock.now()
    known = {did.number: did for did in session().scalars(select(Did))}
    new = changed = gone = 0
    seen: set[str] = set()
    for row in listed:
        number = normalise(row.did) or row.did[:20]
        seen.add(number)
        facts = {
            "description": row.description[:120],
            "routing": row.routing[:120],
            "pop": row.pop[:10],
            "sms_available": row.sms.available,
            "sms_enabled": row.sms.enabled,
            "gone_at": None,
        }
        did = known.get(number)
        if did is None:
            known[number] = did = Did(number=number, seen_at=at, **facts)
            session().add(did)
            new += 1
            continue
        differences = {name for name, value in facts.items() if getattr(did, name) != value}
        for name in differences:
            setattr(did, name, facts[name])
        changed += bool(differences)
        if "sms_enabled" in differences and did.sms_enabled:
            push_later(did.id)
        did.seen_at = at
    for number, did in known.items():
        if number not in seen and did.gone_at is None:
            did.gone_at = at
            gone += 1
    session().flush()
    return Inventory(new, changed, gone)
