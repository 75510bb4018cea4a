"""Files of arrived texts, for the client's own system: the address says which, and is the key to it."""

from __future__ import annotations

from flask import Response, abort, send_file

from portal import messaging
from portal.core import storage
from portal.core.db import finish_reading
from portal.web.hooks.blueprint import bp


@bp.get("/media/<secret>")
def media(secret: str) -> Response:
    """The file itself, always as something to save; 404 once the address is old."""
    found = messaging.linked_file(secret)
    finish_reading()
    if found is None:
        abort(404)
    response = send_file(
        storage.path_of(found.stored_as),
        mimetype=found.mime,
        as_attachment=True,
        download_name=f"{found.public_id.hex[:8]}.{found.stored_as.rpartition('.')[2]}",
        max_age=0,
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response
