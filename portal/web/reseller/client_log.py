"""Who may log in for a client, and what was done to the account."""

from __future__ import annotations

import uuid

from flask import request, url_for

from portal import identity
from portal.web.htmx import Rendered, render
from portal.web.reseller import client_words, log_words
from portal.web.reseller.blueprint import bp


@bp.get("/clients/<uuid:public_id>/log")
def client_log(public_id: uuid.UUID) -> Rendered:
    """The people of a client and the log, who viewed the portal included."""
    client = identity.client_by_public_id(public_id)
    found = identity.events(client.id, cursor=request.args.get("after", ""))
    older = url_for(".client_log", public_id=public_id, after=found.older) if found.older else ""
    return render(
        "reseller/client/log.html",
        "reseller/company/_log.html",
        client=client_words.head(client),
        client_tabs=client_words.tabs(client, "client_log"),
        clients_url=url_for("reseller.clients"),
        people=identity.people_of(client.id),
        log=[log_words.shown(one) for one in found.rows],
        older_url=older,
    )
