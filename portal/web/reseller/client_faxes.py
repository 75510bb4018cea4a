"""A client's faxes with cost, price and profit: the guide's report per user. Documents are not for staff."""

from __future__ import annotations

import uuid

from flask import url_for

from portal import identity, reports
from portal.reports import ReportKind
from portal.web.htmx import Rendered
from portal.web.reseller import client_words, report_pages
from portal.web.reseller.blueprint import bp
from portal.web.reseller.reports import draw


@bp.get("/clients/<uuid:public_id>/faxes")
def client_faxes(public_id: uuid.UUID) -> Rendered:
    """The report of faxes, within the pages of one client."""
    client = identity.client_by_public_id(public_id)
    frame = report_pages.frame_of_client(
        reports.by_kind(ReportKind.FAXES), "reseller.client_faxes", client
    )
    return draw(
        frame,
        "reseller/client/faxes.html",
        client=client_words.head(client),
        client_tabs=client_words.tabs(client, "client_faxes"),
        clients_url=url_for("reseller.clients"),
    )
