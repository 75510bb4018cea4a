"""Months of money: what clients were charged, what they paid in, and what the carrier took.

By the month of posting in the reseller's zone, as in every history; a call that comes late counts in
the month in which it was charged, and so does its cost.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from portal import ledger
from portal.core.money import ZERO, Money
from portal.ledger import AccountKind, CostKind, Reason
from portal.reports.table import margin_e4

REVENUE = (
    AccountKind.CALLS,
    AccountKind.RECORDINGS,
    AccountKind.MESSAGES,
    AccountKind.FAXES,
    AccountKind.FEES,
    AccountKind.MANUAL,
)
LONGEST_MONTHS = 60


@dataclass(frozen=True, slots=True)
class Sums:
    """Money of a month, of a client, or of everything. Taxes are owed on, so they are no revenue."""

    charged: dict[AccountKind, Money] = field(default_factory=dict)
    costs: dict[CostKind, Money] = field(default_factory=dict)
    paid: Money = ZERO
    refunded: Money = ZERO
    taxes: Money = ZERO

    @property
    def revenue(self) -> Money:
        return sum((self.charged.get(kind, ZERO) for kind in REVENUE), ZERO)

    @property
    def deposits(self) -> Money:
        return self.paid - self.refunded

    @property
    def cost(self) -> Money:
        return sum(self.costs.values(), ZERO)

    @property
    def profit(self) -> Money:
        return self.revenue - self.cost

    @property
    def margin_e4(self) -> int | None:
        return margin_e4(self.revenue, self.cost)

    @property
    def is_empty(self) -> bool:
        return not (any(self.charged.values()) or self.cost or self.paid or self.refunded)


@dataclass(slots=True)
class _Adding:
    charged: dict[AccountKind, Money] = field(default_factory=dict)
    costs: dict[CostKind, Money] = field(default_factory=dict)
    paid: Money = ZERO
    refunded: Money = ZERO
    taxes: Money = ZERO

    def post(self, account: AccountKind, reason: Reason, amount: Money) -> None:
        if account is AccountKind.TAXES:
            self.taxes += amount
        elif account is not AccountKind.PAYMENTS:
            self.charged[account] = self.charged.get(account, ZERO) + amount
        elif reason is Reason.PAYMENT:
            self.paid -= amount
        else:
            self.refunded += amount

    def cost(self, kind: CostKind, amount: Money) -> None:
        self.costs[kind] = self.costs.get(kind, ZERO) + amount

    def done(self) -> Sums:
        return Sums(self.charged, self.costs, self.paid, self.refunded, self.taxes)


def by_month(first: date, last: date, *, client_id: int | None = None) -> list[tuple[date, Sums]]:
    """Every month from the first to the last (any days of them), also empty ones, oldest first."""
    found = {month: _Adding() for month in months_between(first, last)}
    bounds = first.replace(day=1), last.replace(day=1)
    for line in ledger.months(*bounds, client_id=client_id):
        found[line.month].post(line.account, line.reason, line.amount)
    for month, kind, amount in ledger.cost_months(*bounds, client_id=client_id):
        found[month].cost(kind, amount)
    return [(month, adding.done()) for month, adding in found.items()]


def by_client(first: date, last: date) -> dict[int, Sums]:
    """The same months added up by client; 0 is what is nobody's."""
    found: dict[int, _Adding] = {}
    bounds = first.replace(day=1), last.replace(day=1)
    for line in ledger.months_by_client(*bounds):
        adding = found.setdefault(line.client_id or 0, _Adding())
        adding.post(line.account, line.reason, line.amount)
    for owner, kind, amount in ledger.costs_by_client(*bounds):
        found.setdefault(owner, _Adding()).cost(kind, amount)
    return {owner: adding.done() for owner, adding in found.items()}


def added(parts: Iterable[Sums]) -> Sums:
    """The sum of sums."""
    whole = _Adding()
    for part in parts:
        for account, amount in part.charged.items():
            whole.charged[account] = whole.charged.get(account, ZERO) + amount
        for kind, amount in part.costs.items():
            whole.cost(kind, amount)
        whole.paid += part.paid
        whole.refunded += part.refunded
        whole.taxes += part.taxes
    return whole.done()


def months_between(first: date, last: date) -> list[date]:
    """The first days of the months from one day's to another's."""
    found, month = [], first.replace(day=1)
    while month <= last:
        found.append(month)
        month = (month + timedelta(days=32)).replace(day=1)
    return found


def months_back(month: date, count: int) -> date:
    """The first day of the month so many months before."""
    year, at = divmod(month.year * 12 + month.month - 1 - count, 12)
    return date(year, at + 1, 1)
