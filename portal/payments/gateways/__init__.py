"""Gateways: each behind the same few questions."""

from __future__ import annotations

from portal.core.errors import NotFound
from portal.payments.accounts import gateway_account
from portal.payments.gateways.practice import PracticeGateway
from portal.payments.gateways.protocol import Gateway
from portal.payments.values import PRACTICE, GatewayAccount

_MAKERS = {PRACTICE: PracticeGateway.of}


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
