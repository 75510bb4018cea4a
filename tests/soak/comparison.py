"""Call by call and text by text: what the carrier says against what the portal has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from portal.calls.models import Call
from portal.core.db import session
from portal.core.scope import unscoped
from portal.identity.models import Reseller
from portal.messaging.models import Message, StrayMessage
from portal.messaging.values import MessageState
from portal.upstream.models import CarrierLogin
from tests.soak.installation import Installation
from tests.soak.people import Sent

_OUT_WENT = (MessageState.SENT, MessageState.DELIVERED)


def truth(installation: Installation, kind: str) -> list[dict[str, Any]]:
    """Everything of a kind (calls, messages) that happened at the carrier."""
    found: list[dict[str, Any]] = []
    after: int | None = 0
    while after is not None:
        page = installation.control(f"truth/{kind}", after=after, limit=5_000)
        found += page[kind]
        after = page["next"]
    return found


def resellers() -> dict[str, int]:
    """Our reseller of each carrier login."""
    with unscoped("the soak compares everybody"):
        rows = session().execute(
            select(CarrierLogin.username, Reseller.id).join(
                Reseller, Reseller.id == CarrierLogin.reseller_id
            )
        )
        return dict(tuple(row) for row in rows)


def calls_differ(installation: Installation) -> Iterator[str]:
    """Each leg here and there once, with the same seconds, cost, end and direction."""
    ids = resellers()
    there = Counter(
        (ids[leg["api_username"]], _key(leg), leg["seconds"], _e8(leg["total"]), _ended(leg))
        for leg in truth(installation, "calls")
    )
    with unscoped("the soak compares everybody"):
        rows = session().execute(
            select(
                Call.reseller_id, Call.carrier_key, Call.seconds, Call.carrier_cost_e8,
                Call.disposition,
            )
        )  # fmt: skip
        here = Counter(tuple(row) for row in rows)
        session().rollback()
    yield from _differences("call", there, here)


def texts_differ(installation: Installation) -> Iterator[str]:
    """Each text that came in or went out, here and there once, with the same words."""
    ids = resellers()
    there = Counter(
        (ids[row["api_username"]], row["direction"], row["kind"], str(row["id"]), row["message"])
        for row in truth(installation, "messages")
    )
    with unscoped("the soak compares everybody"):
        wanted = Message.state.in_((*_OUT_WENT, MessageState.RECEIVED))
        rows = session().execute(
            select(
                Message.reseller_id, Message.direction, Message.kind, Message.carrier_ref,
                Message.text,
            ).where(wanted)
        )  # fmt: skip
        here = Counter(tuple(row) for row in rows)
        strays = session().execute(
            select(
                StrayMessage.reseller_id, StrayMessage.kind, StrayMessage.carrier_ref,
                StrayMessage.text,
            )
        )  # fmt: skip
        here.update((owner, "in", kind, ref, text) for owner, kind, ref, text in strays)
        session().rollback()
    yield from _differences("text", there, here)


def wishes_differ(installation: Installation, wishes: Sequence[Sent]) -> Iterator[str]:
    """What people pressed: accepted is one message, and at most one copy at the carrier."""
    copies = Counter(
        row["message"] for row in truth(installation, "messages") if row["direction"] == "out"
    )
    with unscoped("the soak compares everybody"):
        rows = session().execute(
            select(Message.reference, Message.state).where(Message.reference.is_not(None))
        )
        states: dict[str, list[str]] = {}
        for reference, state in rows:
            states.setdefault(reference, []).append(state)
        session().rollback()
    for wish in wishes:
        found = states.get(wish.reference, [])
        if wish.accepted and len(found) != 1:
            yield f"{wish.text}: accepted, and stored {len(found)} times."
        if len(found) > 1:
            yield f"{wish.text}: stored {len(found)} times."
        if wish.answers and not wish.accepted and found:
            yield f"{wish.text}: refused, and stored all the same."
        expected = sum(state in _OUT_WENT for state in found)
        if copies[wish.text] != expected:
            yield f"{wish.text}: {found} here, {copies[wish.text]} copies at the carrier."


def _differences(what: str, there: Counter[Any], here: Counter[Any]) -> Iterator[str]:
    for row, count in (there - here).items():
        yield f"The {what} {row} is {count} times at the carrier and not here."
    for row, count in (here - there).items():
        yield f"The {what} {row} is {count} times here and not at the carrier."


def _key(leg: dict[str, Any]) -> str:
    internal = leg["destination_type"] == "OUT:INTERNAL"
    return f"{leg['uniqueid']}|{'internal' if internal else leg['direction']}|{leg['account']}"


def _ended(leg: dict[str, Any]) -> str:
    return str(leg["disposition"]).lower().replace(" ", "_")


def _e8(amount: str) -> int:
    return int(Decimal(amount).scaleb(8))
