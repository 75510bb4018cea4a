"""How one amount of a client came about, with cost, profit, who posted it and its name in the books."""

from __future__ import annotations

import uuid
from datetime import date

from flask import abort, request, url_for

from portal import identity, ledger
from portal.identity import ClientFacts
from portal.ledger import USAGE, Reason
from portal.web import filters, history_lines
from portal.web.forms.filters import read_day
from portal.web.htmx import Rendered, render
from portal.web.postings import Reader, explained
from portal.web.reseller import client_words
from portal.web.reseller.blueprint import bp

PAGE, DRAWER = "reseller/client/posting.html", "partials/_posting_drawer.html"
ITEMS_PAGE, ITEMS = "reseller/client/usage.html", "partials/_usage_items.html"


@bp.get("/clients/<uuid:public_id>/postings/<uuid:posting>")
def client_posting(public_id: uuid.UUID, posting: uuid.UUID) -> Rendered:
    """A page of its own, or what opens beside the history."""
    client = identity.client_by_public_id(public_id)
    return render(
        PAGE,
        DRAWER,
        client=client_words.head(client),
        clients_url=url_for("reseller.clients"),
        sheet=explained(client.id, posting, _reader(client)),
        page_url=url_for(
            "reseller.client_posting", public_id=public_id, posting=posting, _external=True
        ),
    )


@bp.get("/clients/<uuid:public_id>/usage/<day>/<reason>")
def client_usage(public_id: uuid.UUID, day: str, reason: str) -> Rendered:
    """What is in one line of usage: its charges, each of which opens."""
    client = identity.client_by_public_id(public_id)
    when, kind = _day(day), _usage(reason)
    page = ledger.usage_items(client.id, when, kind, cursor=request.args.get("cursor"))
    return render(
        ITEMS_PAGE,
        ITEMS,
        client=client_words.head(client),
        clients_url=url_for("reseller.clients"),
        title=f"{history_lines.usage_words(kind)}, {filters.day(when)}",
        items=[
            history_lines.item(
                one,
                url_for("reseller.client_posting", public_id=public_id, posting=one.public_id),
            )
            for one in page.rows
        ],
        older_url=url_for(
            "reseller.client_usage", public_id=public_id, day=day, reason=reason, cursor=page.older
        )
        if page.older
        else "",
    )


def _reader(client: ClientFacts) -> Reader:
    def thing(kind: str, public_id: uuid.UUID, _within: uuid.UUID | None) -> str:
        if kind == "call":
            return url_for("reseller.client_call", public_id=client.public_id, call=public_id)
        if kind == "message":
            return url_for("reseller.client_text", public_id=client.public_id, text=public_id)
        return ""

    return Reader(
        staff=True,
        posting=lambda one: url_for(
            "reseller.client_posting", public_id=client.public_id, posting=one
        ),
        paper=lambda one: url_for("reseller.invoice", public_id=one),
        payment=lambda one: url_for("reseller.payment", public_id=one),
        thing=thing,
    )


def _usage(word: str) -> Reason:
    found = next((reason for reason in USAGE if reason.value == word), None)
    if found is None:
        abort(404)
    return found


def _day(text: str) -> date:
    found = read_day(text)
    if found is None:
        abort(404)
    return found
