"""Cards that clients typed at the gateway, fetched and let go."""

from __future__ import annotations

from jobs.runtime import SomebodyIsAway, job
from portal import payments
from portal.core.db import transaction
from portal.core.errors import NotFound
from portal.payments import GatewayAway, GatewayRefuses


@job
def read_card(saving_id: int) -> None:
    """Keep the card that was typed on a page of the gateway, where its owner did not come back."""
    with transaction():
        saving = payments.saving_by_id(saving_id)
        gateway = payments.open_card_gateway(saving.gateway) if saving else None
    if saving is None or gateway is None or saving.is_done:
        return
    try:
        card = gateway.saved(saving.gateway_ref)
    except GatewayAway as away:
        raise SomebodyIsAway(away.message) from away
    if card is not None:
        with transaction():
            payments.keep_card(saving, card)


@job
def forget_card(card_id: int) -> None:
    """Have the gateway let go of a card that its owner removed."""
    with transaction():
        kept = payments.removed_card(card_id)
        try:
            gateway = payments.open_card_gateway(kept.gateway) if kept else None
        except NotFound:
            return
    if kept is None or gateway is None:
        return
    try:
        gateway.forget(kept.at_gateway)
    except GatewayAway as away:
        raise SomebodyIsAway(away.message) from away
    except GatewayRefuses:
        return
