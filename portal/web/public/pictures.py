"""A reseller's pictures, at addresses whose content never changes."""

from __future__ import annotations

import uuid

from flask import Response, abort, send_file

from portal import branding
from portal.core import storage
from portal.core.scope import Scope, bind
from portal.web.places import reseller
from portal.web.public.blueprint import bp


@bp.get("/pictures/<uuid:public_id>.<ending>")
def picture(public_id: uuid.UUID, ending: str) -> Response:
    """One picture of the reseller whose portal this is."""
    with bind(Scope(reseller().id)):
        found = branding.find_picture(public_id)
    if ending != found.ending:
        abort(404)
    response = send_file(storage.path_of(found.stored_as), mimetype=found.media_type)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
