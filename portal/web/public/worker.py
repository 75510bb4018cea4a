"""The script that shows notices while no page is open: it serves the addresses below its own."""

from __future__ import annotations

from flask import Response, current_app

from portal.web.public.blueprint import bp


@bp.get("/worker.js")
def worker() -> Response:
    """At the portal's root, since a browser gives it nothing above its own address."""
    response = current_app.send_static_file("js/worker.js")
    response.headers["Cache-Control"] = "public, no-cache"
    return response
