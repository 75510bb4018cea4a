"""The client's own invoices, receipts and credit notes."""

from __future__ import annotations

import uuid
from typing import Any
from zoneinfo import ZoneInfo

from flask import request, url_for

from portal import invoices
from portal.entitlements import Service
from portal.invoices import PaperFilter, PaperKind
from portal.web import invoice_words
from portal.web.client import balance_tabs
from portal.web.client.blueprint import bp
from portal.web.forms.filters import read_span, text_of
from portal.web.guards import while_suspended
from portal.web.htmx import Rendered, render
from portal.web.places import reseller
from portal.web.rights import client_id, need

PAGE, LIST = "client/invoices/index.html", "client/invoices/_list.html"


@bp.get("/balance/invoices", endpoint="invoices")
def own_invoices() -> Rendered:
    """The list, newest first."""
    need(Service.BALANCE)
    known = {kind.value: kind for kind in PaperKind}
    span = read_span(request.args, ZoneInfo(reseller().time_zone), most_days=None)
    wanted = PaperFilter(
        client_id=client_id(),
        kind=known.get(request.args.get("kind", "")),
        text=text_of(request.args),
        first=span.first if span else None,
        last=span.last if span else None,
    )
    page = invoices.papers(wanted, after=request.args.get("after"))
    kept: dict[str, Any] = {
        name: word
        for name in ("q", "kind", "since", "until")
        if (word := request.args.get(name, "")[:80])
    }
    return render(
        PAGE,
        LIST,
        balance_tabs=balance_tabs.tabs("invoices"),
        papers=[invoice_words.listed(row, "client") for row in page.rows],
        wanted=wanted,
        span=span,
        kinds=invoice_words.kinds(),
        is_filtered=bool(wanted.text or wanted.kind or span),
        index_url=url_for(".invoices"),
        statements_url=url_for(".statements"),
        older_url=url_for(".invoices", **kept, after=page.older) if page.older else "",
        newer_url=url_for(".invoices", **kept) if request.args.get("after") else "",
    )


@bp.get("/balance/invoices/<uuid:public_id>")
def invoice(public_id: uuid.UUID) -> Rendered:
    """One paper as it was issued."""
    need(Service.BALANCE)
    row = invoices.find(public_id, client_id=client_id())
    return render(
        "client/invoices/view.html",
        row=row,
        balance_url=url_for(".balance"),
        list_url=url_for(".invoices"),
        lines_url=url_for(".balance", since=row.first_day, until=row.last_day),
        **invoice_words.page(row, "client", lambda name: url_for(".posting", public_id=name)),
    )


@bp.get("/balance/invoices/<uuid:public_id>/pdf")
def invoice_pdf(public_id: uuid.UUID) -> Rendered:
    """The PDF."""
    need(Service.BALANCE)
    row = invoices.find(public_id, client_id=client_id())
    return invoice_words.pdf(row, url_for(".invoice", public_id=public_id))


@bp.post("/balance/invoices/<uuid:public_id>/pdf")
@while_suspended
def make_invoice_pdf(public_id: uuid.UUID) -> Rendered:
    """Have it made again: old ones are not kept."""
    need(Service.BALANCE)
    row = invoices.find(public_id, client_id=client_id())
    return invoice_words.make_pdf(row, url_for(".invoice", public_id=public_id))
