"""A client's transfers as lines: usage folded by posting day and reason, everything else singly.

Lines are in posting order: by posting day, within it the single ones as they were added, then the
day's usage. Usage comes from its roll-up, so a line costs the same for one call and for thousands.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import (
    Select,
    Subquery,
    Uuid,
    case,
    literal,
    null,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import aliased

from portal.core.db import MoneyType, UtcDateTime
from portal.ledger.models import Transfer, UsageDay
from portal.ledger.values import SINGLE, USAGE

SINGLE_RANK, USAGE_RANK = 0, 1
USAGE_POSITION = {reason: number for number, reason in enumerate(USAGE, start=1)}


def lines(
    client_id: int, wallet: int, *, since: date | None, fold_reversed: bool = False
) -> Subquery:
    """Every line of a client from a posting day on: what, how much, and where it stands in order.

    ``rank`` and ``position`` order the lines within their ``day``. ``about`` is the reason, but a
    reversal's is that of the transfer it reverses.
    """
    singles = _singles(client_id, wallet, fold_reversed=fold_reversed)
    usage = _usage(client_id)
    if since is not None:
        singles = singles.where(Transfer.posting_day >= since)
        usage = usage.where(UsageDay.posting_day >= since)
    return union_all(singles, usage).subquery("lines")


def _singles(client_id: int, wallet: int, *, fold_reversed: bool) -> Select[Any]:
    reversal, original = aliased(Transfer), aliased(Transfer)
    amount = case((Transfer.credit_account_id == wallet, Transfer.amount), else_=-Transfer.amount)
    statement = (
        select(
            Transfer.posting_day.label("day"),
            literal(SINGLE_RANK).label("rank"),
            Transfer.id.label("position"),
            Transfer.reason.label("reason"),
            case((original.id.is_not(None), original.reason), else_=Transfer.reason).label("about"),
            type_coerce(amount, MoneyType()).label("amount"),
            literal(1).label("items"),
            literal(0).label("seconds"),
            Transfer.description.label("description"),
            Transfer.public_id.label("public_id"),
            Transfer.posted_at.label("posted_at"),
            Transfer.occurred_at.label("occurred_at"),
            original.public_id.label("reversal_of"),
            reversal.public_id.label("reversed_by"),
        )
        .outerjoin(original, original.id == Transfer.reverses_id)
        .outerjoin(reversal, reversal.reverses_id == Transfer.id)
        .where(Transfer.client_id == client_id, Transfer.reason.in_(SINGLE))
    )
    if fold_reversed:
        statement = statement.where(Transfer.reverses_id.is_(None), reversal.id.is_(None))
    return statement


def _usage(client_id: int) -> Select[Any]:
    no_name = type_coerce(null(), Uuid())
    no_moment = type_coerce(null(), UtcDateTime())
    return select(
        UsageDay.posting_day,
        literal(USAGE_RANK),
        case(USAGE_POSITION, value=UsageDay.reason),
        UsageDay.reason,
        UsageDay.reason,
        type_coerce(-UsageDay.amount, MoneyType()),
        UsageDay.items,
        UsageDay.seconds,
        literal(""),
        no_name,
        no_moment,
        no_moment,
        no_name,
        no_name,
    ).where(UsageDay.client_id == client_id)
