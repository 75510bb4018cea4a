"""Who is connected to the carrier, how it is doing, and whose webhook this is."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from portal.core import registry
from portal.core.db import session
from portal.core.money import Money
from portal.core.scope import unscoped
from portal.upstream.models import CarrierLogin
from portal.upstream.sealing import HOOK_SECRET, context, hashed

# The carrier fills the words in braces in; see portal/web/hooks/sms.py for who reads them.
_TEXT_FIELDS = "to={TO}&from={FROM}&message={MESSAGE}&files={MEDIA}&id={ID}&date={TIMESTAMP}"


@dataclass(frozen=True, slots=True)
class Health:
    """The state of the carrier account; ``balance`` is in the carrier's currency.

    ``last_error`` is empty while the newest answer was a good one; ``failures`` counts rounds in a row.
    """

    base_url: str
    username: str
    balance: Money | None
    balance_at: datetime | None
    last_ok_at: datetime | None
    last_error: str
    failing_since: datetime | None
    failures: int

    @property
    def is_well(self) -> bool:
        """Did the carrier answer when it was last asked?"""
        return self.last_ok_at is not None and not self.last_error


def health() -> Health | None:
    """How the bound reseller's carrier account does; None before it is connected."""
    row = (
        session()
        .execute(
            select(
                CarrierLogin.base_url,
                CarrierLogin.username,
                CarrierLogin.balance,
                CarrierLogin.balance_at,
                CarrierLogin.last_ok_at,
                CarrierLogin.last_error,
                CarrierLogin.failing_since,
                CarrierLogin.failures,
            )
        )
        .one_or_none()
    )
    return None if row is None else Health(*row)


def is_connected() -> bool:
    """Has the bound reseller a carrier account to write to?"""
    return session().scalar(select(CarrierLogin.id)) is not None


def connected_reseller_ids() -> list[int]:
    """Every reseller with a carrier login, for the periodic work of all of them."""
    with unscoped("periodic work looks for the resellers it serves"):
        return list(
            session().scalars(select(CarrierLogin.reseller_id).order_by(CarrierLogin.reseller_id))
        )


def hook_reseller(secret: str) -> int | None:
    """Whose webhook address carries this secret; None when nobody's.

    The database sees the hash only, so the time of the look-up says nothing about the secret.
    """
    wanted = hashed(secret)
    with unscoped("a webhook says by its secret whose it is"):
        row = (
            session()
            .execute(
                select(CarrierLogin.reseller_id, CarrierLogin.hook_secret_hash).where(
                    CarrierLogin.hook_secret_hash == wanted
                )
            )
            .one_or_none()
        )
    if row is None or not hmac.compare_digest(row.hook_secret_hash, wanted):
        return None
    return int(row.reseller_id)


def hook_secret() -> str | None:
    """The bound reseller's webhook secret, to show and to set at the carrier."""
    row = (
        session()
        .execute(select(CarrierLogin.reseller_id, CarrierLogin.sealed_hook_secret))
        .one_or_none()
    )
    if row is None:
        return None
    return registry.key_ring().unseal(
        row.sealed_hook_secret, context=context(row.reseller_id, HOOK_SECRET)
    )


def fax_callback_address(mark: str = "") -> str | None:
    """Where the carrier brings the bound reseller's faxes; a mark tells one number from others."""
    secret = hook_secret()
    if secret is None:
        return None
    address = f"{registry.settings().portal_url}/hooks/voipms/{secret}/fax"
    return f"{address}?order={mark}" if mark else address


def callback_address() -> str | None:
    """Where the carrier reports the bound reseller's texts; whoever knows it can make some up."""
    secret = hook_secret()
    if secret is None:
        return None
    return f"{registry.settings().portal_url}/hooks/voipms/{secret}/sms?{_TEXT_FIELDS}"
