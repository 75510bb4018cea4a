"""Resellers' accounts at gateways, and which amounts their clients may pay."""

from __future__ import annotations

import hashlib
import secrets as random
from collections.abc import Mapping

from sqlalchemy import select

from portal.core import clock, registry, scope
from portal.core.db import session
from portal.core.errors import InvalidInput, NotFound
from portal.core.money import Money
from portal.payments.models import GatewayLogin, PaymentSettings
from portal.payments.values import GATEWAYS, PRACTICE, GatewayAccount, PaymentTerms

LARGEST_PAYMENT = Money.of("100000")
_HOOK_BYTES = 32
_MOST_AMOUNTS = 20
_USUAL = PaymentTerms(
    amounts=tuple(Money.of(each) for each in ("10", "25", "50", "100")),
    free_amount=False,
    minimum=Money.of("5"),
    maximum=Money.of("1000"),
)


def gateway_account(name: str) -> GatewayAccount | None:
    """The bound reseller's account at a gateway, unsealed; None when there is none."""
    row = _login(name)
    if row is None:
        return None
    ring = registry.key_ring()
    return GatewayAccount(
        name=row.name,
        on=row.on and _may_be_on(row.name),
        live=row.live,
        public=dict(row.public),
        secrets={
            key: ring.unseal(sealed, context=_context(row.name, key))
            for key, sealed in row.sealed.items()
        },
        hook=ring.unseal(row.sealed_hook, context=_context(row.name, "hook")),
    )


def save_gateway(
    name: str,
    *,
    on: bool,
    live: bool,
    public: Mapping[str, str],
    secrets: Mapping[str, str],
) -> GatewayAccount:
    """Keep the bound reseller's account at a gateway; an empty secret leaves the one that is kept."""
    if name not in GATEWAYS:
        raise NotFound("This gateway does not exist.")
    if on and not _may_be_on(name):
        raise InvalidInput("The practice gateway is off on this installation.", field="on")
    ring, row = registry.key_ring(), _login(name)
    if row is None:
        hook = random.token_urlsafe(_HOOK_BYTES)
        row = GatewayLogin(
            reseller_id=scope.reseller_id(),
            name=name,
            hook_hash=_hashed(hook),
            sealed_hook=ring.seal(hook, context=_context(name, "hook")),
            sealed={},
        )
        session().add(row)
    row.on, row.live, row.public = on, live, dict(public)
    row.sealed = dict(row.sealed) | {
        key: ring.seal(text, context=_context(name, key)) for key, text in secrets.items() if text
    }
    row.changed_at = clock.now()
    session().flush()
    found = gateway_account(name)
    assert found is not None
    return found


def gateways_on() -> list[str]:
    """The gateways that the bound reseller's clients may choose from."""
    found = set(session().scalars(select(GatewayLogin.name).where(GatewayLogin.on.is_(True))))
    return [name for name in GATEWAYS if name in found and _may_be_on(name)]


def hook_owner(hook: str) -> tuple[int, str] | None:
    """Whose webhook this address is, and of which gateway. Looks at every reseller's."""
    row = (
        session()
        .execute(
            select(GatewayLogin.reseller_id, GatewayLogin.name).where(
                GatewayLogin.hook_hash == _hashed(hook)
            )
        )
        .one_or_none()
    )
    return None if row is None else (row.reseller_id, row.name)


def payment_terms() -> PaymentTerms:
    """Which amounts the bound reseller's clients may pay."""
    row = session().scalar(select(PaymentSettings))
    if row is None:
        return _USUAL
    return PaymentTerms(
        amounts=tuple(Money.of(each) for each in row.amounts),
        free_amount=row.free_amount,
        minimum=row.minimum,
        maximum=row.maximum,
    )


def save_payment_terms(terms: PaymentTerms) -> None:
    """Keep which amounts may be paid; InvalidInput names the field."""
    if not terms.free_amount and not terms.amounts:
        raise InvalidInput("Enter at least one amount, as in 10, 25, 50, 100.", field="amounts")
    if len(terms.amounts) > _MOST_AMOUNTS:
        raise InvalidInput("Enter at most 20 amounts.", field="amounts")
    if any(not Money(0) < each <= LARGEST_PAYMENT for each in terms.amounts):
        raise InvalidInput("Enter amounts above zero and up to 100,000.", field="amounts")
    if terms.minimum <= Money(0):
        raise InvalidInput("Enter an amount above zero.", field="minimum")
    if not terms.minimum <= terms.maximum <= LARGEST_PAYMENT:
        raise InvalidInput(
            "The largest amount is at least the smallest and at most 100,000.", field="maximum"
        )
    row = session().scalar(select(PaymentSettings))
    if row is None:
        row = PaymentSettings(reseller_id=scope.reseller_id())
        session().add(row)
    row.amounts = [str(each) for each in sorted(set(terms.amounts))]
    row.free_amount, row.minimum, row.maximum = terms.free_amount, terms.minimum, terms.maximum
    session().flush()


def _may_be_on(name: str) -> bool:
    return name != PRACTICE or registry.settings().practice_payments


def _login(name: str) -> GatewayLogin | None:
    return session().scalar(select(GatewayLogin).where(GatewayLogin.name == name))


def _context(name: str, key: str) -> str:
    """Tenant, table, row and word, so that a moved secret does not open."""
    return f"reseller:{scope.reseller_id()}/gateway_logins/{name}/{key}"


def _hashed(hook: str) -> str:
    return hashlib.sha256(hook.encode()).hexdigest()
