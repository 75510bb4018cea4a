"""What every door does with a login that worked, or did not."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext, ngettext

from portal.identity import Entered, LoginProblem, LoginRefusal
from portal.web.htmx import Rendered
from portal.web.places import is_own_path
from portal.web.session import remember


def sentence(refusal: LoginRefusal) -> Any:
    """Why a login was refused, the same for a wrong e-mail and a wrong password."""
    if refusal.problem is LoginProblem.THROTTLED:
        minutes = max(1, -(-refusal.retry_after_seconds // 60))
        return ngettext(
            "Too many attempts. Try again in %(num)s minute.",
            "Too many attempts. Try again in %(num)s minutes.",
            minutes,
        )
    if refusal.problem is LoginProblem.WAITING:
        return gettext("Your account is waiting to be activated. You will get an e-mail.")
    if refusal.problem is LoginProblem.CLOSED:
        return gettext("This account was closed.")
    return gettext("This e-mail and password do not belong together.")


def safe_target(fallback: str) -> str:
    """The page a person wanted before logging in, when it is one of ours."""
    wanted = request.values.get("next", "")
    return request.script_root + wanted if is_own_path(wanted) else url_for(fallback)


def welcome(entered: Entered, target: str) -> Rendered:
    """Hand the session over and lead on; an owner is asked once for 2-step login."""
    if entered.visitor.ask_second_step:
        target = url_for("reseller.second_step")
    response: Rendered = redirect(target, 303)  # type: ignore[assignment]
    return remember(response, entered.token, expires_at=entered.cookie_expires_at)
