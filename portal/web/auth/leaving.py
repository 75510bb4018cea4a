"""Logging out, and leaving or changing a client's portal as staff."""

from __future__ import annotations

from flask import abort, redirect, request, url_for
from flask_babel import gettext

from portal import identity
from portal.core.db import transaction
from portal.core.registry import settings
from portal.core.scope import unscoped
from portal.web.auth.arriving import welcome
from portal.web.auth.blueprint import bp
from portal.web.htmx import Rendered, go
from portal.web.session import address, browser, forget, session_token, visitor


@bp.post("/logout")
def log_out() -> Rendered:
    """End a client's session."""
    return _out("auth.login")


@bp.post("/staff/logout")
def staff_log_out() -> Rendered:
    """End a staff session."""
    return _out("auth.staff_login")


@bp.post("/acting/leave")
def leave() -> Rendered:
    """Back to the back-office."""
    person = visitor()
    if person is None or not person.acting:
        abort(404)
    with transaction():
        entered = identity.end_acting(person, address=address(), browser=browser())
    if entered is None:
        return forget(redirect(_staff_url("/staff/login"), 303))  # type: ignore[arg-type]
    return welcome(entered, _staff_url("/staff/clients"))


@bp.post("/acting/allow-changes")
def allow_changes() -> Rendered:
    """Let staff change things in this client's portal until they leave."""
    person = visitor()
    if person is None or not person.acting:
        abort(404)
    with transaction():
        identity.allow_changes(person, address=address())
    return go(url_for("client.dashboard"), say=gettext("Changes are allowed now."))


def _out(login: str) -> Rendered:
    token = session_token()
    if token:
        with unscoped("the session says whose it is"), transaction():
            identity.log_out(token)
    return forget(redirect(url_for(login), 303))  # type: ignore[arg-type]


def _staff_url(path: str) -> str:
    """The back-office lives at the installation's own address; a path suffices when we are there."""
    same_host = request.host.partition(":")[0].lower() in settings().known_hosts
    return path if same_host else f"{settings().portal_url}{path}"
