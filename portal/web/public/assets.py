"""The brand's style sheet, at an address that changes with its content."""

from __future__ import annotations

from flask import Response, abort, make_response, request

from portal import branding
from portal.core.scope import Scope, bind
from portal.web.places import reseller
from portal.web.public.blueprint import bp


@bp.get("/brand.<hash_>.css")
def brand(hash_: str) -> Response:
    """The current style sheet of this reseller; any other hash is gone."""
    with bind(Scope(reseller().id)):
        sheet = branding.stylesheet()
    if hash_ != sheet.hash:
        abort(404)
    response = make_response(sheet.text)
    response.mimetype = "text/css"
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.set_etag(sheet.hash)
    response.make_conditional(request)
    return response
