"""Charging saved cards when a balance is low: each step once, an end without an answer looked up."""

from __future__ import annotations

from jobs.runtime import job
from portal import invoices, payments
from portal.core.db import transaction
from portal.core.errors import NotFound
from portal.core.failpoints import failpoint
from portal.payments import GatewayAway, GatewayRefuses, Outcome, Pending, Refusal, Unknown


@job
def run_top_up(run_id: int, step: int) -> None:
    """Take one step of a run. Running it twice is safe: a step is taken once."""
    with transaction():
        wish = payments.begin_step(run_id, step, taxes=invoices.taxes_on_top)
        gateway = _open(wish.intent.gateway) if wish else None
    if wish is None:
        return
    failpoint("top_up.charging")
    try:  # no transaction is open while we wait for the gateway
        if gateway is None:
            raise GatewayRefuses("This gateway is not set up.")
        outcome = gateway.charge_saved(wish.intent, wish.card)
    except GatewayAway as away:
        outcome = Unknown() if away.maybe_done else Refusal("away", away.message)
    except GatewayRefuses as refusal:
        outcome = Refusal("gateway_off", refusal.message)
    failpoint("top_up.charged")
    with transaction():
        payments.step_answered(run_id, step, outcome)
        failpoint("top_up.before_commit")
    failpoint("top_up.settled")


@job
def look_up_top_up(run_id: int, step: int, attempt: int) -> None:
    """Ask the gateway what became of a charge, until that is certain."""
    with transaction():
        intent = payments.to_look_up(run_id, step)
        gateway = _open(intent.gateway) if intent else None
    if intent is None:
        return
    try:
        outcome: Outcome = gateway.read(intent) if gateway else Pending()
    except (GatewayAway, GatewayRefuses):
        outcome = Pending()  # away: nothing is known, however often it was asked
    with transaction():
        payments.step_answered(run_id, step, outcome, attempt=attempt)


def _open(name: str) -> payments.SavesCards | None:
    try:
        return payments.open_card_gateway(name)
    except NotFound:
        return None
