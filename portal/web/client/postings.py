"""How one amount in the history came about; never the cost, never a name of staff."""

from __future__ import annotations

import uuid

from flask import url_for

from portal.entitlements import Service
from portal.web.client.blueprint import bp
from portal.web.htmx import Rendered, render
from portal.web.postings import Reader, explained
from portal.web.rights import allowed, client_id, need

PAGE, DRAWER = "client/balance/posting.html", "partials/_posting_drawer.html"


@bp.get("/balance/postings/<uuid:public_id>")
def posting(public_id: uuid.UUID) -> Rendered:
    """A page of its own, or what opens beside the history."""
    need(Service.BALANCE)
    reader = Reader(
        staff=False,
        posting=lambda one: url_for(".posting", public_id=one),
        paper=lambda one: url_for(".invoice", public_id=one),
        payment=lambda _: "",
        thing=_thing,
    )
    return render(
        PAGE,
        DRAWER,
        sheet=explained(client_id(), public_id, reader),
        page_url=url_for(".posting", public_id=public_id, _external=True),
        balance_url=url_for(".balance"),
    )


def _thing(kind: str, public_id: uuid.UUID, within: uuid.UUID | None) -> str:
    if kind == "message" and Service.SMS_MMS in allowed():
        return url_for(".conversation", public_id=within, found=public_id)
    if kind == "fax" and Service.FAX in allowed():
        return url_for(".fax_one", public_id=public_id)
    return ""
