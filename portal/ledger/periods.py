"""What a client owes for whole posting days: sums of usage, and everything else singly."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import case, func, select, type_coerce
from sqlalchemy.orm import aliased

from portal.core.db import MoneyType, session
from portal.ledger.accounts import wallet_of
from portal.ledger.models import Transfer, UsageDay
from portal.ledger.values import SINGLE, USAGE, LateUsage, Reason, Single, UsageSum

_AT_ONCE = 1_000


def usage_sums(client_id: int, first: date, last: date) -> list[UsageSum]:
    """Usage by reason from one posting day to another, both included, from the roll-ups."""
    rows = session().execute(
        select(
            UsageDay.reason,
            func.sum(UsageDay.items),
            func.sum(UsageDay.seconds),
            func.sum(UsageDay.amount, type_=MoneyType()),
        )
        .where(UsageDay.client_id == client_id, UsageDay.posting_day.between(first, last))
        .group_by(UsageDay.reason)
    )
    sums = {row[0]: UsageSum(Reason(row[0]), int(row[1]), int(row[2]), row[3]) for row in rows}
    return [sums[reason] for reason in USAGE if reason in sums]


def late_usage(client_id: int, first: date, last: date, before: datetime) -> Iterator[LateUsage]:
    """What was posted on these days and had happened ``before`` a moment."""
    rows = session().execute(
        select(
            Transfer.reason,
            Transfer.source_type,
            Transfer.source_id,
            Transfer.occurred_at,
            Transfer.amount,
        )
        .where(
            Transfer.client_id == client_id,
            Transfer.reason.in_(USAGE),
            Transfer.posting_day.between(first, last),
            Transfer.occurred_at < before,
        )
        .order_by(Transfer.id)
        .execution_options(yield_per=_AT_ONCE)
    )
    for row in rows:
        assert row.occurred_at is not None
        yield LateUsage(Reason(row[0]), row[1], row[2], row.occurred_at, row.amount)


def singles(client_id: int, first: date, last: date) -> list[Single]:
    """Everything but usage that was posted on these days, in posting order."""
    wallet = wallet_of(client_id)
    undone, used = aliased(Transfer), aliased(Transfer)
    owed = case((Transfer.debit_account_id == wallet, Transfer.amount), else_=-Transfer.amount)
    corrected, of_usage = (
        select(func.min(column))
        .where(
            used.reseller_id == Transfer.reseller_id,
            used.source_type == Transfer.source_type,
            used.source_id == Transfer.source_id,
            used.reason.in_(USAGE),
        )
        .scalar_subquery()
        for column in (used.posting_day, used.reason)
    )
    is_correction = Transfer.reason == Reason.CORRECTION
    rows = session().execute(
        select(
            Transfer.public_id,
            Transfer.reason,
            case(
                (is_correction, func.coalesce(of_usage, Transfer.reason)),
                else_=func.coalesce(undone.reason, Transfer.reason),
            ),
            type_coerce(owed, MoneyType()),
            Transfer.description,
            Transfer.source_type,
            Transfer.source_id,
            Transfer.posted_at,
            Transfer.posting_day,
            Transfer.occurred_at,
            case((is_correction, corrected), else_=undone.posting_day),
            undone.public_id,
        )
        .outerjoin(undone, undone.id == Transfer.reverses_id)
        .where(
            Transfer.client_id == client_id,
            Transfer.reason.in_(SINGLE),
            Transfer.posting_day.between(first, last),
        )
        .order_by(Transfer.id)
    )
    return [Single(row[0], Reason(row[1]), Reason(row[2]), *row[3:]) for row in rows]
