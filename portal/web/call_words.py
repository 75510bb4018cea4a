"""Calls in words, as a client's lists show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext

from portal import contacts
from portal.calls import CallRow, CallState
from portal.core import phone
from portal.core.money import Money
from portal.web import filters
from portal.web.forms.filters import Span


@dataclass(frozen=True, slots=True)
class CallShown:
    """One row. ``price`` None prints a dash, or ``price_note`` where there is one."""

    public_id: str
    at: str
    day: str
    clock: str
    started_at: datetime
    note: str
    who: str
    number: str
    place: str
    inbound: bool
    missed: bool
    line: str
    account: str
    state_text: str
    tone: str
    length: int
    rate_e8: int | None
    price: Money | None
    price_note: str
    explain_url: str


def known_names(client_id: int, rows: Iterable[CallRow]) -> dict[str, str]:
    """Whom the client knows of the other sides of these calls, by the number as the call has it: one query."""
    spelled = {row.other_side: phone.normalise(row.other_side) or row.other_side for row in rows}
    found = contacts.names(client_id, spelled.values())
    return {raw: found[number] for raw, number in spelled.items() if number in found}


def shown(row: CallRow, *, names: Mapping[str, str], explain_url: str = "") -> CallShown:
    """A call as a client sees it: never its cost. ``names`` are those of the client's phonebook."""
    word, tone = result(row.disposition)
    inbound = row.direction == "in"
    answered = row.disposition == "answered"
    day, _, clock = filters.daytime(row.started_at, seconds=True).rpartition(", ")
    return CallShown(
        public_id=str(row.public_id),
        at=row.started_at.isoformat(),
        day=day,
        clock=clock,
        started_at=row.started_at,
        note=gettext("The clock went back in this hour: it may have been an hour later.")
        if row.ambiguous_hour
        else "",
        who=names.get(row.other_side) or (row.caller_name if inbound else ""),
        number=row.other_side,
        place="" if inbound else row.description,
        inbound=inbound,
        missed=inbound and not answered,
        line=row.line or row.account.partition("_")[2],
        account=row.account,
        state_text=word,
        tone=tone,
        length=row.seconds,
        rate_e8=row.rate_e8 if answered else None,
        price=row.price if answered else None,
        price_note=gettext("Price to follow") if row.state == CallState.UNRATED else "",
        explain_url=explain_url,
    )


def result(disposition: str) -> tuple[str, str]:
    """How a call ended, and the tone of its dot."""
    return {
        "answered": (gettext("Answered"), "ok"),
        "no_answer": (gettext("No answer"), "warn"),
        "busy": (gettext("Busy"), "warn"),
        "failed": (gettext("Failed"), "bad"),
    }.get(disposition, (disposition, ""))


def direction_text(direction: str) -> str:
    """Which way it went, seen from the client."""
    return {
        "in": gettext("Incoming"),
        "out": gettext("Outgoing"),
        "internal": gettext("Internal"),
    }.get(direction, direction)


def period_text(span: Span) -> str:
    """Nov 14 to Nov 20."""
    if span.first == span.last:
        return filters.day(span.first)
    return gettext(
        "%(first)s to %(last)s", first=filters.day(span.first), last=filters.day(span.last)
    )
