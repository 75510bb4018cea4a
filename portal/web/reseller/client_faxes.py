"""A client's faxes with cost, price and profit: the guide's report per user. Documents are not for staff."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, request, url_for
from flask_babel import gettext

from portal import fax, identity
from portal.core import clock, period
from portal.core.cells import Cell
from portal.fax import FaxFilter, FaxState, ReportRow
from portal.identity import ClientFacts
from portal.web import fax_words
from portal.web.download import csv_stream
from portal.web.forms.filters import Span, read_span, text_of
from portal.web.htmx import Rendered, render
from portal.web.reseller import client_words
from portal.web.reseller.blueprint import bp
from portal.web.session import person

PAGE, ROWS = "reseller/client/faxes.html", "reseller/client/_faxes.html"
_USUAL_DAYS = 30
_STATES = (FaxState.SENT, FaxState.FAILED, FaxState.CANCELLED, FaxState.RECEIVED)


@bp.get("/clients/<uuid:public_id>/faxes")
def client_faxes(public_id: uuid.UUID) -> Rendered:
    """One page of faxes, newest first, and the sums of the period."""
    client = identity.client_by_public_id(public_id)
    span, wanted = _asked(client)
    page = fax.report(wanted, after=request.args.get("after"))
    return render(
        PAGE,
        ROWS,
        client=client_words.head(client),
        client_tabs=client_words.tabs(client, "client_faxes"),
        clients_url=url_for("reseller.clients"),
        rows=[(row, fax_words.state_of(row.state), row.price - row.cost) for row in page.rows],
        totals=(sums := fax.report_totals(wanted)),
        profit=sums.price - sums.cost,
        span=span,
        wanted=wanted,
        directions=[("", gettext("Both")), ("out", gettext("Sent")), ("in", gettext("Received"))],
        states=[("", gettext("Any"))] + [(one.value, fax_words.state_of(one).word) for one in _STATES],
        index_url=url_for("reseller.client_faxes", public_id=public_id),
        export_url=_url(client, "reseller.client_faxes_csv"),
        older_url=_url(client, after=page.older) if page.older else "",
        newest_url=_url(client) if request.args.get("after") else "",
        is_filtered=bool(wanted.text or wanted.direction or wanted.state),
    )  # fmt: skip


@bp.get("/clients/<uuid:public_id>/faxes.csv")
def client_faxes_csv(public_id: uuid.UUID) -> Response:
    """Everything the filter finds, in the order it was accepted, streamed."""
    client = identity.client_by_public_id(public_id)
    span, wanted = _asked(client)
    zone = ZoneInfo(person().time_zone)
    head = [
        gettext("Date"), gettext("Time"), gettext("Direction"), gettext("Fax number"), gettext("With"),
        gettext("Name"), gettext("Sent by"), gettext("Result"), gettext("Pages"), gettext("Seconds"),
        gettext("Cost"), gettext("Price"), gettext("Profit"),
    ]  # fmt: skip
    ways = {"in": gettext("Received"), "out": gettext("Sent")}
    word = cache(lambda state: fax_words.state_of(state).word)

    def chunk(last: ReportRow | None) -> Sequence[ReportRow]:
        return fax.report_every(wanted, after_id=last.id if last else 0)

    def cells(row: ReportRow) -> Sequence[Cell]:
        at = row.at.astimezone(zone)
        return [
            at.date().isoformat(), f"{at:%H:%M:%S}", ways.get(row.direction, row.direction),
            row.own_number, row.contact, row.contact_name, row.sent_by, word(row.state), row.pages,
            row.seconds, str(row.cost), str(row.price), str(row.price - row.cost),
        ]  # fmt: skip

    return csv_stream(f"faxes-{client.number}-{span.first}-{span.last}.csv", head, chunk, cells)


def _asked(client: ClientFacts) -> tuple[Span, FaxFilter]:
    zone = ZoneInfo(person().time_zone)
    today = period.local_day(clock.now(), zone)
    found = read_span(request.args, zone)
    span = found or Span(today - timedelta(days=_USUAL_DAYS - 1), today)
    days = period.days(span.first, span.last, zone=zone)
    direction, state = request.args.get("direction", ""), request.args.get("state", "")
    return span, FaxFilter(
        days.start,
        days.end,
        client_id=client.id,
        direction=direction if direction in {"in", "out"} else "",
        state=state if state in set(_STATES) else "",
        text=text_of(request.args),
    )


def _url(client: ClientFacts, endpoint: str = "reseller.client_faxes", **cursor: str | None) -> str:
    names = ("q", "direction", "state", "since", "until")
    kept = {name: request.args.get(name) for name in names}
    values: dict[str, Any] = {name: word for name, word in (kept | cursor).items() if word}
    return url_for(endpoint, public_id=client.public_id, **values)
