"""Refunds that staff ask for: written down, made at the gateway, then taken from the wallet."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute

from portal import identity
from portal.core import clock, live, scope, tax_parts
from portal.core.db import MoneyType, session
from portal.core.errors import InvalidInput, Refused
from portal.core.formats import paid_decimals_of
from portal.core.money import Money
from portal.core.queue import enqueue
from portal.identity import Visitor
from portal.payments.gateways.protocol import GivenBack
from portal.payments.intents import intent_of, locked
from portal.payments.models import PaymentIntent, PaymentRefund
from portal.payments.settling import BRANDS, keep_refund, note_states, reckon
from portal.payments.values import MANUAL, PAYPAL_EMAIL, Intent, IntentState, RefundState
from portal.tasks import REFUND_PAYMENT

LONGEST_REASON = 150


_ON_ITS_WAY = (RefundState.ASKED, RefundState.PENDING)


@dataclass(frozen=True, slots=True)
class RefundWork:
    """A refund to be made: of which payment, how much of what was paid, and its name for ever."""

    refund_id: int
    intent: Intent
    gross: Money
    key: str


def refund(
    intent_id: int, amount: Money, *, reason: str, reference: uuid.UUID, by: Visitor | None
) -> None:
    """Give part of a payment back, or all that is left. The same ``reference`` is the same refund.

    One that comes back with another amount is refused, or its sender would believe in two.
    Money by hand leaves the wallet now; a gateway's when the gateway has done it. Never refused for
    lack of balance. InvalidInput names the field.
    """
    row = locked(intent_id)
    if _was_sent(row.id, amount, reference):
        return
    if row.state != IntentState.PAID:
        raise Refused("Only a payment that arrived can be refunded.", code="not_paid")
    if row.gateway == PAYPAL_EMAIL:
        raise Refused(
            "Without API credentials, make the refund at PayPal. It appears here by itself.",
            code="at_gateway",
        )
    reason = reason.strip()
    if not reason:
        raise InvalidInput("Enter a reason.", field="reason")
    if len(reason) > LONGEST_REASON:
        raise InvalidInput("The reason is too long.", field="reason")
    if amount <= Money(0):
        raise InvalidInput("Enter an amount above zero.", field="amount")
    decimals = paid_decimals_of(row.currency)
    if row.gateway != MANUAL and amount.micros % 10 ** (6 - decimals):
        if not decimals:
            raise InvalidInput("Enter a whole amount.", field="amount")
        raise InvalidInput("Enter an amount with at most two decimals.", field="amount")
    if amount > row.amount - row.taken_back - _on_its_way(row.id):
        raise InvalidInput("This is more than is left of the payment.", field="amount")
    wanted = PaymentRefund(
        reseller_id=scope.reseller_id(),
        client_id=row.client_id,
        public_id=reference,
        intent_id=row.id,
        amount=amount,
        tax=_tax_of(row, amount),
        reason=reason,
        state=RefundState.ASKED,
        person_id=by.person_id if by else None,
    )
    session().add(wanted)
    session().flush()
    identity.record(
        "payment.refund_asked",
        by=by,
        client_id=row.client_id,
        amount=str(amount),
        payment=str(row.public_id),
        reason=reason,
    )
    if row.gateway == MANUAL:
        _done(row, wanted, GivenBack(str(reference), amount))
    else:
        enqueue(REFUND_PAYMENT, refund_id=wanted.id)


def to_refund(refund_id: int) -> RefundWork | None:
    """What a job has to make; None when it is made or refused."""
    wanted = _row(refund_id)
    if wanted is None or wanted.state != RefundState.ASKED:
        return None
    row = locked(wanted.intent_id)
    return RefundWork(wanted.id, intent_of(row), wanted.amount + wanted.tax, str(wanted.public_id))


def refunded(refund_id: int, given: GivenBack) -> None:
    """The gateway has done it. It may have told of it before."""
    wanted = _row(refund_id)
    if wanted is not None and wanted.state in _ON_ITS_WAY:
        _done(locked(wanted.intent_id), wanted, given)


def refund_waits(refund_id: int, ref: str = "") -> None:
    """The gateway will do it, and tells when it has, by its own ``ref``."""
    wanted = _row(refund_id)
    if wanted is not None and wanted.state == RefundState.ASKED:
        wanted.state, wanted.ref = RefundState.PENDING, ref[:120]
        session().flush()
        note_states(locked(wanted.intent_id))


def not_refunded(refund_id: int, problem: str) -> None:
    """The gateway will not do it."""
    wanted = _row(refund_id)
    if wanted is None or wanted.state not in _ON_ITS_WAY:
        return
    wanted.state, wanted.problem, wanted.settled_at = (
        RefundState.REFUSED,
        problem[:200],
        clock.now(),
    )
    session().flush()
    live.tell("payment-changed", client_id=wanted.client_id)


def _was_sent(intent_id: int, amount: Money, reference: uuid.UUID) -> bool:
    before = session().execute(
        select(PaymentRefund.intent_id, PaymentRefund.amount).where(
            PaymentRefund.public_id == reference
        )
    ).first()  # fmt: skip
    if before is not None and before != (intent_id, amount):
        raise InvalidInput("This form is out of date. Open the page again.", field="amount")
    return before is not None


def _done(row: PaymentIntent, wanted: PaymentRefund, given: GivenBack) -> None:
    wanted.state, wanted.ref, wanted.settled_at = RefundState.DONE, given.ref[:120], clock.now()
    session().flush()
    brand = BRANDS.get(row.gateway, "")
    if keep_refund(row, given):
        why = f"{brand}: {wanted.reason}" if brand else wanted.reason
        reckon(row, why=why, person_id=wanted.person_id)
    note_states(row)


def _tax_of(row: PaymentIntent, amount: Money) -> Money:
    """What goes back of the taxes with a part of what was credited, after all that went before it."""
    parts = tax_parts.unpacked(row.taxes)
    if not parts:
        return Money(0)
    total, digits = row.amount + row.tax, paid_decimals_of(row.currency)
    gross = Money(row.gone[-1] if row.gone else 0)
    gross += _on_its_way(row.id, PaymentRefund.amount) + _on_its_way(row.id, PaymentRefund.tax)
    net = tax_parts.net_of(gross, parts, total=total, digits=digits) + amount
    after = tax_parts.gross_of(net, parts, total=total, digits=digits)
    return max(after - gross - amount, Money(0))


def _on_its_way(
    intent_id: int, column: InstrumentedAttribute[Money] = PaymentRefund.amount
) -> Money:
    total = select(func.sum(column, type_=MoneyType())).where(
        PaymentRefund.intent_id == intent_id, PaymentRefund.state.in_(_ON_ITS_WAY)
    )
    return session().scalar(total) or Money(0)


def _row(refund_id: int) -> PaymentRefund | None:
    return session().scalar(
        select(PaymentRefund).where(PaymentRefund.id == refund_id).with_for_update()
    )
