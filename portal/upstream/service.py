"""Connecting a reseller to the carrier, and noting how the carrier does."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from sqlalchemy import Update, func, select, update

from portal import carriers
from portal.carriers import Carrier, CarrierBalance, CarrierError
from portal.core import clock, registry, scope
from portal.core.db import finish_reading, session
from portal.core.errors import InvalidInput, NotFound
from portal.core.money import Money, half_up
from portal.upstream.models import CarrierLogin
from portal.upstream.sealing import HOOK_SECRET, PASSWORD, context, hashed

_HOOK_SECRET_BYTES = 32
_E8_PER_MICRO = 100


def connect_login(
    username: str, password: str, *, base_url: str = carriers.VOIPMS_URL, kind: str = "voipms"
) -> None:
    """Keep the bound reseller's carrier login; a second call replaces the first.

    The password is sealed for this reseller's row, so a copy of it in another row opens nothing.
    The secret in the webhook's address is made once and stays. InvalidInput names the field.
    """
    username, base_url = username.strip(), base_url.strip()
    checked_login(username, password, base_url)
    ring, reseller_id = registry.key_ring(), scope.reseller_id()
    login = session().scalar(select(CarrierLogin))
    if login is None:
        login = CarrierLogin(reseller_id=reseller_id, sealed_password="")
        _set_hook_secret(login)
        session().add(login)
    login.kind, login.base_url, login.username = kind, base_url, username
    login.sealed_password = ring.seal(password, context=context(reseller_id, PASSWORD))
    login.last_error, login.last_error_at, login.last_ok_at = "", None, None
    login.failing_since, login.failures = None, 0
    session().flush()


def new_hook_secret() -> None:
    """Make another secret for the webhook's address; the old address stops working at once."""
    _set_hook_secret(_login())
    session().flush()


def try_login(
    username: str, password: str, *, base_url: str = carriers.VOIPMS_URL
) -> CarrierBalance:
    """Try a login before it is kept: the carrier's balance, or a CarrierError with a sentence."""
    checked_login(username.strip(), password, base_url.strip())
    finish_reading()
    allowed = registry.settings().allow_private
    return carriers.connect(
        base_url.strip(), username.strip(), password, allow_private=allowed
    ).balance()


def carrier() -> Carrier:
    """The bound reseller's account at the carrier, ready to be asked; NotFound without a login.

    Ends the read transaction: nothing of the database is held while the network answers.
    """
    login = _login()
    password = registry.key_ring().unseal(
        login.sealed_password, context=context(login.reseller_id, PASSWORD)
    )
    finish_reading()
    return carriers.connect(
        login.base_url,
        login.username,
        password,
        allow_private=registry.settings().allow_private,
    )


def note_ok(balance: CarrierBalance | None = None) -> None:
    """The carrier answered; with its balance when that was asked. In a transaction."""
    values: dict[str, object] = {
        "last_ok_at": clock.now(),
        "last_error": "",
        "failing_since": None,
        "failures": 0,
    }
    if balance is not None:
        values["balance"] = Money(half_up(balance.current_e8, _E8_PER_MICRO))
        values["balance_at"] = clock.now()
    session().execute(_of_this_reseller().values(values))


def note_error(error: CarrierError) -> None:
    """The carrier refused or could not be reached: kept as the sentence staff will read."""
    at = clock.now()
    session().execute(
        _of_this_reseller().values(
            last_error=error.sentence[:300],
            last_error_at=at,
            failing_since=func.coalesce(CarrierLogin.failing_since, at),
            failures=CarrierLogin.failures + 1,
        )
    )


def _of_this_reseller() -> Update:
    return update(CarrierLogin).where(CarrierLogin.reseller_id == scope.reseller_id())


def _login() -> CarrierLogin:
    login: CarrierLogin | None = session().scalar(select(CarrierLogin))
    if login is None:
        raise NotFound("No carrier account is connected yet.", code="no_carrier")
    return login


def _set_hook_secret(login: CarrierLogin) -> None:
    secret = secrets.token_urlsafe(_HOOK_SECRET_BYTES)
    login.hook_secret_hash = hashed(secret)
    login.sealed_hook_secret = registry.key_ring().seal(
        secret, context=context(scope.reseller_id(), HOOK_SECRET)
    )


def checked_login(username: str, password: str, base_url: str) -> None:
    """Raise InvalidInput, naming the field, for what cannot be a login."""
    if not username or len(username) > 254:
        raise InvalidInput("Enter the e-mail address of the carrier account.", field="username")
    if not password:
        raise InvalidInput("Enter the API password of the carrier account.", field="password")
    try:
        parts = urlsplit(base_url)
        good = (
            parts.scheme in {"http", "https"}
            and bool(parts.hostname)
            and parts.port != 0
            and "@" not in parts.netloc
        )
    except ValueError:
        good = False
    if not good or len(base_url) > 300:
        raise InvalidInput("Enter the whole address of the carrier's API.", field="base_url")
