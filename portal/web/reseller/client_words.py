"""Words about clients that several pages share: states, the head of a client's pages, routings."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import url_for
from flask_babel import gettext

from portal import numbers, pricing
from portal.core import clock
from portal.core.errors import InvalidInput
from portal.core.period import day_start, local_day
from portal.identity import ClientFacts, ClientStatus
from portal.ledger import LowBalance
from portal.numbers import Routing
from portal.reports.words import routing_words
from portal.web import filters
from portal.web.reseller.blueprint import own_reseller

Tab = tuple[str, str, bool, int | None]
_ROUTES = {
    "account": "phone",
    "fwd": "phone-forwarded",
    "vm": "voicemail",
    "sip": "link",
    "grp": "users",
    "ivr": "git-branch",
    "queue": "headset",
    "recording": "mic",
    "tc": "calendar-clock",
    "disa": "phone-call",
    "callback": "reply",
    "sys": "server",
    "fax": "printer",
    "none": "phone-off",
}


@dataclass(frozen=True, slots=True)
class Head:
    """Who this is, above every page of one client."""

    public_id: uuid.UUID
    name: str
    number: str
    person: str
    since: str
    status: ClientStatus
    status_text: str
    status_tone: str


def head(client: ClientFacts) -> Head:
    """The head of a client's pages."""
    text, tone = state(client.status)
    return Head(
        client.public_id,
        client.title,
        client.number,
        client.name if client.details.company else "",
        filters.month(client.created_at.date()),
        client.status,
        text,
        tone,
    )


def tabs(client: ClientFacts, current: str) -> list[Tab]:
    """The pages of a client: two queries, for the counts."""
    accounts = pricing.client_link_counts([client.id]).get(client.id, 0)
    dids = numbers.did_counts([client.id]).get(client.id, 0)
    pages: list[tuple[str, str, int | None]] = [
        ("client", gettext("Overview"), None),
        ("client_transactions", gettext("Transactions"), None),
        ("client_fees", gettext("Fees"), None),
        ("client_invoices", gettext("Invoices"), None),
        ("client_accounts", gettext("Sub-accounts"), accounts),
        ("client_numbers", gettext("Numbers"), dids),
        ("client_calls", gettext("Calls"), None),
        ("client_exposure", gettext("Exposure"), None),
        ("client_texts", gettext("Messages"), None),
        ("client_faxes", gettext("Faxes"), None),
        ("client_log", gettext("Team and log"), None),
    ]
    return [
        (text, url_for(f"reseller.{page}", public_id=client.public_id), page == current, count)
        for page, text, count in pages
    ]


def state(status: ClientStatus, low: LowBalance | None = None) -> tuple[str, str]:
    """The word and tone of a client's badge; a balance that needs looking at comes first."""
    if status is ClientStatus.ACTIVE and low is not None:
        return (gettext("Owes you") if low.owes else gettext("Low balance")), "warn"
    return {
        ClientStatus.WAIT: (gettext("Waiting"), "info"),
        ClientStatus.ACTIVE: (gettext("Active"), "ok"),
        ClientStatus.SUSPENDED: (gettext("Suspended"), "bad"),
        ClientStatus.CLOSED: (gettext("Closed"), ""),
    }[status]


def route_shown(routing: Routing, targets: Mapping[tuple[str, str], str]) -> tuple[str, str]:
    """Where a number rings: an icon and words. ``targets`` knows forwardings and mailboxes."""
    symbol = _ROUTES.get(routing.kind, "arrow-right")
    known = targets.get((routing.kind, routing.target), "")
    if routing.kind == "fwd":
        known = filters.phone_number(known or routing.target)
    return symbol, routing_words(routing, known)


def currency_symbol() -> str:
    """What stands in front of an amount being typed."""
    return "$" if filters.currency() in {"USD", "CAD", "AUD", "NZD"} else filters.currency()


def month_to_date() -> tuple[date, date]:
    """The reseller's month so far, in the reseller's zone, as roll-ups are kept."""
    last = today()
    return last.replace(day=1), last


def last_month() -> tuple[date, date]:
    """The first and the last day of the month before this one."""
    last = today().replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


def today() -> date:
    """The reseller's day."""
    return local_day(clock.now(), ZoneInfo(own_reseller().time_zone))


def moment_of(day: date | None) -> datetime | None:
    """The start of a day in the reseller's zone; today and nothing are now."""
    if day is None or day == today():
        return None
    if day < today():
        raise InvalidInput("Rates cannot begin in the past.", field="valid_from")
    return day_start(day, ZoneInfo(own_reseller().time_zone))
