"""Addresses: e-mail in one spelling, where a portal lives, websites that may log clients in."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from portal.core.errors import InvalidInput
from portal.core.registry import settings
from portal.identity.spelling import spelled_alike
from portal.identity.values import ResellerFacts

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(
    r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
)
_MOST_ORIGINS = 50
_DEFAULT_PORTS = {"http": 80, "https": 443}


def checked_email(email: str, *, field: str = "email") -> str:
    """The address in its one spelling; raises InvalidInput when mail could not be sent there."""
    local, _, domain = spelled_alike(email).rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        domain = ""
    if not 0 < len(local) <= 64 or not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain):
        raise InvalidInput("This is not an e-mail address.", field=field)
    return f"{local}@{domain}"


def portal_address(reseller: ResellerFacts, portal_url: str | None = None) -> str:
    """Where this reseller's clients find their portal (rulings 26), without a slash at the end.

    Built from what is stored, never from the request's Host header: links in mails must be ours.
    """
    portal_url = portal_url or settings().portal_url
    if reseller.hostname:
        return f"{urlsplit(portal_url).scheme}://{reseller.hostname}"
    return f"{portal_url}/r/{reseller.uid}"


def staff_address() -> str:
    """Where staff log in, without a slash at the end."""
    return f"{settings().portal_url}/staff"


def checked_origins(text: str) -> tuple[str, ...]:
    """Websites from a text area, one a line, each as browsers spell an origin; raises InvalidInput."""
    found: dict[str, None] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        origin = _origin(line.strip())
        if origin is None:
            raise InvalidInput(
                "Write one website per line, like https://www.example.com.", field="login_origins"
            )
        found[origin] = None
    if len(found) > _MOST_ORIGINS:
        raise InvalidInput("At most 50 websites can be listed.", field="login_origins")
    return tuple(found)


def may_log_in(reseller: ResellerFacts, origin: str | None) -> bool:
    """Is this Origin header one of the reseller's websites, or the portal itself?"""
    spelled = _origin(origin or "")
    if spelled is None:
        return False
    return spelled in reseller.login_origins or spelled == _origin(
        portal_address(reseller), path=True
    )


def _origin(address: str, *, path: bool = False) -> str | None:
    """Scheme, host and port as browsers write them; None when it is no website's origin."""
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").encode("idna").decode("ascii")
        port = parts.port
    except (ValueError, UnicodeError):
        return None
    if parts.scheme not in _DEFAULT_PORTS or not host or "@" in parts.netloc:
        return None
    if not path and (parts.path not in {"", "/"} or parts.query or parts.fragment):
        return None
    if re.search(r"[^a-z0-9.:-]", host):
        return None
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" + (
        f":{port}" if port and port != _DEFAULT_PORTS[parts.scheme] else ""
    )
