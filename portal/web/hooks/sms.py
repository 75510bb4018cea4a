"""Texts that the carrier tells us of: stored, answered with the word it expects, handled after."""

from __future__ import annotations

import json

from flask import Response, abort, request

from portal import carriers, messaging, upstream
from portal.core import clock
from portal.core.db import transaction
from portal.core.log import get_logger
from portal.core.scope import Scope, bind, unscoped
from portal.web.hooks.blueprint import bp

log = get_logger(__name__)

_MOST_BYTES = 65_536


@bp.route("/voipms/<secret>/sms", methods=["GET", "POST"])
def sms(secret: str) -> Response:
    """A templated GET, a form, or the JSON envelope. The carrier repeats until it reads ``ok``."""
    with unscoped("the secret in the address says whose carrier this is"):
        reseller_id = upstream.hook_reseller(secret)
    if reseller_id is None:
        abort(404)
    if (request.content_length or 0) > _MOST_BYTES:
        abort(413)
    kind, body = _said()
    if len(body.encode("utf-8", "replace")) > _MOST_BYTES:  # one whose length was not announced
        abort(413)
    problem = _problem(kind, body)
    with bind(Scope(reseller_id)), transaction():
        if problem:
            messaging.keep_problem(kind, body, problem)
        else:
            messaging.keep_event(kind, body)
    if problem:
        log.warning("webhook_unreadable", reseller_id=reseller_id, problem=problem)
        return Response("not a message", 400, mimetype="text/plain")
    return Response("ok", mimetype="text/plain")


def _said() -> tuple[str, str]:
    if request.is_json:
        # PostgreSQL stores no NUL, and no message has one.
        return "json", request.get_data(as_text=True).replace("\x00", "")
    return "fields", json.dumps(
        messaging.fields_of({**request.args, **request.form}), ensure_ascii=False
    )


def _problem(kind: str, body: str) -> str:
    """Why this is no message, in the parser's words; empty when it is one."""
    at = clock.now()
    try:
        if kind == "json":
            carriers.message_from_json(body, received_at=at)
        else:
            carriers.message_from_fields(json.loads(body), received_at=at)
    except carriers.InvalidCallback as problem:
        return problem.message
    return ""
