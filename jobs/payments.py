"""Asking gateways, reading what they tell us, giving money back. No transaction is open meanwhile."""

from __future__ import annotations

from datetime import timedelta

from jobs.runtime import SomebodyIsAway, TryLater, job
from portal import identity, payments
from portal.core import clock
from portal.core.db import transaction
from portal.core.failpoints import failpoint
from portal.core.log import get_logger
from portal.core.queue import enqueue
from portal.core.scope import Scope, bind
from portal.payments import (
    Forged,
    GatewayAway,
    GatewayRefuses,
    GivenBack,
    Heard,
    HeardKind,
    MessageWork,
    Pending,
    Unreadable,
)
from portal.tasks import LOOK_AT_PAYMENT, READ_CARD

log = get_logger(__name__)

FORGOTTEN_AFTER = timedelta(days=7)


@job
def read_payment_message(message_id: int) -> None:
    """Prove what a gateway told us, read the truth from it, and settle. Safe to run twice."""
    failpoint("payment.answered")
    with transaction():
        work = payments.open_message(message_id)
    if work is None:
        return
    try:
        heard = work.gateway.parse(work.headers, work.body)
        failpoint("payment.proven")
    except (Forged, Unreadable) as problem:
        log.warning("payment_message_refused", gateway=work.gateway_name, problem=problem.code)
        with transaction():
            payments.close_message(message_id, problem=problem.message)
        return
    except GatewayAway as problem:
        raise SomebodyIsAway(problem.code) from problem
    except GatewayRefuses as problem:
        raise TryLater(problem.code) from problem
    _act_on(work, heard)
    with transaction():
        payments.close_message(message_id, event_id=heard.event_id, problem=_unknown(work, heard))


@job
def look_at_payment(intent_id: int) -> None:
    """Ask the gateway what became of a payment: its payer came back, or nobody has told us.

    After days it is given up, also where nobody answers any more.
    """
    with transaction():
        intent = payments.intent_by_id(intent_id)
        if intent is None or not intent.is_open:
            return
        gateway = payments.open_gateway(intent.gateway)
    outcome: payments.Outcome = Pending()
    is_old = clock.now() - intent.created_at > FORGOTTEN_AFTER
    if intent.gateway_ref or intent.state is payments.IntentState.UNKNOWN:
        try:
            outcome = gateway.read(intent)
        except (GatewayAway, GatewayRefuses) as problem:
            if not is_old:
                raise TryLater(problem.code) from problem
    with transaction():
        payments.answered(intent_id, outcome)
        if is_old:
            payments.give_up(intent_id)


@job
def look_at_payments() -> None:
    """Look again at payments that hang, and join what waited for its payment. Each hour."""
    for reseller_id in identity.reseller_ids():
        with bind(Scope(reseller_id)), transaction():
            payments.adopt_all()
            at = clock.now()
            for intent_id in payments.hanging(at):
                slot = int(at.timestamp()) // 3600
                enqueue(LOOK_AT_PAYMENT, once_key=f"look:{intent_id}:{slot}", intent_id=intent_id)


@job
def refund_payment(refund_id: int) -> None:
    """Have the gateway give money back; its key makes a second try the same refund."""
    with transaction():
        work = payments.to_refund(refund_id)
        gateway = payments.open_gateway(work.intent.gateway) if work else None
    if work is None or gateway is None:
        return
    try:
        answer = gateway.refund(work.intent, work.gross, key=work.key)
    except GatewayAway as problem:
        raise SomebodyIsAway(problem.code) from problem
    except GatewayRefuses as problem:
        with transaction():
            payments.not_refunded(refund_id, problem.message)
        return
    failpoint("payment.refunded")
    with transaction():
        if isinstance(answer, GivenBack):
            payments.refunded(refund_id, answer)
        elif isinstance(answer, Pending):
            payments.refund_waits(refund_id, answer.ref)
        else:
            payments.not_refunded(refund_id, answer.sentence)


def _act_on(work: MessageWork, heard: Heard) -> None:
    with transaction():
        payments.note_event(work.gateway_name, heard)
        intent = payments.meant(work.gateway_name, heard)
        saving = payments.saving_of_ref(work.gateway_name, heard.gateway_ref)
        if heard.kind is HeardKind.CARD_SAVED and saving is not None:
            enqueue(READ_CARD, saving_id=saving.id)
    if heard.kind in {HeardKind.OTHER, HeardKind.CARD_SAVED}:
        return
    if heard.kind is not HeardKind.MOVED:
        with transaction():
            payments.adopt(heard.capture_ref)
    if intent is None or (heard.kind is not HeardKind.MOVED and not intent.is_open):
        return
    failpoint("payment.reading")
    try:
        outcome = heard.outcome or work.gateway.read(intent)
    except GatewayAway as problem:
        raise SomebodyIsAway(problem.code) from problem
    except GatewayRefuses as problem:
        raise TryLater(problem.code) from problem
    with transaction():
        payments.answered(intent.id, outcome)
        failpoint("payment.credited")
    failpoint("payment.settled")


def _unknown(work: MessageWork, heard: Heard) -> str:
    """A payment that is not ours stands in the log of messages, and nowhere else."""
    if heard.kind is not HeardKind.MOVED:
        return ""
    return "" if payments.meant(work.gateway_name, heard) else "unknown_payment"
