"""Who may come in: every blueprint declares one guard, and every route is checked by it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)

from portal import identity
from portal.core.errors import Refused
from portal.core.sentences import N_
from portal.identity import ClientStatus
from portal.web.htmx import wants_fragment
from portal.web.places import address_parts, place
from portal.web.session import end_scope, visitor

# What a portal answers that its reseller has not activated: its style sheet, and whether all is up.
_WHILE_CLOSED = frozenset({"public.brand", "public.picture", "public.health"})

Guard = Callable[[], Response | None]
_SUSPENDED = N_("Your service is suspended: you can read and pay, but not send or change anything.")
View = TypeVar("View", bound=Callable[..., Any])


def guarded(blueprint: Blueprint, guard: Guard) -> Blueprint:
    """Declare a blueprint's guard; a blueprint without one stops the start."""
    blueprint.guard = guard  # type: ignore[attr-defined]
    return blueprint


def while_suspended(view: View) -> View:
    """Let a suspended client do this too: read, pay, and look after their own login."""
    view.while_suspended = True  # type: ignore[attr-defined]
    return view


def needs(action: str) -> Callable[[View], View]:
    """Let only staff whose role may do ``action`` reach this view (identity.may)."""

    def mark(view: View) -> View:
        view.needs = action  # type: ignore[attr-defined]
        return view

    return mark


def managers(view: View) -> View:
    """Let only those reach this view who lead the client's team; for the others it does not exist."""
    view.managers = True  # type: ignore[attr-defined]
    return view


def own_account(view: View) -> View:
    """A client's own affair: for staff who look at the portal as that client it does not exist."""
    view.own_account = True  # type: ignore[attr-defined]
    return view


def while_setting_up(view: View) -> View:
    """Let somebody reach this view who must set up 2-step login first."""
    view.while_setting_up = True  # type: ignore[attr-defined]
    return view


def register(app: Flask) -> None:
    """Check every request before its view; refuse to start when a blueprint has no guard."""
    bare = [name for name, bp in app.blueprints.items() if not hasattr(bp, "guard")]
    if bare:
        raise RuntimeError(f"These blueprints declare no guard: {', '.join(bare)}.")
    app.before_request(lambda: _check(app))


def _check(app: Flask) -> Response | None:
    if request.endpoint is None:
        return None
    if request.endpoint == "static":
        return None
    if not place().is_open and request.endpoint not in _WHILE_CLOSED and not _is_acting():
        return make_response(render_template("errors/not_open.html"), 503)
    blueprint = app.blueprints[request.blueprint or ""]
    return blueprint.guard()  # type: ignore[attr-defined]


def _is_acting() -> bool:
    """Staff may look at the portal before it opens."""
    person = visitor()
    return person is not None and person.acting


def public() -> Response | None:
    """Everybody."""
    return None


def machines() -> Response | None:
    """Carriers and gateways: no session; the view checks the secret in the address."""
    end_scope()
    return None


def clients() -> Response | None:
    """A client's own people, or staff looking at the portal as that client."""
    if place().is_installation:
        abort(404)
    person = visitor()
    if person is None or person.client_id is None:
        return _to_login("auth.login")
    if person.must_set_up and not hasattr(_view(), "while_setting_up"):
        return _to_page(url_for("client.second_step"))
    if hasattr(_view(), "managers") and not person.may_manage:
        abort(404)
    if person.acting and not person.may_change and request.method not in {"GET", "HEAD"}:
        if request.endpoint not in {"auth.leave", "auth.allow_changes"}:
            abort(403, "You are viewing this portal read-only. Allow changes first.")
    if hasattr(_view(), "own_account") and person.acting:
        abort(404)
    if person.client_status is ClientStatus.SUSPENDED and request.method not in {"GET", "HEAD"}:
        if not getattr(_view(), "while_suspended", False):
            raise Refused(_SUSPENDED, code="suspended_account")
    return None


def staff() -> Response | None:
    """The reseller's own people, each by role."""
    if not place().is_installation:
        abort(404)
    person = visitor()
    if person is None or person.role is None:
        return _to_login("auth.staff_login")
    view = _view()
    if person.must_set_up and not hasattr(view, "while_setting_up"):
        return _to_page(url_for("reseller.second_step"))
    action = getattr(view, "needs", None)
    if action is None:
        action = "read" if request.method in {"GET", "HEAD"} else "write"
    if not identity.may(person.role, action):
        abort(403)
    return None


def _view() -> Any:
    return current_app.view_functions[request.endpoint or ""]


def _to_login(endpoint: str) -> Response:
    """The login page, which leads back here; htmx is told to load it as a page."""
    url = url_for(endpoint, next=_asked_from())
    if wants_fragment():
        response = make_response("", 401)
        response.headers["HX-Redirect"] = url
        return response
    return make_response(redirect(url, 303))


def _to_page(url: str) -> Response:
    """Another page first; htmx is told to load it as a page."""
    if wants_fragment():
        response = make_response("", 204)
        response.headers["HX-Redirect"] = url
        return response
    return make_response(redirect(url, 303))


def _asked_from() -> str | None:
    """Where to go on after the login: the page itself, also when only a part of it was asked for."""
    if not wants_fragment():
        return request.full_path.rstrip("?") if request.method == "GET" else None
    page = address_parts(request.headers.get("HX-Current-URL", ""))
    if page.netloc != request.host or not page.path.startswith(f"{request.script_root}/"):
        return None
    path = page.path.removeprefix(request.script_root)
    return f"{path}?{page.query}" if page.query else path
