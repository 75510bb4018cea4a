"""Faxes that the carrier brings: stored whole, answered with the word it expects, handled after."""

from __future__ import annotations

from flask import Response, abort, request

from portal import carriers, fax, upstream
from portal.core.db import transaction
from portal.core.log import get_logger
from portal.core.scope import Scope, bind, unscoped
from portal.web.hooks.blueprint import bp
from portal.web.security import takes_uploads

log = get_logger(__name__)

_MOST_BYTES = 30_000_000


@bp.post("/voipms/<secret>/fax")
@takes_uploads(_MOST_BYTES)
def fax_arrived(secret: str) -> Response:
    """Multipart ``pdf``, ``from``, ``to``. The carrier repeats until it reads ``ok``."""
    with unscoped("the secret in the address says whose carrier this is"):
        reseller_id = upstream.hook_reseller(secret)
    if reseller_id is None:
        abort(404)
    sent = request.files.get("pdf")
    fields = {name: request.form.get(name, "")[:200] for name in ("from", "to")}
    try:
        arrived = carriers.fax_from_form(fields, sent.read() if sent is not None else b"")
    except carriers.InvalidCallback as problem:
        with bind(Scope(reseller_id)), transaction():
            fax.keep_problem(problem.message, sender=fields["from"], recipient=fields["to"])
        log.warning("webhook_unreadable", reseller_id=reseller_id, problem=problem.message)
        return Response("not a fax", 400, mimetype="text/plain")
    stored = fax.store_arrived(arrived)
    with bind(Scope(reseller_id)), transaction():
        fax.keep_arrived(stored)
    return Response("ok", mimetype="text/plain")
