"""Sub-accounts: whose, under which package, with which numbers, and what went over each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask_babel import gettext

from portal import calls, identity, numbers, pbx
from portal.calls import Totals
from portal.core.money import Money
from portal.core.paging import Page
from portal.core.phone import international
from portal.identity import ClientFacts
from portal.pbx import AccountFilter, SubAccountRow
from portal.reports import asking
from portal.reports.description import Choice, Chosen, Figure, Report, Summary
from portal.reports.period import period_from
from portal.reports.table import Cell, Column, Kind
from portal.reports.values import ReportKind

_NOTHING = Totals()


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One sub-account with what belongs to it."""

    account: SubAccountRow
    client: ClientFacts | None
    dids: tuple[str, ...]
    traffic: Totals


class SubAccounts(Report):
    """One row a sub-account that still exists; the period is that of its calls."""

    kind: ClassVar[ReportKind] = ReportKind.SUB_ACCOUNTS
    symbol = "users-round"

    def title(self) -> str:
        return str(gettext("Sub-accounts"))

    def sentence(self) -> str:
        return str(gettext("Every sub-account with its client, package, numbers and calls."))

    def choose(self, given: Mapping[str, str]) -> Chosen:
        client = asking.client_of(given)
        states = {
            "connected": gettext("With a client"),
            "free": gettext("Without a client"),
            "unpriced": gettext("Without a package"),
        }
        state = asking.one_of(given.get("state"), states)
        text = asking.text_of(given)
        return Chosen(
            period_from(given, asking.zone()),
            AccountFilter(client.id if client else None, state, text),
            choices=(
                asking.client_choice(client),
                Choice("state", gettext("State"), list(states.items()), state),
            ),
            text=text,
            text_label=gettext("Sub-account"),
            words=asking.kept(client=str(client.public_id) if client else "", state=state, q=text),
        )

    def columns(self) -> tuple[Column, ...]:
        return (
            Column("account", gettext("Sub-account"), Kind.TEXT, 15, part="title"),
            Column(
                "description",
                gettext("Description"),
                Kind.TEXT,
                14,
                under="account",
                on_paper=False,
            ),
            Column("client", gettext("Client"), Kind.TEXT, 16, part="full"),
            Column("package", gettext("Package"), Kind.TEXT, 13),
            Column("since", gettext("Since"), Kind.DAY, 9, under="package"),
            Column("numbers", gettext("Numbers"), Kind.TEXT, 28, part="meta"),
            Column("monthly_fee", gettext("Monthly fee"), Kind.MONEY, 9),
            Column("calls", gettext("Calls"), Kind.COUNT, 6),
            Column("billed_seconds", gettext("Minutes"), Kind.MINUTES, 7, under="calls"),
            Column("cost", gettext("Cost of calls"), Kind.PRICE, 11),
            Column("price", gettext("Price of calls"), Kind.PRICE, 11, part="amount"),
            Column("profit", gettext("Profit"), Kind.PRICE, 8),
        )

    def page(
        self, chosen: Chosen, *, after: str | None = None, before: str | None = None, rows: int = 50
    ) -> Page[AccountLine]:
        page = pbx.accounts_page(chosen.wanted, after=after, rows=rows)
        ids = [row.id for row in page.rows]
        clients = identity.clients_by_id({row.client_id for row in page.rows if row.client_id})
        dids = numbers.numbers_on(ids)
        traffic = calls.by_sub_account(chosen.period.first, chosen.period.last, ids)
        return Page(
            [
                AccountLine(
                    row,
                    clients.get(row.client_id or 0),
                    tuple(dids.get(row.id, ())),
                    traffic.get(row.id, _NOTHING),
                )
                for row in page.rows
            ],
            page.older,
        )

    def count(self, chosen: Chosen, most: int) -> int:
        return min(pbx.account_sums(chosen.wanted).accounts, most + 1)

    def cells(self) -> Callable[[AccountLine], Sequence[Cell]]:
        zone = asking.zone()

        def put(line: AccountLine) -> Sequence[Cell]:
            row, traffic = line.account, line.traffic
            return (
                row.account,
                row.description,
                line.client.title if line.client else "",
                row.package,
                row.linked_from.astimezone(zone).date() if row.linked_from else None,
                ", ".join(international(number) for number in line.dids),
                row.monthly_fee,
                traffic.calls,
                traffic.billed_seconds,
                traffic.cost,
                traffic.price,
                traffic.profit,
            )

        return put

    def summary(self, chosen: Chosen) -> Summary:
        sums = pbx.account_sums(chosen.wanted)
        traffic = calls.by_sub_account(chosen.period.first, chosen.period.last)
        ids = pbx.account_ids(chosen.wanted)
        found = [totals for key, totals in traffic.items() if key in ids]
        price = sum((one.price for one in found), Money(0))
        cost = sum((one.cost for one in found), Money(0))
        many, seconds = sum(one.calls for one in found), sum(one.billed_seconds for one in found)
        free = sums.accounts - sums.connected
        return Summary(
            figures=(
                Figure(gettext("Sub-accounts"), sums.accounts, Kind.COUNT, gettext("Without a client"), free),
                Figure(gettext("Monthly fees"), sums.monthly, Kind.MONEY),
                Figure(gettext("Price of calls"), price, Kind.MONEY, gettext("Calls"), many),
                Figure(gettext("Profit of calls"), price - cost, Kind.MONEY, gettext("Cost"), cost, Kind.MONEY),
            ),
            totals=(
                gettext("Total"), None, None, None, None, None, sums.monthly, many, seconds, cost,
                price, price - cost,
            ),
            count=sums.accounts,
        )  # fmt: skip
