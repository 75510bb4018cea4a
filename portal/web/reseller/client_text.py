"""How the price of one text of a client came about, with cost and profit; never its words."""

from __future__ import annotations

import uuid

from flask import url_for

from portal import identity, messaging
from portal.reports.words import text_words
from portal.web import text_worksheets
from portal.web.htmx import Rendered, render
from portal.web.postings import links
from portal.web.reseller import client_words
from portal.web.reseller.blueprint import bp


@bp.get("/clients/<uuid:public_id>/messages/<uuid:text>")
def client_text(public_id: uuid.UUID, text: uuid.UUID) -> Rendered:
    """The steps from what was written to what was charged."""
    client = identity.client_by_public_id(public_id)
    sheet = messaging.worksheet(client.id, text)
    return render(
        "reseller/texts/text.html",
        client=client_words.head(client),
        clients_url=url_for("reseller.clients"),
        back_url=url_for(".client_texts", public_id=public_id),
        sheet=sheet,
        state=text_words().get(sheet.state, sheet.state),
        steps=text_worksheets.steps(sheet, staff=True),
        posting_url=links.of_text(
            client.id,
            text,
            lambda one: url_for("reseller.client_posting", public_id=public_id, posting=one),
        ),
    )
