"""The guide's form on a reseller's website: ``POST /site/login.php``. Opens no session itself."""

from __future__ import annotations

from flask import abort, redirect, request

from portal import identity
from portal.core.db import transaction
from portal.core.registry import settings
from portal.core.scope import Scope, bind, unscoped
from portal.identity import LoginRefusal, ResellerFacts
from portal.web.htmx import Rendered, render
from portal.web.places import place
from portal.web.public.blueprint import door
from portal.web.session import address

# The fields as the guide spells them (Interface & Access).
_UID, _ACTION, _EMAIL, _PASSWORD = "UID", "action", "col_email", "col_password"


@door.post("/site/login.php")
def direct_login() -> Rendered:
    """Check the password, leave a one-time cookie, and lead to our own page that decides."""
    if request.form.get(_ACTION) != "DirectLogin":
        abort(422)
    reseller = _reseller()
    if not reseller.is_open:
        # Its login page says that it is not open yet; no password is looked at.
        return redirect(f"{_portal_of(reseller)}/login", 303)  # type: ignore[return-value]
    with unscoped("nobody is logged in yet"), transaction():
        attempt = identity.begin_login(
            reseller.id, request.form.get(_EMAIL, "")[:254], address=address()
        )
    proof = identity.prove(attempt, request.form.get(_PASSWORD, "")[:1000])
    with bind(Scope(reseller.id)), transaction():
        hand_off = identity.begin_hand_off(reseller, proof, origin=request.headers.get("Origin"))
    portal = _portal_of(reseller)
    if isinstance(hand_off, LoginRefusal):
        return _refused(hand_off, f"{portal}/login")
    response: Rendered = redirect(f"{portal}/login/continue", 303)  # type: ignore[assignment]
    response.set_cookie(
        f"{settings().session_cookie}-handoff",
        hand_off.token,
        max_age=hand_off.cookie_seconds,
        path="/",
        secure=settings().https,
        httponly=True,
        samesite="Lax",
    )
    return response


def _reseller() -> ResellerFacts:
    """The UID in the form, which at a reseller's own address must be that reseller's."""
    with unscoped("the form names the reseller"):
        found = identity.reseller_by_uid(request.form.get(_UID, ""))
    here = place().reseller
    if found is None or (here is not None and here.id != found.id):
        abort(404)
    return found


def _portal_of(reseller: ResellerFacts) -> str:
    """The cookie belongs to the host the form was posted to, so we stay on it."""
    return f"/r/{reseller.uid}" if place().is_installation else request.script_root


def _refused(refusal: LoginRefusal, log_in_url: str) -> Rendered:
    status = 429 if refusal.retry_after_seconds else 422
    response = render(
        "auth/not_connected.html", status=status, problem=refusal.problem, log_in_url=log_in_url
    )
    if refusal.retry_after_seconds:
        response.headers["Retry-After"] = str(refusal.retry_after_seconds)
    return response
