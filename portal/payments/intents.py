"""Payments that clients begin, and reading them. In the caller's transaction."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import case, func, select

from portal import identity
from portal.core import clock, scope, tax_parts
from portal.core.db import session
from portal.core.errors import InvalidInput, NotFound, Refused
from portal.core.formats import PAID_IN_WHOLE
from portal.core.money import Money
from portal.core.tax_parts import TaxPart
from portal.identity import Visitor
from portal.payments.accounts import LARGEST_PAYMENT, gateway_account, payment_terms
from portal.payments.gateways.protocol import Redirect
from portal.payments.models import PaymentIntent
from portal.payments.values import OPEN, Intent, IntentState

MOST_OPEN = 30
_FORGET_AFTER = timedelta(days=1)
_CENT = 10_000


def begin(
    client_id: int,
    amount: Money,
    gateway: str,
    *,
    by: Visitor | None = None,
    taxes: Sequence[TaxPart] = (),
    automatic: bool = False,
    description: str = "",
) -> Intent:
    """Write down that a client wants to pay, before the gateway hears of it.

    ``amount`` is what will be credited, ``taxes`` come on top at the gateway. ``automatic`` is a
    saved card, to which the limits of the page do not apply. InvalidInput names the field.
    """
    currency = identity.own_reseller().currency
    account = gateway_account(gateway)
    if account is None or not account.on:
        raise Refused("This way to pay is not open at the moment.", code="gateway_off")
    _check(amount, currency, automatic=automatic)
    if not automatic:
        _refuse_too_many(client_id)
    row = PaymentIntent(
        reseller_id=scope.reseller_id(),
        client_id=client_id,
        gateway=gateway,
        amount=amount,
        tax=tax_parts.total_of(taxes),
        taxes=tax_parts.packed(taxes),
        currency=currency,
        payee=account.public.get("email", ""),
        live=account.live,
        automatic=automatic,
        state=IntentState.NEW,
        description=description[:120],
        person_id=by.person_id if by else None,
    )
    session().add(row)
    session().flush()
    return intent_of(row)


def began(intent_id: int, redirect: Redirect) -> None:
    """The gateway expects the payment, and the payer may go there."""
    row = locked(intent_id)
    if row.state == IntentState.NEW:
        row.state = IntentState.WAITING
    row.gateway_ref, row.redirect_url = redirect.gateway_ref[:120], redirect.url
    row.payee = redirect.payee[:254] or row.payee
    session().flush()


def not_begun(intent_id: int, problem: str) -> None:
    """The gateway could not be asked, or would not: nothing was taken."""
    row = locked(intent_id)
    if row.state == IntentState.NEW:
        row.state, row.problem = IntentState.FAILED, problem[:200]
        session().flush()


def cancel(intent_id: int) -> None:
    """The payer came back without paying. Money that comes all the same is taken."""
    row = locked(intent_id)
    if row.state in {IntentState.NEW, IntentState.WAITING}:
        row.state = IntentState.CANCELLED
        session().flush()


def intent(public_id: uuid.UUID) -> Intent:
    """A payment by its name; NotFound for everybody else's."""
    row = session().scalar(select(PaymentIntent).where(PaymentIntent.public_id == public_id))
    if row is None:
        raise NotFound("This payment does not exist.")
    return intent_of(row)


def intent_by_id(intent_id: int) -> Intent | None:
    """A payment by its key, for a job."""
    row = session().scalar(select(PaymentIntent).where(PaymentIntent.id == intent_id))
    return None if row is None else intent_of(row)


def intent_of_ref(
    gateway: str, *, name: uuid.UUID | None = None, gateway_ref: str = "", capture_ref: str = ""
) -> Intent | None:
    """The payment that a message means: by our name for it, the gateway's, or the capture's."""
    asked = [
        PaymentIntent.public_id == name if name else None,
        PaymentIntent.gateway_ref == gateway_ref if gateway_ref else None,
        PaymentIntent.capture_ref == capture_ref if capture_ref else None,
    ]
    for condition in asked:
        if condition is None:
            continue
        row = session().scalar(
            select(PaymentIntent).where(condition, PaymentIntent.gateway == gateway)
        )
        if row is not None:
            return intent_of(row)
    return None


def hanging(at: datetime) -> list[int]:
    """Payments of the bound reseller to be looked at again: each hour of the first day, then daily."""
    hour, day = at - timedelta(hours=1), at - timedelta(days=1)
    looked = func.coalesce(PaymentIntent.looked_at, PaymentIntent.created_at)
    return list(
        session().scalars(
            select(PaymentIntent.id)
            .where(
                PaymentIntent.state.in_(OPEN),
                looked < case((PaymentIntent.created_at > day, hour), else_=day),
            )
            .order_by(PaymentIntent.id)
            .limit(500)
        )
    )


def give_up(intent_id: int) -> None:
    """Nobody came back for days. Money that comes all the same is taken."""
    row = locked(intent_id)
    if row.state in OPEN:
        row.state = IntentState.EXPIRED
        session().flush()


def locked(intent_id: int) -> PaymentIntent:
    """The row, held until the transaction ends: two who settle one payment stand in line."""
    row = session().scalar(
        select(PaymentIntent).where(PaymentIntent.id == intent_id).with_for_update()
    )
    if row is None:
        raise NotFound("This payment does not exist.")
    return row


def intent_of(row: PaymentIntent) -> Intent:
    """A row as everybody else sees it."""
    assert row.client_id is not None
    return Intent(
        id=row.id,
        public_id=row.public_id,
        client_id=row.client_id,
        gateway=row.gateway,
        amount=row.amount,
        tax=row.tax,
        taxes=tax_parts.unpacked(row.taxes),
        currency=row.currency,
        payee=row.payee,
        live=row.live,
        automatic=row.automatic,
        state=IntentState(row.state),
        gateway_ref=row.gateway_ref,
        capture_ref=row.capture_ref,
        redirect_url=row.redirect_url,
        problem=row.problem,
        taken_back=row.taken_back,
        description=row.description,
        created_at=row.created_at,
        settled_at=row.settled_at,
    )


def _check(amount: Money, currency: str, *, automatic: bool) -> None:
    terms = payment_terms()
    if amount <= Money(0) and not terms.free_amount and not automatic:
        raise InvalidInput("Choose one of the amounts.", field="amount")
    if amount <= Money(0):
        raise InvalidInput("Enter an amount above zero.", field="amount")
    if amount > LARGEST_PAYMENT:
        raise InvalidInput("This amount is too large.", field="amount")
    if currency in PAID_IN_WHOLE and amount.micros % 1_000_000:
        raise InvalidInput("Enter a whole amount.", field="amount")
    if amount.micros % _CENT:
        raise InvalidInput("Enter an amount with at most two decimals.", field="amount")
    if automatic:
        return
    if not terms.free_amount:
        if amount not in terms.amounts:
            raise InvalidInput("Choose one of the amounts.", field="amount")
        return
    if not terms.minimum <= amount <= terms.maximum and amount not in terms.amounts:
        raise InvalidInput("This amount is outside the limits.", field="amount")


def _refuse_too_many(client_id: int) -> None:
    """A form that is sent again and again opens no endless row of orders at the gateway."""
    since = clock.now() - _FORGET_AFTER
    found = session().scalars(
        select(PaymentIntent.id)
        .where(
            PaymentIntent.client_id == client_id,
            PaymentIntent.state != IntentState.PAID,
            PaymentIntent.automatic.is_(False),
            PaymentIntent.created_at > since,
        )
        .limit(MOST_OPEN)
    )
    if len(list(found)) >= MOST_OPEN:
        raise Refused(
            "Too many payments were begun and not finished. Try again tomorrow.", code="too_many"
        )
