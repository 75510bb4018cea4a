"""A client's statements, as staff make them."""

from __future__ import annotations

import uuid

from flask import url_for

from portal import identity
from portal.web import statement_pages
from portal.web.htmx import Rendered, go, render, wants_fragment
from portal.web.reseller.blueprint import bp

PAGE, PANEL = "reseller/reports/statements.html", "client/statements/_panel.html"


@bp.get("/clients/<uuid:public_id>/statements")
def client_statements(public_id: uuid.UUID) -> Rendered:
    """Months to choose from, and the files that were made."""
    client = identity.client_by_public_id(public_id)
    ask_url = url_for("reseller.client_statement_pdf", public_id=public_id)
    return render(
        PAGE,
        PANEL,
        name=client.title,
        client_url=url_for("reseller.client", public_id=public_id),
        clients_url=url_for("reseller.clients"),
        **statement_pages.words(client.id, "reseller", ask_url=ask_url),
    )


@bp.post("/clients/<uuid:public_id>/statements")
def client_statement_pdf(public_id: uuid.UUID) -> Rendered:
    """Ask for the PDF of one period."""
    client = identity.client_by_public_id(public_id)
    statement_pages.ask(client.id)
    here = url_for("reseller.client_statements", public_id=public_id)
    return client_statements(public_id) if wants_fragment() else go(here)
