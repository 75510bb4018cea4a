"""The SIP servers that clients see: own DNS names for the carrier's, checked."""

from __future__ import annotations

import uuid

from flask import request, url_for
from flask_babel import gettext

from portal import pbx
from portal.core.db import transaction
from portal.core.queue import enqueue
from portal.tasks import REFRESH_NUMBERS
from portal.web.forms.access import ServerForm
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render
from portal.web.reseller import access_tabs
from portal.web.reseller.blueprint import bp
from portal.web.session import person


@bp.get("/configuration/access/servers")
def sip_servers() -> Rendered:
    """Every server with its own name and what was found of it."""
    return _page()


@bp.post("/configuration/access/servers/refresh")
@needs("configuration")
def refresh_servers() -> Rendered:
    """Ask the carrier for its list; a job brings it."""
    with transaction():
        enqueue(REFRESH_NUMBERS)
    return go(
        url_for("reseller.sip_servers"),
        say=gettext("The carrier is asked. Open this page again in a moment."),
    )


@bp.post("/configuration/access/servers/<uuid:public_id>")
@needs("configuration")
def name_server(public_id: uuid.UUID) -> Rendered:
    """Give one a name, and look at once where the name leads."""
    form, visitor = ServerForm(request.form), person()
    server = form.submit(lambda: pbx.name_server(public_id, form.own_name.data or "", by=visitor))
    if server is None:
        return _page(form, public_id, status=422)
    if server.own_name:
        found = pbx.look_up_server(server)
        with transaction():
            pbx.note_server(server, found)
    return go(url_for("reseller.sip_servers") + f"#server-{public_id}", say=gettext("Saved."))


def _page(
    form: ServerForm | None = None, wrong: uuid.UUID | None = None, *, status: int = 200
) -> Rendered:
    search = request.args.get("q", "")[:80]
    return render(
        "reseller/access/servers.html",
        status=status,
        has_errors=status != 200,
        access_tabs=access_tabs.tabs("sip_servers"),
        search=search,
        servers=pbx.sip_servers(search),
        wrong=wrong,
        typed=form.own_name.data if form else "",
        problem=form.own_name.errors[0] if form and form.own_name.errors else "",
    )
