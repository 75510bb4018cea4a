"""The list of what needs somebody: each line says what, why, and one thing to do."""

from __future__ import annotations

from portal.upstream import Health
from portal.web.reseller.needs_attention import (
    background,
    carrier,
    clients,
    money,
    setup,
    traffic,
)
from portal.web.reseller.needs_attention.line import Attention


def lines(health: Health | None) -> list[Attention]:
    """Everything that needs somebody now, the most pressing kinds first; ``health`` of the carrier."""
    return [
        *clients.waiting(),
        *clients.unusual(),
        *carrier.carrier(health),
        *background.mails(),
        *background.failures(),
        *traffic.uncharged_calls(),
        *traffic.recordings(),
        *money.money_gone_wrong(),
        *clients.balances(),
        *traffic.messages(),
        *traffic.faxes(),
        *carrier.pushes(),
        *(carrier.orders() if health else ()),
        *carrier.ports(),
        *setup.setup(),
        *carrier.carrier_balance(health),
    ]
