"""Faxes of a client, or of all: cost, price and profit. Documents are not for staff."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from flask_babel import gettext

from portal import fax
from portal.core.paging import Page
from portal.fax import FaxFilter, ReportRow
from portal.reports import asking
from portal.reports.description import Choice, Chosen, Figure, Report, Summary
from portal.reports.period import YEAR_DAYS, period_from
from portal.reports.table import Cell, Column, Kind, margin_e4
from portal.reports.values import ReportKind
from portal.reports.words import fax_words, way_words

_STATES = ("sent", "failed", "cancelled", "received")


class Faxes(Report):
    """One row a fax, also when its document was deleted."""

    kind: ClassVar[ReportKind] = ReportKind.FAXES
    symbol = "printer"
    tells_live = "fax-changed"

    def title(self) -> str:
        return str(gettext("Faxes"))

    def sentence(self) -> str:
        return str(gettext("Faxes of one client or of all, with pages, cost, price and profit."))

    def choose(self, given: Mapping[str, str]) -> Chosen:
        client = asking.client_of(given)
        lines, line = asking.line_choice(client, given)
        ways, words = way_words(), fax_words()
        direction = asking.one_of(given.get("direction"), ways)
        state = asking.one_of(given.get("state"), _STATES)
        text = asking.text_of(given)
        period = period_from(given, asking.zone(), longest_days=YEAR_DAYS)
        return Chosen(
            period,
            FaxFilter(
                period.since, period.until, client_id=client.id if client else None,
                sub_account_id=line.id if line else None, direction=direction, state=state, text=text,
            ),
            choices=(
                asking.client_choice(client),
                *((lines,) if client else ()),
                Choice("direction", gettext("Direction"), list(ways.items()), direction),
                Choice("state", gettext("Result"), [(one, words[one]) for one in _STATES], state),
            ),
            text=text,
            text_label=gettext("Number or name"),
            words=asking.kept(
                client=str(client.public_id) if client else "",
                line=str(line.public_id) if line else "",
                direction=direction, state=state, q=text,
            ),
        )  # fmt: skip

    def columns(self) -> tuple[Column, ...]:
        return (
            Column("when", gettext("When"), Kind.WHEN, 15, part="meta"),
            Column("client", gettext("Client"), Kind.TEXT, 15, part="full"),
            Column("direction", gettext("Direction"), Kind.TEXT, 8, as_icon_of="contact"),
            Column("contact", gettext("With"), Kind.PHONE, 12, part="title"),
            Column("name", gettext("Name"), Kind.TEXT, 13, under="contact"),
            Column("number", gettext("Fax number"), Kind.PHONE, 12),
            Column("sent_by", gettext("Sent by"), Kind.TEXT, 10, under="number"),
            Column("result", gettext("Result"), Kind.TEXT, 10, part="state"),
            Column("pages", gettext("Pages"), Kind.COUNT, 5),
            Column("seconds", gettext("Length"), Kind.SECONDS, 6),
            Column("cost", gettext("Cost"), Kind.PRICE, 7),
            Column("price", gettext("Price"), Kind.PRICE, 7, part="amount"),
            Column("profit", gettext("Profit"), Kind.PRICE, 7),
        )

    def page(
        self, chosen: Chosen, *, after: str | None = None, before: str | None = None, rows: int = 50
    ) -> Page[ReportRow]:
        return fax.report(chosen.wanted, after=after, rows=rows)

    def count(self, chosen: Chosen, most: int) -> int:
        return min(fax.report_totals(chosen.wanted).faxes, most + 1)

    def cells(self) -> Callable[[ReportRow], Sequence[Cell]]:
        ways, states = way_words(), fax_words()

        def put(row: ReportRow) -> Sequence[Cell]:
            return (
                row.at,
                row.client_name,
                ways.get(row.direction, row.direction),
                row.contact,
                row.contact_name,
                row.own_number,
                row.sent_by,
                states.get(row.state, row.state),
                row.pages,
                row.seconds,
                row.cost,
                row.price,
                row.price - row.cost,
            )

        return put

    def summary(self, chosen: Chosen) -> Summary:
        sums = fax.report_totals(chosen.wanted)
        profit = sums.price - sums.cost
        return Summary(
            figures=(
                Figure(gettext("Faxes"), sums.faxes, Kind.COUNT, gettext("Not delivered"), sums.failed),
                Figure(
                    gettext("Revenue"), sums.price, Kind.MONEY, gettext("Pages delivered"), sums.pages,
                ),
                Figure(
                    gettext("Carrier cost"), sums.cost, Kind.MONEY,
                    gettext("Minutes"), sums.seconds, Kind.MINUTES,
                ),
                Figure(
                    gettext("Profit"), profit, Kind.MONEY,
                    gettext("Margin"), margin_e4(sums.price, sums.cost), Kind.SHARE,
                ),
            ),
            totals=(
                None, gettext("Total"), None, None, None, None, None, None, None, sums.seconds,
                sums.cost, sums.price, profit,
            ),
            count=sums.faxes,
        )  # fmt: skip
