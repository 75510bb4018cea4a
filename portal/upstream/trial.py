"""A carrier login as staff type it: only where the operator allows, tried out before it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import select

from portal import carriers, identity
from portal.carriers import Breaker, CarrierBalance, CarrierError
from portal.core import clock, registry
from portal.core.db import finish_reading, session
from portal.core.errors import InvalidInput
from portal.core.http import is_allowed
from portal.identity import Visitor
from portal.upstream.models import CarrierLogin
from portal.upstream.sealing import PASSWORD, context
from portal.upstream.service import checked_login, connect_login

_DEADLINE_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class Trial:
    """What the carrier answered, as far as it did; ``problem`` is what it refused first.

    ``address`` is where the carrier sees us come from, which is told before it is allowed there.
    """

    address: str = ""
    balance: CarrierBalance | None = None
    latency_ms: int = 0
    servers: int = 0
    problem: CarrierError | None = None


def may_choose_endpoint() -> bool:
    """Has the operator allowed any other address than the carrier's own?"""
    return bool(registry.settings().allow_private)


def save_login(username: str, password: str, *, base_url: str, by: Visitor | None = None) -> None:
    """Keep the bound reseller's login as ``connect_login`` does, within what the operator allows.

    An empty password keeps the one that is there, for the same user at the same address.
    """
    username, password, base_url = _meant(username, password, base_url)
    connect_login(username, password, base_url=base_url)
    carriers.forget_outages()
    identity.record("carrier.connected", by=by, username=username, at=urlsplit(base_url).netloc)


def try_out(username: str, password: str, *, base_url: str) -> Trial:
    """Ask with a login that is not kept: our address, the balance, the servers.

    InvalidInput names the field; whatever the carrier does is in the answer. Neither suffers from an
    earlier outage nor counts as one.
    """
    username, password, base_url = _meant(username, password, base_url)
    finish_reading()
    line = carriers.connect(
        base_url,
        username,
        password,
        allow_private=registry.settings().allow_private,
        deadline_seconds=_DEADLINE_SECONDS,
        breaker=Breaker(username),
    )
    address, balance, latency_ms = "", None, 0
    try:
        address = line.my_address()
        started = clock.ticking()
        balance = line.balance()
        latency_ms = round((clock.ticking() - started) * 1000)
        return Trial(address, balance, latency_ms, len(line.servers()))
    except CarrierError as error:
        return Trial(address, balance, latency_ms, problem=error)


def _meant(username: str, password: str, base_url: str) -> tuple[str, str, str]:
    """User, password and address in their one spelling; an empty password is the one that is kept."""
    username, base_url = username.strip(), base_url.strip()
    kept = session().scalar(select(CarrierLogin))
    if not password and kept is not None and username:
        if (kept.username, kept.base_url) != (username, base_url):
            raise InvalidInput(
                "Type the password again: it was given for another user or address.",
                field="password",
            )
        password = registry.key_ring().unseal(
            kept.sealed_password, context=context(kept.reseller_id, PASSWORD)
        )
    checked_login(username, password, base_url)
    if base_url != carriers.VOIPMS_URL and (kept is None or kept.base_url != base_url):
        _require_allowed(base_url)
    return username, password, base_url


def _require_allowed(base_url: str) -> None:
    parts = urlsplit(base_url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    if not is_allowed(parts.hostname or "", port, registry.settings().allow_private):
        raise InvalidInput(
            "Only the operator can allow another address than the carrier’s own.",
            field="base_url",
        )
