"""PayPal's messages: stored whole, answered, and read afterwards (rulings 17)."""

from __future__ import annotations

from flask import Response, abort, request

from portal import payments
from portal.core.db import transaction
from portal.core.scope import Scope, bind, unscoped
from portal.web.hooks.blueprint import bp

_HEADERS = "paypal-"


@bp.post("/paypal/<secret>")
def paypal(secret: str) -> Response:
    """A webhook (JSON, signed in its headers) or an instant payment notification (a form)."""
    with unscoped("the secret in the address says whose gateway this is"):
        owner = payments.hook_owner(secret)
    if owner is None or owner[1] not in {payments.PAYPAL, payments.PAYPAL_EMAIL}:
        abort(404)
    reseller_id, name = owner
    if (request.content_length or 0) > payments.LARGEST_MESSAGE:
        abort(413)
    body = request.get_data(cache=False)
    headers = {each: text for each, text in request.headers if each.lower().startswith(_HEADERS)}
    with bind(Scope(reseller_id)), transaction():
        payments.keep_message(name, headers, body)
    return Response("", 200, mimetype="text/plain")
