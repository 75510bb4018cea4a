"""Charges, payments, corrections and reversals. Everything happens in the caller's transaction."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import select

from portal.core import clock
from portal.core.db import session
from portal.core.errors import NotFound, Refused
from portal.core.money import Money
from portal.ledger.accounts import account_of, wallet_of
from portal.ledger.models import Transfer
from portal.ledger.posting import (
    add_transfers,
    charge_many,
    correct_many,
    find_transfers,
    move_wallet,
    posting_day,
    roll_up_months,
    transfer_row,
)
from portal.ledger.values import (
    ACCOUNT_OF,
    FEE,
    REASON_OF_FEE,
    REVERSIBLE,
    USAGE,
    AccountKind,
    Charge,
    FeeSource,
    Posted,
    Reason,
    UsageDelta,
)


def charge(
    client_id: int,
    amount: Money,
    *,
    reason: Reason,
    source_type: str,
    source_id: str,
    kind: str,
    description: str = "",
    seconds: int = 0,
    occurred_at: datetime | None = None,
    posted_at: datetime | None = None,
    person_id: int | None = None,
) -> Posted:
    """Take money from a client for what has happened; once per source, and never refused.

    A charge of nothing writes nothing: the answer then has no ``public_id``. ``seconds`` only feeds
    the roll-up of usage; ``posted_at`` is now, unless history is brought in.
    """
    entry = Charge(
        client_id,
        amount,
        reason,
        source_type,
        source_id,
        kind,
        description=description,
        occurred_at=occurred_at,
        seconds=seconds,
    )
    if reason in USAGE or not amount:
        return charge_many([entry], posted_at=posted_at)[0]
    _above_zero(amount)
    return _move(
        entry,
        account=ACCOUNT_OF[reason],
        to_client=False,
        posted_at=posted_at,
        person_id=person_id,
    )


def charge_fee(
    client_id: int,
    amount: Money,
    *,
    fee: FeeSource,
    description: str,
    posted_at: datetime | None = None,
    person_id: int | None = None,
) -> Posted:
    """Charge one fee for one period, once; a fee of nothing writes nothing."""
    return charge(
        client_id,
        amount,
        reason=REASON_OF_FEE[fee.kind],
        source_type=FEE,
        source_id=str(fee),
        kind=FEE,
        description=description,
        posted_at=posted_at,
        person_id=person_id,
    )


def credit(
    client_id: int,
    amount: Money,
    *,
    source_type: str,
    source_id: str,
    kind: str,
    description: str = "",
    occurred_at: datetime | None = None,
    posted_at: datetime | None = None,
    person_id: int | None = None,
) -> Posted:
    """Give a client the money of a payment, once per source."""
    _above_zero(amount)
    entry = Charge(
        client_id,
        amount,
        Reason.PAYMENT,
        source_type,
        source_id,
        kind,
        description=description,
        occurred_at=occurred_at,
    )
    return _move(
        entry,
        account=AccountKind.PAYMENTS,
        to_client=True,
        posted_at=posted_at,
        person_id=person_id,
    )


def give_back(
    client_id: int,
    amount: Money,
    *,
    reason: Reason,
    source_type: str,
    source_id: str,
    kind: str,
    description: str = "",
    person_id: int | None = None,
) -> Posted:
    """Return money to a client by a credit note, once per source: what was charged, or its taxes."""
    if reason not in {Reason.CREDIT_NOTE, Reason.TAX}:
        raise ValueError("Only credit notes give back; everything else is reversed or corrected.")
    _above_zero(amount)
    entry = Charge(client_id, amount, reason, source_type, source_id, kind, description=description)
    return _move(entry, account=ACCOUNT_OF[reason], to_client=True, person_id=person_id)


def refund(
    client_id: int,
    more: Money,
    *,
    source_type: str,
    source_id: str,
    kind: str,
    description: str = "",
    occurred_at: datetime | None = None,
    person_id: int | None = None,
) -> Posted:
    """Take back part of a payment or all of it, once per source; never refused for lack of money.

    ``more`` is what goes back beyond what went back before, below zero when some of it returns to
    the client, as after a dispute that was won.
    """
    if not more:
        return Posted(None, Money(0), new=False)
    entry = Charge(
        client_id,
        abs(more),
        Reason.REFUND,
        source_type,
        source_id,
        kind,
        description=description,
        occurred_at=occurred_at,
    )
    return _move(
        entry,
        account=AccountKind.PAYMENTS,
        to_client=more < Money(0),
        person_id=person_id,
    )


def correct(
    client_id: int,
    more: Money,
    *,
    of: Reason,
    source_type: str,
    source_id: str,
    kind: str,
    description: str = "",
    occurred_at: datetime | None = None,
) -> Posted:
    """One correction; see ``correct_many``. Nothing to adjust writes nothing."""
    entry = Charge(
        client_id,
        more,
        Reason.CORRECTION,
        source_type,
        source_id,
        kind,
        description=description,
        occurred_at=occurred_at,
    )
    return correct_many([entry], of=of)[0]


def reverse(public_id: uuid.UUID, *, person_id: int | None = None) -> Posted:
    """Undo a payment, a fee or a manual charge by its mirror image; twice is once.

    Never refused for lack of money: a wallet may go below its floor by it. Refuses usage (corrected
    from its source, see ``correct``), corrections, and reversals.
    """
    row = session().execute(select(Transfer).where(Transfer.public_id == public_id)).scalar()
    if row is None or row.client_id is None:
        raise NotFound("This transaction does not exist.")
    if row.reason not in REVERSIBLE:
        raise _irreversible(Reason(row.reason))
    entry = Charge(
        row.client_id,
        row.amount,
        Reason.REVERSAL,
        "reversal",
        str(row.public_id),
        "reversal",
        description=row.description,
        occurred_at=row.posted_at,
    )
    return _move(
        entry,
        account=ACCOUNT_OF[Reason(row.reason)],
        to_client=row.reason != Reason.PAYMENT,
        person_id=person_id,
        reverses_id=row.id,
    )


def _move(
    entry: Charge,
    *,
    account: AccountKind,
    to_client: bool,
    posted_at: datetime | None = None,
    person_id: int | None = None,
    reverses_id: int | None = None,
) -> Posted:
    moment = posted_at or clock.now()
    day = posting_day(moment)
    wallet, other = wallet_of(entry.client_id), account_of(account)
    row = transfer_row(
        entry,
        debit=other if to_client else wallet,
        credit=wallet if to_client else other,
        posted_at=moment,
        day=day,
        person_id=person_id,
        reverses_id=reverses_id,
    )
    if not add_transfers([row]):
        source = (entry.source_type, entry.source_id, entry.kind)
        return find_transfers([source])[source]
    move_wallet(entry.client_id, wallet, entry.amount if to_client else -entry.amount)
    owed = -entry.amount if to_client else entry.amount
    roll_up_months(
        [UsageDelta(entry.client_id, day, entry.reason, 1, entry.seconds, owed)], account=account
    )
    return Posted(row["public_id"], entry.amount, new=True)


def _above_zero(amount: Money) -> None:
    if amount <= Money(0):
        raise ValueError("An amount that moves is above zero.")


def _irreversible(reason: Reason) -> Refused:
    if reason == Reason.REVERSAL:
        return Refused("A reversal cannot be reversed.", code="is_reversal")
    return Refused("Usage is corrected, not reversed.", code="is_usage")
