"""Every error has one home: a page for people, a fragment for htmx, and a line in the log."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, make_response, render_template, request
from flask.globals import request_ctx
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError

from portal import identity
from portal.core.db import give_up
from portal.core.errors import DomainError, NotFound
from portal.core.log import get_logger
from portal.web.htmx import wants_fragment

log = get_logger(__name__)


def register(app: Flask) -> None:
    """Answer for what views do not catch, and they catch nothing."""
    app.register_error_handler(DomainError, _refused)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(Exception, _broken)


def _refused(error: DomainError) -> Response:
    if isinstance(error, NotFound):
        return _answer(404)
    if isinstance(error, identity.Throttled):
        return _answer(429, seconds=error.seconds)
    status = 403 if error.code == "suspended_account" else 422
    return _answer(status, message=gettext(error.message))


def _stale_form(_error: CSRFError) -> Response:
    return _answer(400, code="stale_form")


def _http_error(error: HTTPException) -> Response:
    if error.response is not None:
        return error.response  # type: ignore[return-value]
    status = error.code or 500
    response = _answer(status)
    if status == 405 and error.get_response().headers.get("Allow"):
        response.headers["Allow"] = error.get_response().headers["Allow"]
    return response


def _database_away(error: OperationalError) -> Response:
    log.error("database_unavailable", problem=type(error.orig).__name__)
    return _answer(503)


def _broken(error: Exception) -> Response:
    original = error.original_exception if isinstance(error, InternalServerError) else error
    # The rule, not the path: links for new passwords and webhooks carry their secret in it.
    log.error("request_failed", rule=str(request.url_rule), exc_info=original)
    return _answer(500)


def _answer(
    status: int, *, message: str | None = None, code: str = "", seconds: int | None = None
) -> Response:
    """The same words as a page or, for htmx, in the alerts region."""
    give_up()
    if request_ctx.url_adapter is None:
        # The Host header is no host name at all: no page of ours could name an address.
        return make_response("", status)
    fragment = wants_fragment()
    if fragment:
        alert = {"tone": "bad", "title": message or _sentence(status, code), "id": "refusal"}
        body = render_template("partials/_alert.html", alert=alert)
    else:
        body = render_template(
            "errors/error.html", status=status, message=message, code=code, seconds=seconds
        )
    response = make_response(body, status)
    if seconds is not None:
        response.headers["Retry-After"] = str(seconds)
    response.headers["Vary"] = "HX-Request, Cookie"
    if fragment:
        response.headers["HX-Retarget"] = "#alerts"
        response.headers["HX-Reswap"] = "innerHTML"
    return response


def _sentence(status: int, code: str) -> Any:
    """What an alert says where there is no page to explain it."""
    if code == "stale_form":
        return gettext("This page was open too long. Reload it and try again.")
    sentences = {
        403: gettext("Your account does not allow this."),
        404: gettext("This does not exist any more. Reload the page."),
        413: gettext("This is too large."),
        429: gettext("Too many tries. Wait a little, then try again."),
        503: gettext("The portal is busy. Try again in a moment."),
    }
    return sentences.get(status) or gettext("Something went wrong here. Try again in a moment.")
