"""The log of texts, of all clients and of one: cost, price, profit; the words only where allowed."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, request, url_for
from flask_babel import gettext

from portal import identity, messaging
from portal.core import period
from portal.core.cells import Cell
from portal.identity import ClientFacts
from portal.messaging import LogFilter, LoggedText, MessageState
from portal.web import consents, filters
from portal.web.call_words import period_text
from portal.web.download import csv_stream
from portal.web.forms.consents import ConsentForm
from portal.web.forms.filters import Span, quick_span, read_span, text_of
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render
from portal.web.reseller import client_words
from portal.web.reseller.blueprint import bp
from portal.web.session import person

_DIRECTIONS, _KINDS = ("out", "in"), ("sms", "mms")


@bp.get("/reports/messages")
def text_log() -> Rendered:
    """Texts of all clients, newest first."""
    return render(
        "reseller/texts/log.html", "reseller/texts/_log.html", **_log(None, "text_log", {})
    )


@bp.get("/reports/messages.csv")
def text_log_csv() -> Response:
    """Everything the filter finds, streamed."""
    return _csv(None)


@bp.get("/clients/<uuid:public_id>/messages")
def client_texts(public_id: uuid.UUID) -> Rendered:
    """The texts of one client."""
    client = identity.client_by_public_id(public_id)
    return render(
        "reseller/texts/client.html",
        "reseller/texts/_log.html",
        client=client_words.head(client),
        client_tabs=client_words.tabs(client, "client_texts"),
        clients_url=url_for("reseller.clients"),
        numbers_url=url_for(".client_text_numbers", public_id=public_id),
        limits_url=url_for(".client_text_limits", public_id=public_id),
        consents_url=url_for(".client_consents", public_id=public_id),
        **_log(client, "client_texts", {"public_id": public_id}),
    )


@bp.get("/clients/<uuid:public_id>/messages.csv")
def client_texts_csv(public_id: uuid.UUID) -> Response:
    """The same of one client, streamed."""
    return _csv(identity.client_by_public_id(public_id))


@bp.get("/clients/<uuid:public_id>/consent")
def client_consents(public_id: uuid.UUID) -> Rendered:
    """Who stopped this client's texts, and who allowed them again."""
    client = identity.client_by_public_id(public_id)
    return _consents(client, consents.form_of(client.id))


@bp.post("/clients/<uuid:public_id>/consent")
@needs("clients")
def enter_client_consent(public_id: uuid.UUID) -> Rendered:
    """Write down what somebody told us, for the client."""
    client = identity.client_by_public_id(public_id)
    form = consents.form_of(client.id, request.form)
    if not consents.enter(client.id, form):
        return _consents(client, form, status=422)
    return go(url_for(".client_consents", public_id=public_id), say=gettext("Written down."))


@bp.get("/clients/<uuid:public_id>/consent.csv")
def client_consents_csv(public_id: uuid.UUID) -> Response:
    """Everything the filter finds."""
    return consents.csv_of(identity.client_by_public_id(public_id).id)


def _consents(client: ClientFacts, form: ConsentForm, *, status: int = 200) -> Rendered:
    own: dict[str, Any] = {"public_id": client.public_id}
    return render(
        "reseller/texts/consents.html",
        "partials/_consents.html" if request.method == "GET" else None,
        status=status,
        has_errors=status != 200,
        client=client_words.head(client),
        client_tabs=client_words.tabs(client, "client_texts"),
        clients_url=url_for("reseller.clients"),
        form=form,
        enter_url=url_for(".enter_client_consent", **own),
        back_url=url_for(".client_texts", **own),
        conversation_of=None,
        **consents.log_of(
            client.id,
            index=lambda **words: url_for("reseller.client_consents", **own, **words),
            export=lambda **words: url_for("reseller.client_consents_csv", **own, **words),
        ),
    )


def _log(client: ClientFacts | None, endpoint: str, own: dict[str, Any]) -> dict[str, Any]:
    wanted, span = _wanted(client)
    page = messaging.logged_texts(wanted, after=request.args.get("after"))
    known = {} if client else identity.clients_by_id({row.client_id for row in page.rows})
    kept: dict[str, Any] = {name: word for name in ("q", "direction", "kind", "state", "since", "until") if (word := request.args.get(name, "")[:80])}  # fmt: skip
    return {
        "texts": [(row, *_words(row)) for row in page.rows],
        "clients": {
            row_id: (one.title, url_for("reseller.client_texts", public_id=one.public_id))
            for row_id, one in known.items()
        },
        "totals": messaging.log_totals(wanted),
        "wanted": wanted,
        "span": span,
        "period_text": period_text(span),
        "directions": [(one, _direction(one)) for one in _DIRECTIONS],
        "kinds": [(one, one.upper()) for one in _KINDS],
        "states": [(one.value, _state(one)) for one in MessageState],
        "is_filtered": bool(wanted.text or wanted.direction or wanted.kind or wanted.state),
        "index_url": url_for(f"reseller.{endpoint}", **own),
        "export_url": url_for(f"reseller.{endpoint}_csv", **own, **kept),
        "older_url": url_for(f"reseller.{endpoint}", **own, **kept, after=page.older)
        if page.older
        else "",
        "newer_url": url_for(f"reseller.{endpoint}", **own, **kept)
        if request.args.get("after")
        else "",
    }


def _csv(client: ClientFacts | None) -> Response:
    wanted, span = _wanted(client)
    zone, own = ZoneInfo(person().time_zone), client.title if client else ""
    states = cache(_state)
    ways = cache(_direction)
    names: dict[int, str] = {}
    head = [
        gettext("Date"), gettext("Time"), gettext("Client"), gettext("Direction"), gettext("Kind"),
        gettext("Number"), gettext("Contact"), gettext("State"), gettext("Sent by"),
        gettext("Cost"), gettext("Price"), gettext("Profit"), gettext("Text"),
    ]  # fmt: skip

    def chunk(last: LoggedText | None) -> Sequence[LoggedText]:
        rows = messaging.every_logged(wanted, after=last)
        missing = set() if own else {row.client_id for row in rows} - names.keys()
        if missing:
            names.update({key: one.title for key, one in identity.clients_by_id(missing).items()})
        return rows

    def cells(row: LoggedText) -> Sequence[Cell]:
        at = row.at.astimezone(zone)
        return [
            at.date().isoformat(), f"{at:%H:%M:%S}", own or names.get(row.client_id, ""),
            ways(row.direction), row.kind.upper(), row.own_number, row.contact, states(row.state),
            row.sent_by, str(row.cost), str(row.price), str(row.profit), row.text,
        ]  # fmt: skip

    return csv_stream(f"messages-{span.first}-{span.last}.csv", head, chunk, cells)


def _wanted(client: ClientFacts | None) -> tuple[LogFilter, Span]:
    """The filter of the address: the last 30 days unless it says otherwise."""
    zone = ZoneInfo(person().time_zone)
    span = read_span(request.args, zone) or quick_span("30", zone)
    days = period.days(span.first, span.last, zone=zone)
    return LogFilter(
        since=days.start,
        until=days.end,
        client_id=client.id if client else None,
        direction=_one_of("direction", _DIRECTIONS),
        kind=_one_of("kind", _KINDS),
        state=_one_of("state", tuple(MessageState)),
        text=text_of(request.args),
    ), span


def _one_of(name: str, known: Sequence[str]) -> str:
    word = request.args.get(name, "")
    return word if word in known else ""


def _words(row: LoggedText) -> tuple[str, str, str]:
    """Icon, state and tone of a line."""
    symbol = "arrow-left" if row.direction == "in" else "arrow-right"
    tone = {"failed": "bad", "unknown": "warn", "queued": "warn", "sending": "warn"}.get(
        row.state, "ok"
    )
    return symbol, _state(row.state), tone


def _direction(direction: str) -> str:
    return gettext("Received") if direction == "in" else gettext("Sent")


def _state(state: str) -> str:
    words = {
        "queued": gettext("Waiting"),
        "sending": gettext("Sending"),
        "unknown": gettext("Being looked up"),
        "sent": gettext("Sent"),
        "delivered": gettext("Delivered"),
        "failed": gettext("Failed"),
        "received": gettext("Received"),
    }
    return words.get(state, filters.NOTHING)
