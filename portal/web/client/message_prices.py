"""How the price of one text was made; never the cost."""

from __future__ import annotations

import uuid

from flask import url_for

from portal import messaging
from portal.entitlements import Service
from portal.web import text_worksheets
from portal.web.client.blueprint import bp
from portal.web.htmx import Rendered, render
from portal.web.postings import links
from portal.web.rights import client_id, need

PAGE = "client/messages/price.html"


@bp.get("/messages/prices/<uuid:public_id>")
def message_price(public_id: uuid.UUID) -> Rendered:
    """The steps from what was written to what was charged."""
    need(Service.SMS_MMS)
    need(Service.BALANCE)
    sheet = messaging.worksheet(client_id(), public_id)
    return render(
        PAGE,
        sheet=sheet,
        steps=text_worksheets.steps(sheet),
        posting_url=links.of_text(
            client_id(), public_id, lambda one: url_for(".posting", public_id=one)
        ),
        messages_url=url_for(".messages"),
        thread_url=url_for(".conversation", public_id=sheet.conversation, found=public_id),
    )
