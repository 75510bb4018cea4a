"""Payments and charges that staff enter by hand, and undoing them. In the caller's transaction."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import select

from portal import entitlements, identity, ledger, mail
from portal.core import clock, scope
from portal.core.db import session
from portal.core.errors import InvalidInput, Refused
from portal.core.money import Money
from portal.core.scope import Scope, bind
from portal.identity import Visitor
from portal.ledger import Posted, Reason
from portal.mail import MailName
from portal.payments.models import PaymentIntent
from portal.payments.values import MANUAL, IntentState

LARGEST = Money.of("1000000")
_LONGEST_DESCRIPTION = 200


def add_payment(
    client_id: int,
    amount: Money,
    *,
    reference: str,
    description: str = "",
    by: Visitor | None = None,
    posted_at: datetime | None = None,
) -> Posted:
    """Write down money that a client paid; the same ``reference`` again is the same payment.

    ``reference`` is the form's own random word, so that a form sent twice pays once, and one that
    comes back with another amount is refused. Refuses, by field, what is not above zero, above
    ``LARGEST``, or described at too great a length. Whoever was suspended for
    an empty balance is looked at again. The client gets a receipt by mail, unless the reseller leaves
    it out; what is written down later (``posted_at``) needs none.
    """
    _check(amount, description)
    posted = ledger.credit(
        client_id,
        amount,
        source_type="manual",
        source_id=reference,
        kind="payment",
        description=description.strip(),
        person_id=by.person_id if by else None,
        posted_at=posted_at,
    )
    _refuse_another(posted, client_id, amount)
    if posted.new:
        _list(client_id, posted, reference=reference, description=description, by=by, at=posted_at)
    _note("payment.added", client_id, posted, by=by)
    if posted.new and posted_at is None and not entitlements.money_is_hidden(client_id):
        balance = ledger.standing(client_id).balance
        values = {"amount": posted.amount, "balance": balance}
        mail.queue_mail(MailName.PAYMENT_RECEIVED, client_id=client_id, values=values)
    return posted


def bring_in(
    client_id: int, amount: Money, *, reference: str, description: str, posted_at: datetime
) -> Posted:
    """Write a payment of the past down, for a history that is brought in: no mail, nobody looked at."""
    posted = ledger.credit(
        client_id,
        amount,
        source_type="manual",
        source_id=reference,
        kind="payment",
        description=description,
        posted_at=posted_at,
    )
    if posted.new:
        _list(
            client_id, posted, reference=reference, description=description, by=None, at=posted_at
        )
    return posted


def add_charge(
    client_id: int,
    amount: Money,
    *,
    reference: str,
    description: str = "",
    by: Visitor | None = None,
    posted_at: datetime | None = None,
) -> Posted:
    """Charge a client by hand; never refused for lack of money. Otherwise like ``add_payment``."""
    _check(amount, description)
    posted = ledger.charge(
        client_id,
        amount,
        reason=Reason.CHARGE,
        source_type="manual",
        source_id=reference,
        kind="charge",
        description=description.strip(),
        person_id=by.person_id if by else None,
        posted_at=posted_at,
    )
    _refuse_another(posted, client_id, amount)
    _note("charge.added", client_id, posted, by=by)
    return posted


def reverse(
    client_id: int, transaction: uuid.UUID, *, reason: str = "", by: Visitor | None = None
) -> Posted:
    """Undo a payment, charge or fee of this client; twice is once. The log keeps the ``reason``.

    NotFound when it is not this client's, Refused when it is usage, a correction, a reversal, or
    money that a gateway has: that is refunded.
    """
    paid = _payment(transaction)
    with bind(Scope(scope.reseller_id(), client_id)):
        posted = ledger.reverse(transaction, person_id=by.person_id if by else None)
    if paid is not None and posted.new:
        paid.taken_back = paid.amount
        session().flush()
    _note(
        "transaction.reversed",
        client_id,
        posted,
        by=by,
        reverses=str(transaction),
        reason=reason.strip(),
    )
    return posted


def _list(
    client_id: int,
    posted: Posted,
    *,
    reference: str,
    description: str,
    by: Visitor | None,
    at: datetime | None,
) -> None:
    """What staff wrote down stands in the same list as what came through a gateway."""
    moment = at or clock.now()
    session().add(
        PaymentIntent(
            reseller_id=scope.reseller_id(),
            client_id=client_id,
            gateway=MANUAL,
            amount=posted.amount,
            currency=identity.own_reseller().currency,
            live=True,
            state=IntentState.PAID,
            capture_ref=reference[:120],
            description=description.strip(),
            transfer=posted.public_id,
            person_id=by.person_id if by else None,
            created_at=moment,
            settled_at=moment,
        )
    )
    session().flush()


def _payment(transaction: uuid.UUID) -> PaymentIntent | None:
    """The payment that this transaction credited, held until the end; Refused for a gateway's."""
    row = session().scalar(
        select(PaymentIntent).where(PaymentIntent.transfer == transaction).with_for_update()
    )
    if row is None:
        return None
    if row.gateway != MANUAL:
        raise Refused(
            "This money is at the gateway: refund the payment on the page of payments.",
            code="refund_it",
        )
    if row.moves:
        raise Refused("Part of this payment went back already: refund the rest.", code="refund_it")
    return row


def _check(amount: Money, description: str) -> None:
    if amount <= Money(0):
        raise InvalidInput("Enter an amount above zero.", field="amount")
    if amount > LARGEST:
        raise InvalidInput("This amount is too large.", field="amount")
    if len(description.strip()) > _LONGEST_DESCRIPTION:
        raise InvalidInput("The description is too long.", field="description")


def _refuse_another(posted: Posted, client_id: int, amount: Money) -> None:
    """A form that was sent before says nothing new, or its sender would believe that it did."""
    if posted.new or posted.public_id is None:
        return
    ledger.require_transfer(client_id, posted.public_id)
    if posted.amount != amount:
        raise InvalidInput("This form is out of date. Open the page again.", field="amount")


def _note(action: str, client_id: int, posted: Posted, *, by: Visitor | None, **facts: str) -> None:
    """What follows once from a posting: the log, and a look at the balance where it matters."""
    if not posted.new:
        return
    identity.record(
        action,
        by=by,
        client_id=client_id,
        amount=str(posted.amount),
        transaction=str(posted.public_id),
        **facts,
    )
    ledger.review_crossed([client_id])
