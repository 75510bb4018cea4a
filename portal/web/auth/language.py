"""Choosing a language, logged in or not."""

from __future__ import annotations

from flask import abort, redirect, request

from portal import identity
from portal.core.db import transaction
from portal.core.registry import settings
from portal.web.auth.blueprint import bp
from portal.web.htmx import Rendered
from portal.web.i18n import LANGUAGES, language_cookie
from portal.web.places import address_parts
from portal.web.session import visitor


@bp.post("/language")
def choose_language() -> Rendered:
    """Remember it in the browser, and with the person who is logged in."""
    code = request.form.get("language", "")
    if code not in LANGUAGES:
        abort(422)
    person = visitor()
    if person is not None and not person.acting:
        with transaction():
            identity.set_language(person.person_id, code)
    response: Rendered = redirect(_back(), 303)  # type: ignore[assignment]
    response.set_cookie(
        language_cookie(), code, max_age=31_536_000, samesite="Lax", secure=settings().https,
        httponly=True,
    )  # fmt: skip
    return response


def _back() -> str:
    """The page the choice was made on, without its host."""
    referrer = address_parts(request.headers.get("Referer", ""))
    if referrer.netloc == request.host and referrer.path.startswith("/"):
        # One slash: two would lead to another host.
        path = "/" + referrer.path.lstrip("/\\")
        return path + (f"?{referrer.query}" if referrer.query else "")
    return request.script_root + "/"
