"""The stream of one open tab: names of what changed, never content."""

from __future__ import annotations

from flask import Response, url_for

from portal.core import scope as scopes
from portal.core.db import finish_reading
from portal.entitlements import Service
from portal.web.client.blueprint import bp
from portal.web.htmx import Rendered, go, render, wants_fragment
from portal.web.live import stream
from portal.web.rights import allowed
from portal.web.session import person

_TELLS_OF = {
    "balance-changed": Service.BALANCE,
    "conversation-changed": Service.SMS_MMS,
    "calls-imported": Service.CDR,
    "fax-changed": Service.FAX,
}


@bp.get("/counts")
def counts() -> Rendered:
    """The badges of the menu and the number before the title, for a page that is open."""
    if not wants_fragment():
        return go(url_for(".dashboard"))
    return render("partials/_counts.html", "partials/_counts.html", live=True)


@bp.get("/live")
def live_stream() -> Response:
    """Open until the tab is hidden; 204 when this process has enough of them.

    Of a service that is off not even the name of a change goes out.
    """
    visitor = person()
    silent = {name for name, service in _TELLS_OF.items() if service not in allowed()}
    finish_reading()
    only = scopes.only()
    return stream(
        visitor.reseller_id,
        visitor.client_id,
        deaf_to=frozenset(silent),
        dids=only.dids if only else None,
    )
