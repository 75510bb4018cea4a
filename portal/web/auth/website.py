"""The page after the login form on a reseller's website: straight in, or *Continue as …?*"""

from __future__ import annotations

from flask import redirect, request, url_for

from portal import identity
from portal.core.db import transaction
from portal.core.registry import settings
from portal.identity import AskToContinue, NeedsCode
from portal.web.auth.arriving import welcome
from portal.web.auth.blueprint import bp
from portal.web.auth.codes import ask_for_code
from portal.web.htmx import Rendered, render
from portal.web.places import reseller
from portal.web.session import address, browser, session_token, visitor


@bp.get("/login/continue")
def continue_() -> Rendered:
    """Here the browser's own session is visible; the form's post could not see it."""
    return _finish(confirmed=False)


@bp.post("/login/continue")
def continue_confirmed() -> Rendered:
    """The person clicked *Continue* on our own page."""
    return _finish(confirmed=True)


def hand_off_cookie() -> str:
    """The short-lived cookie that leads from the form's post to this page."""
    return f"{settings().session_cookie}-handoff"


def _finish(*, confirmed: bool) -> Rendered:
    token = request.cookies.get(hand_off_cookie(), "")
    with transaction():
        answer = identity.finish_hand_off(
            reseller(),
            token,
            visitor=visitor(),
            confirmed=confirmed,
            address=address(),
            browser=browser(),
            replaces=session_token() if confirmed or visitor() is None else None,
        )
    if isinstance(answer, AskToContinue):
        return render(
            "auth/continue.html",
            asked=answer,
            now=visitor(),
            continue_url=url_for("auth.continue_confirmed"),
            log_in_url=url_for("auth.login"),
        )
    if answer is None:
        response: Rendered = redirect(url_for("auth.login"), 303)  # type: ignore[assignment]
    elif isinstance(answer, NeedsCode):
        response = ask_for_code(answer)
    else:
        response = welcome(answer, url_for("client.dashboard"))
    response.delete_cookie(
        hand_off_cookie(), path="/", secure=settings().https, httponly=True, samesite="Lax"
    )
    return response
