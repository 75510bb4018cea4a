"""A reseller's login at Stripe: tried out, saved sealed, never shown again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from portal import payments
from portal.core.db import session
from portal.payments.models import GatewayLogin
from tests.browser import Browser
from tests.payments.stripe_server import StripeServer, stripe_for_all, stripe_server
from tests.world import World

__all__ = ["stripe_for_all", "stripe_server"]
GOOD = {"on": "y", "secret_key": "sk_test_northwind", "webhook_secret": "whsec_northwind1"}


@pytest.fixture
def environment(environment: dict[str, str], stripe_server: StripeServer) -> dict[str, str]:
    return environment | {"PORTAL_STRIPE_URL": stripe_server.url}


def test_a_login_is_tried_out_and_kept_sealed(
    stripe_server: StripeServer, world: World, browse: Callable[..., Browser]
) -> None:
    stripe_server.open_shop()
    owner = browse(world.northwind.owner)
    owner.open("/staff/configuration/payments")
    wrong = owner.submit("#stripe", **(GOOD | {"secret_key": "pk_test_public"}))
    unknown = owner.submit("#stripe", **(GOOD | {"secret_key": "sk_test_unknown"}))
    saved = owner.submit("#stripe", **GOOD)
    again = owner.submit("#stripe", on="y")

    assert (wrong.status, "begins with sk_" in wrong.text("#stripe")) == (422, True)
    assert (unknown.status, "does not accept" in unknown.text("#stripe")) == (422, True)
    assert "acct_northwind" in saved.text("#stripe")
    assert (saved.status, again.status) == (200, 200)
    assert "/hooks/stripe/" in again.text("#stripe")
    assert "sk_test_northwind" not in str(again.soup)
    with world.reading(world.northwind):
        account = payments.gateway_account(payments.STRIPE)
        assert account is not None
        assert account.secrets == {
            "secret_key": "sk_test_northwind",
            "webhook_secret": "whsec_northwind1",
        }
        assert (account.on, account.live, account.public["account"]) == (
            True, False, "acct_northwind",
        )  # fmt: skip
        sealed = str(session().scalars(select(GatewayLogin.sealed)).all())
        assert "sk_test" not in sealed


def test_the_connection_is_tested_without_saving(
    stripe_server: StripeServer, world: World, browse: Callable[..., Browser]
) -> None:
    stripe_server.open_shop()
    owner = browse(world.northwind.owner)
    owner.open("/staff/configuration/payments")
    path = "/staff/configuration/payments/stripe/test"
    good = owner.post(path, GOOD)
    bad = owner.post(path, GOOD | {"secret_key": "sk_test_other1"})

    assert "accepts this key" in good.text("#stripe-trial")
    assert "does not accept the secret key" in bad.text("#stripe-trial")
    with world.reading(world.northwind):
        assert payments.gateway_account(payments.STRIPE) is None
