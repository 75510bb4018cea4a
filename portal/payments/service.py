"""Payments and charges that staff enter by hand, and undoing them. In the caller's transaction."""

from __future__ import annotations

import uuid
from datetime import datetime

from portal import entitlements, identity, ledger, mail
from portal.core import scope
from portal.core.errors import InvalidInput
from portal.core.money import Money
from portal.core.scope import Scope, bind
from portal.identity import Visitor
from portal.ledger import Posted, Reason
from portal.mail import MailName

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
    _note("payment.added", client_id, posted, by=by)
    if posted.new and posted_at is None and not entitlements.money_is_hidden(client_id):
        balance = ledger.standing(client_id).balance
        values = {"amount": posted.amount, "balance": balance}
        mail.queue_mail(MailName.PAYMENT_RECEIVED, client_id=client_id, values=values)
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

    NotFound when it is not this client's, Refused when it is usage, a correction or a reversal.
    """
    with bind(Scope(scope.reseller_id(), client_id)):
        posted = ledger.reverse(transaction, person_id=by.person_id if by else None)
    _note(
        "transaction.reversed",
        client_id,
        posted,
        by=by,
        reverses=str(transaction),
        reason=reason.strip(),
    )
    return posted


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
