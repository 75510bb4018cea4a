"""Payments as staff read them."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import aliased

from portal.core import tax_parts
from portal.core.db import session
from portal.core.formats import paid_decimals_of
from portal.core.money import Money
from portal.core.paging import Page
from portal.core.tax_parts import PaidTaxes
from portal.identity.models import Client
from portal.payments.models import PaymentFact, PaymentIntent, PaymentMessage, PaymentRefund
from portal.payments.values import OPEN, IntentState, RefundState

PAGE_ROWS = 50
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class PaymentFilter:
    """``state``: open, paid, back (something went back), problem, unpaid, or everything."""

    state: str = ""
    gateway: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """One payment in the list, with the client's name as it is now."""

    public_id: uuid.UUID
    gateway: str
    amount: Money
    tax: Money
    currency: str
    state: IntentState
    reference: str
    taken_back: Money
    problem: str
    description: str
    automatic: bool
    live: bool
    created_at: datetime
    settled_at: datetime | None
    client_public_id: uuid.UUID
    client_number: str
    client_title: str


@dataclass(frozen=True, slots=True)
class FactRow:
    """Something that went back, or is in dispute, as the gateway told it."""

    kind: str
    ref: str
    amount: Money
    at: datetime


@dataclass(frozen=True, slots=True)
class RefundRow:
    """A refund that staff asked for."""

    amount: Money
    reason: str
    state: str
    problem: str
    ref: str
    created_at: datetime


class FailedRefund(NamedTuple):
    """A refund whose money came back to the reseller."""

    payment: uuid.UUID
    client_id: int
    amount: Money


def payments_list(chosen: PaymentFilter, *, cursor: str | None = None) -> Page[PaymentRow]:
    """The bound reseller's payments, newest first; what staff wrote down among them."""
    statement = _rows().order_by(PaymentIntent.id.desc()).limit(PAGE_ROWS + 1)
    for condition in _conditions(chosen):
        statement = statement.where(condition)
    before = _id_of(cursor)
    if before is not None:
        statement = statement.where(PaymentIntent.id < before)
    found = [_shown(row) for row in session().execute(statement)]
    more = len(found) > PAGE_ROWS
    found = found[:PAGE_ROWS]
    return Page(found, older=str(found[-1].public_id) if more else None)


def payment_row(public_id: uuid.UUID) -> PaymentRow | None:
    """One of them."""
    row = session().execute(_rows().where(PaymentIntent.public_id == public_id)).one_or_none()
    return None if row is None else _shown(row)


def facts_of(intent_id: int) -> Sequence[FactRow]:
    """What its gateway told of a payment, oldest first."""
    rows = session().execute(
        select(PaymentFact.kind, PaymentFact.ref, PaymentFact.amount, PaymentFact.at)
        .where(PaymentFact.intent_id == intent_id)
        .order_by(PaymentFact.at, PaymentFact.id)
    )
    return [FactRow(*row) for row in rows]


def refunds_of(intent_id: int) -> Sequence[RefundRow]:
    """What staff asked to be given back, oldest first."""
    rows = session().execute(
        select(
            PaymentRefund.amount,
            PaymentRefund.reason,
            PaymentRefund.state,
            PaymentRefund.problem,
            PaymentRefund.ref,
            PaymentRefund.created_at,
        )
        .where(PaymentRefund.intent_id == intent_id)
        .order_by(PaymentRefund.id)
    )
    return [RefundRow(*row) for row in rows]


def failed_refunds(since: datetime, limit: int = 3) -> Sequence[FailedRefund]:
    """Refunds that failed after the gateway had made them, until staff asked for another one."""
    later = aliased(PaymentRefund)
    again = select(later.id).where(
        later.intent_id == PaymentRefund.intent_id, later.id > PaymentRefund.id
    )
    rows = session().execute(
        select(PaymentIntent.public_id, PaymentRefund.client_id, PaymentRefund.amount)
        .join(PaymentIntent, PaymentIntent.id == PaymentRefund.intent_id)
        .where(
            PaymentRefund.state == RefundState.FAILED,
            PaymentRefund.settled_at > since,
            ~again.exists(),
        )
        .order_by(PaymentRefund.id.desc())
        .limit(limit)
    )
    return [FailedRefund(row[0], row[1] or 0, row[2]) for row in rows]


def refused_messages(limit: int = 20) -> Sequence[tuple[str, str, datetime]]:
    """Gateway, problem and moment of messages that were not believed, newest first."""
    rows = session().execute(
        select(PaymentMessage.gateway, PaymentMessage.problem, PaymentMessage.received_at)
        .where(PaymentMessage.problem != "")
        .order_by(PaymentMessage.id.desc())
        .limit(limit)
    )
    return [(row.gateway, row.problem, row.received_at) for row in rows]


def taxes_paid(names: Collection[str]) -> dict[str, PaidTaxes]:
    """The taxes that were paid at a gateway, of those among these payments that had any."""
    found: dict[str, PaidTaxes] = {}
    asked = [uuid.UUID(name) for name in names]
    for start in range(0, len(asked), _AT_ONCE):
        rows = session().scalars(
            select(PaymentIntent).where(
                PaymentIntent.public_id.in_(asked[start : start + _AT_ONCE]),
                PaymentIntent.tax > Money(0),
            )
        )
        for row in rows:
            found[str(row.public_id)] = taxes_of(row)
    return found


def taxes_of(row: PaymentIntent) -> PaidTaxes:
    """The taxes that came with one payment, and how much of it had gone after each move."""
    return PaidTaxes(
        tax_parts.unpacked(row.taxes),
        row.amount + row.tax,
        paid_decimals_of(row.currency),
        tuple(Money(micros) for micros in row.gone),
    )


def taxed_payments() -> Iterator[tuple[str, Money, PaidTaxes]]:
    """Every payment that brought taxes along: its name, what it credits, its taxes. Read in portions."""
    last = 0
    while True:
        rows = session().scalars(
            select(PaymentIntent)
            .where(PaymentIntent.id > last, PaymentIntent.tax > Money(0))
            .order_by(PaymentIntent.id)
            .limit(_AT_ONCE)
        ).all()  # fmt: skip
        if not rows:
            return
        for row in rows:
            yield str(row.public_id), row.amount, taxes_of(row)
        last = rows[-1].id


def last_payments(client_id: int, limit: int = 10) -> Sequence[PaymentRow]:
    """A client's newest payments."""
    statement = (
        _rows()
        .where(PaymentIntent.client_id == client_id, PaymentIntent.state != IntentState.NEW)
        .order_by(PaymentIntent.id.desc())
        .limit(limit)
    )
    return [_shown(row) for row in session().execute(statement)]


def _rows() -> Any:
    return select(
        PaymentIntent.public_id,
        PaymentIntent.gateway,
        PaymentIntent.amount,
        PaymentIntent.tax,
        PaymentIntent.currency,
        PaymentIntent.state,
        PaymentIntent.capture_ref,
        PaymentIntent.gateway_ref,
        PaymentIntent.taken_back,
        PaymentIntent.problem,
        PaymentIntent.description,
        PaymentIntent.automatic,
        PaymentIntent.live,
        PaymentIntent.created_at,
        PaymentIntent.settled_at,
        Client.public_id.label("client_public_id"),
        Client.number,
        Client.company,
        Client.first_name,
        Client.last_name,
    ).join(Client, Client.id == PaymentIntent.client_id)


def _shown(row: Any) -> PaymentRow:
    return PaymentRow(
        public_id=row.public_id,
        gateway=row.gateway,
        amount=row.amount,
        tax=row.tax,
        currency=row.currency,
        state=IntentState(row.state),
        reference="" if row.gateway == "manual" else row.capture_ref or row.gateway_ref,
        taken_back=row.taken_back,
        problem=row.problem,
        description=row.description,
        automatic=row.automatic,
        live=row.live,
        created_at=row.created_at,
        settled_at=row.settled_at,
        client_public_id=row.client_public_id,
        client_number=row.number,
        client_title=row.company or f"{row.first_name} {row.last_name}".strip(),
    )


def _conditions(chosen: PaymentFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    states: dict[str, ColumnElement[bool]] = {
        "open": PaymentIntent.state.in_(OPEN),
        "paid": PaymentIntent.state == IntentState.PAID,
        "back": PaymentIntent.taken_back > Money(0),
        "problem": PaymentIntent.problem != "",
        "unpaid": PaymentIntent.state.not_in((IntentState.PAID, *OPEN)),
    }
    if chosen.state in states:
        found.append(states[chosen.state])
    if chosen.gateway:
        found.append(PaymentIntent.gateway == chosen.gateway)
    if wanted := chosen.text.strip().lower():
        columns = (
            PaymentIntent.capture_ref,
            PaymentIntent.gateway_ref,
            PaymentIntent.description,
            Client.number,
            Client.company,
            Client.last_name,
            Client.first_name,
        )
        found.append(
            or_(*(func.lower(column).contains(wanted, autoescape=True) for column in columns))
        )
    return found


def _id_of(cursor: str | None) -> int | None:
    try:
        name = uuid.UUID(cursor or "")
    except ValueError:
        return None
    return session().scalar(select(PaymentIntent.id).where(PaymentIntent.public_id == name))
