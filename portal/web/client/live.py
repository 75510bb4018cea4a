"""The stream of one open tab: names of what changed, never content."""

from __future__ import annotations

from flask import Response

from portal.core.db import finish_reading
from portal.web.client.blueprint import bp
from portal.web.live import stream
from portal.web.session import person


@bp.get("/live")
def live_stream() -> Response:
    """Open until the tab is hidden; 204 when this process has enough of them."""
    visitor = person()
    finish_reading()
    return stream(visitor.reseller_id, visitor.client_id)
