"""Which payment a posting of the books is, and what is known of it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, select

from portal.core.db import session
from portal.core.money import Money
from portal.core.tax_parts import PaidTaxes
from portal.payments.models import PaymentIntent
from portal.payments.queries import taxes_of


class PaymentSheet(NamedTuple):
    """A payment behind a posting. ``fee`` is what the gateway kept for itself, where it says so;
    ``taxes`` are those that came with it, and what of them went back.
    """

    public_id: uuid.UUID
    transfer: uuid.UUID | None
    gateway: str
    amount: Money
    tax: Money
    taxes: PaidTaxes
    currency: str
    live: bool
    automatic: bool
    reference: str
    description: str
    fee: Money | None
    taken_back: Money
    created_at: datetime
    settled_at: datetime | None

    @property
    def total(self) -> Money:
        """What was paid."""
        return self.amount + self.tax


def payment_behind(client_id: int, posting: uuid.UUID) -> PaymentSheet | None:
    """The payment that a posting credited."""
    return _one(client_id, PaymentIntent.transfer == posting)


def payment_named(client_id: int, name: str) -> PaymentSheet | None:
    """The payment of a source in the books: its own name, and perhaps which of its moves."""
    return _one(client_id, PaymentIntent.public_id == uuid.UUID(name.partition(":")[0]))


def _one(client_id: int, which: ColumnElement[bool]) -> PaymentSheet | None:
    row = session().scalar(
        select(PaymentIntent).where(PaymentIntent.client_id == client_id, which).limit(1)
    )
    if row is None:
        return None
    return PaymentSheet(
        row.public_id, row.transfer, row.gateway, row.amount, row.tax, taxes_of(row), row.currency,
        row.live,
        row.automatic, row.capture_ref or row.gateway_ref, row.description, row.fee, row.taken_back,
        row.created_at, row.settled_at,
    )  # fmt: skip
