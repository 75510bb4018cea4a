"""A client's calls with cost, price, profit, and how each price came about."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import request, url_for
from flask_babel import gettext

from portal import calls, identity, ledger
from portal.calls import CallFilter, CallRow
from portal.core import clock, period
from portal.core.errors import NotFound
from portal.identity import ClientFacts
from portal.web import call_words, worksheets
from portal.web.htmx import Rendered, render
from portal.web.postings import links
from portal.web.reseller import client_words
from portal.web.reseller.blueprint import bp
from portal.web.session import person

_MOST_DAYS = 92
_USUAL_DAYS = 30
_LONGEST_SEARCH = 60


@bp.get("/clients/<uuid:public_id>/calls")
def client_calls(public_id: uuid.UUID) -> Rendered:
    """One page of calls, newest first, and the sums of the period."""
    client = identity.client_by_public_id(public_id)
    wanted = _wanted(client)
    page = calls.search(wanted, after=request.args.get("after"), before=request.args.get("before"))
    return render(
        "reseller/client/calls.html",
        "reseller/client/_calls.html",
        client=client_words.head(client),
        client_tabs=client_words.tabs(client, "client_calls"),
        clients_url=url_for("reseller.clients"),
        calls=[(row, *words(row)) for row in page.rows],
        totals=calls.totals(wanted),
        wanted=wanted,
        directions=[
            ("", gettext("All")), ("out", gettext("Outgoing")), ("in", gettext("Incoming")),
        ],
        index_url=url_for("reseller.client_calls", public_id=public_id),
        explain_of=lambda row: url_for(
            "reseller.client_call", public_id=public_id, call=row.public_id
        ),
        older_url=_url(client, after=page.older) if page.older else "",
        newer_url=_url(client, before=page.newer) if page.newer else "",
        is_filtered=bool(wanted.text or wanted.direction),
    )  # fmt: skip


@bp.get("/clients/<uuid:public_id>/calls/<uuid:call>")
def client_call(public_id: uuid.UUID, call: uuid.UUID) -> Rendered:
    """How one call's price came about, with cost and profit."""
    client = identity.client_by_public_id(public_id)
    row, sheet = calls.find(call)
    if row.client_id != client.id:
        raise NotFound("There is no such call.")
    found = calls.recordings_of(call)
    names = ledger.postings_of(client.id, "recording", [str(one.public_id) for one in found])
    posted = {
        name: url_for("reseller.client_posting", public_id=public_id, posting=one)
        for name, one in names.items()
    }
    return render(
        "reseller/client/call.html",
        "reseller/client/_explain.html",
        client=client_words.head(client),
        clients_url=url_for("reseller.clients"),
        calls_url=url_for("reseller.client_calls", public_id=public_id),
        call=row,
        words=words(row),
        steps=worksheets.steps(sheet, audience="staff") if sheet else [],
        recordings=[(one, posted.get(str(one.public_id), "")) for one in found],
        posting_url=links.of_call(
            client.id,
            call,
            lambda one: url_for("reseller.client_posting", public_id=public_id, posting=one),
        ),
    )


def words(row: CallRow) -> tuple[str, str, str]:
    """A call's icon, the word for what became of it, and the tone of that word."""
    answered = row.disposition == "answered"
    symbol = "phone-incoming" if row.direction == "in" else "phone-outgoing"
    if row.state == "unrated":
        return symbol, gettext("No rate"), "warn"
    if row.state == "unowned":
        return symbol, gettext("Nobody's"), "warn"
    word, tone = call_words.result(row.disposition)
    return symbol if answered else "phone-missed", word, tone


def _wanted(client: ClientFacts) -> CallFilter:
    zone = ZoneInfo(person().time_zone)
    today = period.local_day(clock.now(), zone)
    last = _day("last") or today
    first = _day("first") or last - timedelta(days=_USUAL_DAYS - 1)
    first = min(max(first, last - timedelta(days=_MOST_DAYS - 1)), last)
    span = period.days(first, last, zone=zone)
    direction = request.args.get("direction", "")
    return CallFilter(
        span.start,
        span.end,
        first,
        last,
        client_id=client.id,
        direction=direction if direction in {"in", "out"} else "",
        text=request.args.get("q", "").strip()[:_LONGEST_SEARCH],
    )


def _day(name: str) -> date | None:
    try:
        found = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2100 else None


def _url(client: ClientFacts, **cursor: str | None) -> str:
    kept = {name: request.args.get(name) for name in ("q", "direction", "first", "last")}
    values: dict[str, Any] = {name: word for name, word in (kept | cursor).items() if word}
    return url_for("reseller.client_calls", public_id=client.public_id, **values)
