"""Which portal an address belongs to: the installation's own, or one reseller's (rulings 26)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from flask import Flask, abort, g, request

from portal import identity
from portal.core.registry import settings
from portal.core.scope import unscoped
from portal.identity import ResellerFacts

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

# By whatever name they reach us: it says no more than what it is asked about.
_ASKED_BY_PROXIES = "public.hostname_known"
_UID_KEY = "ringfront.uid"
_PREFIX = re.compile(r"^/r/([0-9]{6})(?=/|$)")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request arrived. ``reseller`` is None on the installation's own pages."""

    reseller: ResellerFacts | None

    @property
    def is_installation(self) -> bool:
        return self.reseller is None

    @property
    def is_open(self) -> bool:
        """The installation's own pages always are; a portal when its reseller has activated it."""
        return self.reseller is None or self.reseller.is_open


class ResellerPrefix:
    """Moves ``/r/<UID>`` out of the path, so that every client route exists once."""

    def __init__(self, wsgi_app: Callable[..., Iterable[bytes]]) -> None:
        self._wsgi_app = wsgi_app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        found = _PREFIX.match(environ.get("PATH_INFO", ""))
        if found:
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + found.group()
            environ["PATH_INFO"] = environ["PATH_INFO"][found.end() :] or "/"
            environ[_UID_KEY] = found.group(1)
        return self._wsgi_app(environ, start_response)


def register(app: Flask) -> None:
    """Find the place of each request first; an unknown host gets a neutral 421."""
    app.wsgi_app = ResellerPrefix(app.wsgi_app)  # type: ignore[method-assign]
    app.before_request(_find)


def place() -> Place:
    """The place of this request."""
    found: Place = g.place
    return found


def reseller() -> ResellerFacts:
    """The reseller whose portal this is; 404 on the installation's own pages."""
    if place().reseller is None:
        abort(404)
    return place().reseller  # type: ignore[return-value]


def address_parts(address: str) -> SplitResult:
    """An address that a browser sent us, in its parts; nonsense has none."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


def is_own_path(wanted: str) -> bool:
    """Is this a path of this site, and nothing a browser would take for another site's address?"""
    # Browsers drop tabs and line ends before they read an address, and no header carries them.
    if not wanted.startswith("/") or wanted.startswith(("//", "/\\")) or not wanted.isprintable():
        return False
    return not address_parts(wanted).netloc


def _find() -> None:
    uid: Any = request.environ.get(_UID_KEY)
    host = _host_name()
    if request.endpoint == _ASKED_BY_PROXIES:
        g.place = Place(None)
        return
    if host in settings().known_hosts:
        if uid is None:
            g.place = Place(None)
            return
        with unscoped("which reseller is this address?"):
            found = identity.reseller_by_uid(uid)
        if found is None:
            g.place = Place(None)
            abort(404)
        g.place = Place(found)
        return
    with unscoped("which reseller is this host name?"):
        found = identity.reseller_by_hostname(host) if host and uid is None else None
    g.place = Place(found)
    if found is None:
        abort(421)


def _host_name() -> str:
    """The host without its port, lower case; empty when the header is no host name."""
    host = request.host.lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].rstrip(".")
