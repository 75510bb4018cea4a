"""Stripe's events: the signature and its age are checked at the door, the rest is read afterwards."""

from __future__ import annotations

from flask import Response, abort, request

from portal import payments
from portal.core import clock
from portal.core.db import transaction
from portal.core.log import get_logger
from portal.core.scope import Scope, bind, unscoped
from portal.payments import Forged, Unreadable
from portal.web.hooks.blueprint import bp

log = get_logger(__name__)


@bp.post("/stripe/<secret>")
def stripe(secret: str) -> Response:
    """Stored and answered; Stripe repeats for three days what is not answered."""
    with unscoped("the secret in the address says whose gateway this is"):
        owner = payments.hook_owner(secret)
    if owner is None or owner[1] != payments.STRIPE:
        abort(404)
    reseller_id, name = owner
    if (request.content_length or 0) > payments.LARGEST_MESSAGE:
        abort(413)
    body = request.get_data(cache=False)
    headers = {
        "stripe-signature": request.headers.get("Stripe-Signature", ""),
        payments.ARRIVED: str(int(clock.now().timestamp())),
    }
    with bind(Scope(reseller_id)):
        try:
            payments.open_gateway(name).parse(headers, body)
        except (Forged, Unreadable) as problem:
            log.warning("payment_message_refused", gateway=name, problem=problem.code)
            return Response("not believed", 400, mimetype="text/plain")
        with transaction():
            payments.keep_message(name, headers, body)
    return Response("", 200, mimetype="text/plain")
