"""What the proof of the books asks of payments: what was paid and what went back stands in the ledger (I8)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import and_, func, literal, select

from portal.core import clock
from portal.core.db import MoneyType, session
from portal.core.money import Money
from portal.ledger.check import charged, count_of, counts, plain, register
from portal.payments.models import PaymentFact, PaymentIntent, PaymentMessage
from portal.payments.settling import BACK, SOURCE
from portal.payments.values import MANUAL, IntentState

_MOST_FINDINGS = 50
_LONGEST_UNREAD = timedelta(hours=4)
_NOTHING = Money(0)


@register
def payments_are_credited_once() -> Iterator[str]:
    """A payment that a gateway has was credited its amount; any other nothing."""
    credited_to = charged(SOURCE)
    nothing = literal(_NOTHING, MoneyType())
    rows = session().execute(
        select(
            PaymentIntent.public_id, PaymentIntent.state, PaymentIntent.amount, credited_to.c.amount
        )
        .outerjoin(
            credited_to,
            and_(
                credited_to.c.reseller_id == PaymentIntent.reseller_id,
                credited_to.c.client_id == PaymentIntent.client_id,
                credited_to.c.name == plain(PaymentIntent.public_id),
            ),
        )
        .where(
            PaymentIntent.gateway != MANUAL,
            (PaymentIntent.state == IntentState.PAID)
            != (func.coalesce(credited_to.c.amount, nothing) == -PaymentIntent.amount),
        )
        .limit(_MOST_FINDINGS)
    )
    for name, state, amount, found in rows:
        credited = -(found or _NOTHING)
        yield f"Payment {name} of {amount} is {state}, but {credited} were credited."


@register
def what_went_back_left_the_wallets() -> Iterator[str]:
    """Refunds and disputes of a client's payments are what the ledger took back, to the micro."""
    moved = charged(BACK)
    taken = dict(
        _by_client(
            select(
                moved.c.reseller_id, moved.c.client_id, func.sum(moved.c.amount, type_=MoneyType())
            ).group_by(moved.c.reseller_id, moved.c.client_id)
        )
    )
    known = dict(
        _by_client(
            select(
                PaymentIntent.reseller_id,
                PaymentIntent.client_id,
                func.sum(PaymentIntent.taken_back, type_=MoneyType()),
            )
            .where(PaymentIntent.moves > 0)
            .group_by(PaymentIntent.reseller_id, PaymentIntent.client_id)
        )
    )
    for owner in sorted(known.keys() | taken.keys()):
        theirs, books = known.get(owner, _NOTHING), taken.get(owner, _NOTHING)
        if theirs != books:
            yield f"Of client {owner[1]}'s payments {theirs} went back, but the books took {books}."


@counts("I8", "payments, and what gateways told of money that went back")
def _payments() -> int:
    return count_of(PaymentIntent) + count_of(PaymentFact)


@register
def messages_of_gateways_were_read() -> Iterator[str]:
    """I10: what a gateway's webhook brought was read."""
    before = clock.now() - _LONGEST_UNREAD
    rows = session().execute(
        select(PaymentMessage.gateway, PaymentMessage.received_at)
        .where(PaymentMessage.handled_at.is_(None), PaymentMessage.received_at < before)
        .limit(_MOST_FINDINGS)
    )
    for gateway, at in rows:
        yield f"The message of {gateway} of {at:%Y-%m-%d %H:%M} was never read."


@counts("I10", "webhooks of gateways")
def _webhooks() -> int:
    return count_of(PaymentMessage)


def _by_client(query: object) -> Iterator[tuple[tuple[int, int], Money]]:
    for reseller_id, client_id, amount in session().execute(query):  # type: ignore[call-overload]
        yield (reseller_id, client_id or 0), amount
