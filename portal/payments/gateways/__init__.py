"""Gateways: each behind the same few questions."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from portal.core.errors import NotFound
from portal.payments.accounts import gateway_account
from portal.payments.gateways.paypal import PayPal
from portal.payments.gateways.paypal_email import PayPalEmail
from portal.payments.gateways.practice import PracticeGateway
from portal.payments.gateways.protocol import Gateway, SavesCards
from portal.payments.values import PAYPAL, PAYPAL_EMAIL, PRACTICE, STRIPE, GatewayAccount


def _stripe(account: GatewayAccount) -> Gateway:
    # The library is large; only those who pay by card wait for it.
    from portal.payments.gateways.stripe_gateway import StripeGateway

    return StripeGateway(account)


_MAKERS: dict[str, Callable[[GatewayAccount], Gateway]] = {
    PAYPAL: PayPal.of,
    PAYPAL_EMAIL: PayPalEmail.of,
    PRACTICE: PracticeGateway.of,
    STRIPE: _stripe,
}


def open_gateway(name: str) -> Gateway:
    """The bound reseller's account at a gateway, ready to be asked; NotFound without one.

    Read in a transaction; it is asked afterwards, with none open.
    """
    account = gateway_account(name)
    if account is None or name not in _MAKERS:
        raise NotFound("This gateway is not set up.", code="no_gateway")
    return gateway_of(account)


def gateway_of(account: GatewayAccount) -> Gateway:
    """A gateway by a login that need not be kept, to try it out."""
    return _MAKERS[account.name](account)


def open_card_gateway(name: str) -> SavesCards:
    """The same, of a gateway that keeps cards (``cards.KEEPS_CARDS``)."""
    return cast(SavesCards, open_gateway(name))
