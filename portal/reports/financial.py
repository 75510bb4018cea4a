"""The financial report: revenue, deposits, cost and profit, month by month."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import ClassVar

from flask_babel import gettext

from portal import identity
from portal.core.money import ZERO, Money
from portal.core.paging import Page
from portal.identity import ClientFacts
from portal.ledger import CostKind
from portal.reports import asking, months
from portal.reports.description import Chosen, DaySum, Figure, Part, Report, Summary
from portal.reports.months import Sums
from portal.reports.period import MONTHS_QUICK, months_from
from portal.reports.table import Cell, Column, Kind
from portal.reports.values import ReportKind

_NUMBERS = (CostKind.NUMBER, CostKind.OTHER)
MonthRow = tuple[date, Sums]


class Financial(Report):
    """One row a month of posting, in the reseller's zone; the same numbers as the books."""

    kind: ClassVar[ReportKind] = ReportKind.FINANCIAL
    symbol = "chart-column"
    quick = MONTHS_QUICK
    usual = "12-months"

    def title(self) -> str:
        return str(gettext("Financial"))

    def sentence(self) -> str:
        return str(gettext("Revenue, deposits, cost and profit, month by month."))

    def choose(self, given: Mapping[str, str]) -> Chosen:
        client = asking.client_of(given)
        return Chosen(
            months_from(given, asking.zone(), most=months.LONGEST_MONTHS),
            client.id if client else None,
            choices=(asking.client_choice(client),),
            words=asking.kept(client=str(client.public_id) if client else ""),
        )

    def columns(self) -> tuple[Column, ...]:
        money = Kind.MONEY
        return (
            Column("month", gettext("Month"), Kind.MONTH, 8, part="title"),
            Column("payments", gettext("Payments"), money, 8, on_screen=False),
            Column("refunds", gettext("Refunds"), money, 7, under="deposits"),
            Column("deposits", gettext("Deposits"), money, 8),
            Column("calls", gettext("Calls"), money, 8),
            Column("recordings", gettext("Call recording"), money, 7, under="calls"),
            Column("texts", gettext("Texts"), money, 7),
            Column("faxes", gettext("Faxes"), money, 7),
            Column("fees", gettext("Fees"), money, 8),
            Column("manual", gettext("By hand"), money, 7),
            Column("revenue", gettext("Revenue"), money, 8),
            Column("taxes", gettext("Taxes"), money, 6, under="revenue"),
            Column("cost_of_calls", gettext("Cost of calls"), money, 8, on_screen=False),
            Column("cost_of_texts", gettext("Cost of texts"), money, 7, on_screen=False),
            Column("cost_of_faxes", gettext("Cost of faxes"), money, 7, on_screen=False),
            Column("cost_of_numbers", gettext("Cost of numbers"), money, 7, on_screen=False),
            Column("cost", gettext("Carrier cost"), money, 8),
            Column("profit", gettext("Profit"), money, 8, part="amount"),
            Column("margin_percent", gettext("Margin"), Kind.SHARE, 6, part="state"),
        )

    def page(
        self, chosen: Chosen, *, after: str | None = None, before: str | None = None, rows: int = 50
    ) -> Page[MonthRow]:
        """All of them, the newest first: there are five years at most."""
        return Page(_months(chosen)[::-1])

    def count(self, chosen: Chosen, most: int) -> int:
        return len(months.months_between(chosen.period.first, chosen.period.last))

    def cells(self) -> Callable[[MonthRow], Sequence[Cell]]:
        def put(row: MonthRow) -> Sequence[Cell]:
            return (row[0], *_cells(row[1]))

        return put

    def summary(self, chosen: Chosen) -> Summary:
        every = _months(chosen)
        whole = months.added(sums for _, sums in every)
        return Summary(
            figures=(
                Figure(
                    gettext("Revenue"), whole.revenue, Kind.MONEY,
                    gettext("Taxes"), whole.taxes, Kind.MONEY,
                ),
                Figure(
                    gettext("Deposits"), whole.deposits, Kind.MONEY,
                    gettext("Refunds"), whole.refunded, Kind.MONEY,
                ),
                Figure(
                    gettext("Carrier cost"), whole.cost, Kind.MONEY,
                    gettext("Numbers"), _numbers(whole), Kind.MONEY,
                ),
                Figure(
                    gettext("Profit"), whole.profit, Kind.MONEY,
                    gettext("Margin"), whole.margin_e4, Kind.SHARE,
                ),
            ),
            totals=(None, *_cells(whole)),
            count=len(every),
            parts_title=gettext("By client"),
            part_columns=(
                Column("client", gettext("Client"), Kind.TEXT, part="title"),
                Column("deposits", gettext("Deposits"), Kind.MONEY),
                Column("revenue", gettext("Revenue"), Kind.MONEY),
                Column("cost", gettext("Carrier cost"), Kind.MONEY),
                Column("profit", gettext("Profit"), Kind.MONEY, part="amount"),
                Column("margin", gettext("Margin"), Kind.SHARE, part="state"),
            ),
            parts=() if chosen.wanted is not None else _by_client(chosen),
            days=tuple(DaySum(month, sums.revenue, sums.cost) for month, sums in every),
        )  # fmt: skip


def _months(chosen: Chosen) -> list[MonthRow]:
    return months.by_month(chosen.period.first, chosen.period.last, client_id=chosen.wanted)


def _by_client(chosen: Chosen) -> tuple[Part, ...]:
    found = months.by_client(chosen.period.first, chosen.period.last)
    known = identity.clients_by_id({owner for owner in found if owner})
    lines = [(known.get(owner), sums) for owner, sums in found.items() if not sums.is_empty]
    lines.sort(key=lambda line: (-line[1].revenue.micros, line[0].title if line[0] else ""))
    return tuple(_part(client, sums) for client, sums in lines)


def _part(client: ClientFacts | None, sums: Sums) -> Part:
    name = client.title if client else gettext("Nobody's")
    words = {"client": str(client.public_id)} if client else {}
    cells = (name, sums.deposits, sums.revenue, sums.cost, sums.profit, sums.margin_e4)
    return Part(cells, words)


def _cells(sums: Sums) -> Sequence[Cell]:
    """Everything but the month, in the columns' order."""
    charged, costs = sums.charged, sums.costs
    return (
        sums.paid,
        sums.refunded or None,
        sums.deposits,
        *(charged.get(kind, ZERO) for kind in months.REVENUE),
        sums.revenue,
        sums.taxes or None,
        *(costs.get(kind, ZERO) for kind in (CostKind.CALL, CostKind.TEXT, CostKind.FAX)),
        _numbers(sums),
        sums.cost,
        sums.profit,
        sums.margin_e4,
    )


def _numbers(sums: Sums) -> Money:
    """What numbers cost, and what else the carrier took."""
    return sum((sums.costs.get(kind, ZERO) for kind in _NUMBERS), ZERO)
