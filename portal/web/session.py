"""Who is asking: the cookie, the server-side session behind it, and the scope of the request."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, g, has_request_context, request
from flask import session as form_session
from flask_login import LoginManager

from portal import identity, messaging, numbers
from portal.core import scope as scopes
from portal.core.db import transaction
from portal.core.registry import settings
from portal.core.scope import Only, Scope, bind, unscoped
from portal.identity import Visitor
from portal.web.places import place

login_manager = LoginManager()


def register(app: Flask) -> None:
    """Find the visitor of each request, bind the scope, and let it go at the end."""
    login_manager.init_app(app)
    # Our sessions are rows that can be revoked; Flask-Login only answers who is here.
    login_manager.session_protection = None
    login_manager.request_loader(lambda _request: g.get("visitor"))
    app.before_request(_arrive)
    app.teardown_request(_leave)


def visitor() -> Visitor | None:
    """The person behind this request, when the session belongs to this place."""
    return g.get("visitor") if has_request_context() else None


def person() -> Visitor:
    """The same, where a guard has already made sure of it."""
    found = visitor()
    assert found is not None
    return found


def remember(response: Response, token: str, *, expires_at: datetime | None) -> Response:
    """Give the browser its session; without ``expires_at`` it forgets when it closes."""
    form_session.clear()  # a new CSRF token for the new session
    response.set_cookie(
        settings().session_cookie,
        token,
        expires=expires_at.astimezone(UTC) if expires_at else None,
        **_cookie(),
    )
    return response


def forget(response: Response) -> Response:
    """Take the session's cookie back."""
    form_session.clear()
    response.delete_cookie(settings().session_cookie, **_cookie())
    return response


def address() -> str:
    """Where the request came from; proxies count only as many as the operator said."""
    return request.remote_addr or ""


def browser() -> str:
    """What the browser says of itself, cut short."""
    return request.headers.get("User-Agent", "")[:200]


def session_token() -> str | None:
    """The raw token of the cookie, if any."""
    return request.cookies.get(settings().session_cookie)


def end_scope() -> None:
    """Bind nothing: a machine's request finds its own reseller."""
    g.visitor = None
    scopes.set_for_request(None)


def _cookie() -> dict[str, Any]:
    return {
        "path": "/",
        "secure": settings().secure_cookies,
        "httponly": True,
        "samesite": "Lax",
    }


def _arrive() -> None:
    g.visitor = None
    scopes.set_for_request(None)
    token = session_token()
    if not token or request.endpoint == "static":
        return
    with unscoped("whose session is this?"):
        found = identity.resume_session(token)
        if found is not None and found.touch_due:
            with transaction():
                identity.touch_session(found)
    g.session_visitor = found
    if found is None or not _belongs_here(found):
        return
    g.visitor = found
    scopes.set_for_request(_scope_of(found))


def _scope_of(found: Visitor) -> Scope:
    """What this person may see: their reseller's, their client's, or only some sub-accounts of it."""
    wide = Scope(found.reseller_id, found.client_id)
    if found.acting and found.client_id is not None:
        with bind(wide):
            return replace(wide, hides_texts=not messaging.staff_may_read(found.client_id))
    if found.access is None or found.access.sub_account_ids is None:
        return wide
    ids = found.access.sub_account_ids
    with bind(wide):
        return replace(wide, only=Only(ids, numbers.did_ids_on(ids)))


def _belongs_here(found: Visitor) -> bool:
    """Staff on the installation's pages; clients on their own reseller's."""
    here = place().reseller
    if here is None:
        return found.client_id is None
    return found.client_id is not None and found.reseller_id == here.id


def _leave(_error: BaseException | None) -> None:
    scopes.set_for_request(None)
