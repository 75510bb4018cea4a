"""What stands around every request and response: CSRF, origin, size limits, headers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import chain
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, abort, current_app, request
from flask_wtf.csrf import CSRFProtect

from portal.config import Settings
from portal.core.registry import settings

csrf = CSRFProtect()
View = TypeVar("View", bound=Callable[..., Any])

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; media-src 'self'; manifest-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)
FRAMING_POLICY = POLICY + "; frame-src 'self'"  # a page that shows another of ours in a frame
FRAMED_POLICY = POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
# A mail in a frame of ours: its styles are in the mail itself, nothing runs, nothing leads out.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; sandbox allow-same-origin"
)
_exempt: set[str] = set()


def register(app: Flask, chosen: Settings) -> None:
    """Set limits and cookies, and hang the checks around every request."""
    app.config.update(
        MAX_CONTENT_LENGTH=1_000_000,
        MAX_FORM_MEMORY_SIZE=500_000,
        MAX_FORM_PARTS=200,
        SESSION_COOKIE_NAME="__Host-form" if chosen.https else "form",
        SESSION_COOKIE_SECURE=chosen.https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        PERMANENT_SESSION_LIFETIME=timedelta(days=1),
        WTF_CSRF_TIME_LIMIT=None,
        # The Referer is not needed: the Origin is compared below, for http as well.
        WTF_CSRF_SSL_STRICT=False,
        PREFERRED_URL_SCHEME="https" if chosen.https else "http",
    )
    app.before_request(_allow_uploads)
    app.before_request(_refuse_foreign_origin)
    app.before_request(_refuse_nul)
    csrf.init_app(app)
    app.after_request(_HeaderWriter(chosen.https))


def exempt(blueprint: Blueprint) -> None:
    """Machines call this blueprint: no session, hence no token. A test lists them."""
    _exempt.add(blueprint.name)
    csrf.exempt(blueprint)


def takes_uploads(most_bytes: int) -> Callable[[View], View]:
    """Let a view take more than a form's usual megabyte; files are checked by whoever reads them."""

    def mark(view: View) -> View:
        view.most_bytes = most_bytes  # type: ignore[attr-defined]
        return view

    return mark


def _allow_uploads() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    if (most_bytes := getattr(view, "most_bytes", None)) is not None:
        request.max_content_length = most_bytes


def _refuse_foreign_origin() -> None:
    """An unsafe request comes from our own pages, also when its token is right."""
    if request.method not in UNSAFE or request.blueprint in _exempt:
        return
    origin = request.headers.get("Origin")
    if origin is not None and not _is_own(origin):
        abort(403)
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        abort(403)


def _refuse_nul() -> None:
    """Nobody types a NUL, and PostgreSQL stores none: better refused here than in each query.

    Where to go ``next`` reaches no query; ``places.is_own_path`` looks at it.
    """
    if request.blueprint in _exempt:
        return
    pairs = list(request.args.items(multi=True))
    if request.method in UNSAFE:
        pairs += request.form.items(multi=True)
        pairs += [(name, file.filename or "") for name, file in request.files.items(multi=True)]
    texts = chain.from_iterable(pair for pair in pairs if pair[0] != "next")
    if "\x00" in request.path or any("\x00" in text for text in texts):
        abort(400)


def _is_own(origin: str) -> bool:
    """Our host, and over https the page too: a page sent in the clear may be somebody else's."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    schemes = {"https"} if settings().https else {"http", "https"}
    return parts.scheme in schemes and parts.netloc.lower() == request.host.lower()


class _HeaderWriter:
    """The headers of every response; a view may have set a stricter or wider policy itself."""

    def __init__(self, https: bool) -> None:
        self._https = https

    def __call__(self, response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", POLICY)
        headers["X-Content-Type-Options"] = "nosniff"
        framed = "frame-ancestors 'self'" in headers["Content-Security-Policy"]
        headers["X-Frame-Options"] = "SAMEORIGIN" if framed else "DENY"
        # Not no-referrer: our own forms would then say "Origin: null", like a hostile page's.
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()"
        if self._https:
            headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
        if not headers.get("Cache-Control"):
            headers["Cache-Control"] = "no-store"
        return response
