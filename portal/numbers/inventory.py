"""The carrier's list of numbers, written down as it is now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from portal.carriers import CarrierDid, CarrierFax, Forwarding, Mailbox
from portal.core import clock, scope
from portal.core.db import insert_new, session
from portal.core.phone import normalise
from portal.numbers.models import CallTarget, Did
from portal.numbers.pushes import push_later
from portal.numbers.values import Inventory


def record_inventory(
    listed: Sequence[CarrierDid], faxes: Sequence[CarrierFax] | None = None
) -> Inventory:
    """Bring our numbers in line with what the carrier has just listed. In a transaction.

    A number that is no longer listed is marked as gone, never deleted: its calls and texts stay, and
    when it is listed again it is the same number. Links to clients are not touched. Fax numbers
    are a list of their own; without it they stay as they are.
    """
    at = clock.now()
    known = {did.number: did for did in session().scalars(select(Did))}
    new = changed = gone = 0
    seen: set[str] = set()
    for number, facts in (*_voice(listed), *_fax(faxes or ())):
        seen.add(number)
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
        asked = faxes is not None or did.kind == "voice"
        if asked and number not in seen and did.gone_at is None:
            did.gone_at = at
            gone += 1
    session().flush()
    return Inventory(new, changed, gone)


def fax_did(number: str, description: str) -> Did:
    """The row of a fax number that the carrier has just sold us, made when it is not there yet."""
    did = session().scalar(select(Did).where(Did.number == number))
    if did is None:
        did = Did(number=number, kind="fax", description=description[:120], routing="fax:")
        session().add(did)
    did.gone_at, did.seen_at = None, clock.now()
    session().flush()
    return did


def record_targets(forwardings: Sequence[Forwarding], mailboxes: Sequence[Mailbox]) -> None:
    """Remember what forwardings and mailboxes there are at the carrier. In a transaction."""
    wanted = {("fwd", one.id): _spelled(one.number) for one in forwardings}
    wanted |= {("vm", box.mailbox): box.name[:120] for box in mailboxes}
    for row in session().scalars(select(CallTarget)):
        words = wanted.pop((row.kind, row.target), None)
        if words is None:
            session().delete(row)
        else:
            row.words = words
    session().flush()
    insert_new(
        CallTarget,
        [
            {"reseller_id": scope.reseller_id(), "kind": kind, "target": target, "words": words}
            for (kind, target), words in wanted.items()
        ],
    )


def _voice(listed: Sequence[CarrierDid]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (
            normalise(row.did) or row.did[:20],
            {
                "kind": "voice",
                "description": row.description[:120],
                "routing": row.routing[:120],
                "pop": row.pop[:10],
                "sms_available": row.sms.available,
                "sms_enabled": row.sms.enabled,
                "gone_at": None,
            },
        )
        for row in listed
    ]


def _fax(listed: Sequence[CarrierFax]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (
            normalise(row.did) or row.did[:20],
            {
                "kind": "fax",
                "description": row.description[:120],
                "routing": "fax:",
                "gone_at": None,
            },
        )
        for row in listed
    ]


def _spelled(number: str) -> str:
    return (normalise(number) or number)[:120]
