"""Months of the books: sums for reports, read from the roll-ups alone."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select

from portal.core.db import MoneyType, session
from portal.core.money import Money
from portal.ledger.models import CostMonth, LedgerMonth
from portal.ledger.values import AccountKind, ClientSum, CostKind, MonthSum, Reason


def months(first: date, last: date, *, client_id: int | None = None) -> list[MonthSum]:
    """What was posted in the months from the first to the last (their first days), in order."""
    line = LedgerMonth
    statement = (
        select(
            line.month,
            line.account,
            line.reason,
            func.sum(line.items),
            func.sum(line.seconds),
            func.sum(line.amount, type_=MoneyType()),
        )
        .where(line.month >= first, line.month <= last)
        .group_by(line.month, line.account, line.reason)
        .order_by(line.month, line.account, line.reason)
    )
    if client_id is not None:
        statement = statement.where(line.client_id == client_id)
    return [
        MonthSum(month, AccountKind(account), Reason(reason), int(items), int(seconds), amount)
        for month, account, reason, items, seconds, amount in session().execute(statement)
    ]


def months_by_client(first: date, last: date) -> list[ClientSum]:
    """The same added up over the period, client by client."""
    line = LedgerMonth
    statement = (
        select(
            line.client_id,
            line.account,
            line.reason,
            func.sum(line.amount, type_=MoneyType()),
        )
        .where(line.month >= first, line.month <= last)
        .group_by(line.client_id, line.account, line.reason)
    )
    return [
        ClientSum(client_id, AccountKind(account), Reason(reason), amount)
        for client_id, account, reason, amount in session().execute(statement)
    ]


def cost_months(
    first: date, last: date, *, client_id: int | None = None
) -> list[tuple[date, CostKind, Money]]:
    """What the carrier took in these months, by kind."""
    statement = (
        select(CostMonth.month, CostMonth.kind, func.sum(CostMonth.amount, type_=MoneyType()))
        .where(CostMonth.month >= first, CostMonth.month <= last)
        .group_by(CostMonth.month, CostMonth.kind)
    )
    if client_id is not None:
        statement = statement.where(CostMonth.client_id == client_id)
    return [(month, CostKind(kind), amount) for month, kind, amount in session().execute(statement)]


def costs_by_client(first: date, last: date) -> list[tuple[int, CostKind, Money]]:
    """What the carrier took over the period for each client, by kind; 0 is what is nobody's."""
    rows = session().execute(
        select(CostMonth.owner, CostMonth.kind, func.sum(CostMonth.amount, type_=MoneyType()))
        .where(CostMonth.month >= first, CostMonth.month <= last)
        .group_by(CostMonth.owner, CostMonth.kind)
    )
    return [(owner, CostKind(kind), amount) for owner, kind, amount in rows]


def first_month() -> date | None:
    """The first month in which anything was posted or cost anything."""
    found = [
        month
        for month in (
            session().scalar(select(func.min(LedgerMonth.month))),
            session().scalar(select(func.min(CostMonth.month))),
        )
        if month is not None
    ]
    return min(found, default=None)
