"""Texts of a client, or of all: cost, price, profit; the words only where the client allows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from flask_babel import gettext

from portal import messaging
from portal.core.paging import Page
from portal.messaging import LogFilter, LoggedText
from portal.reports import asking
from portal.reports.description import Choice, Chosen, Figure, Report, Summary
from portal.reports.period import YEAR_DAYS, period_from
from portal.reports.table import Cell, Column, Kind, margin_e4
from portal.reports.values import ReportKind
from portal.reports.words import text_words, way_words

_KINDS = ("sms", "mms")


class Texts(Report):
    """One row a text; one in several parts is a row for each, as it is charged."""

    kind: ClassVar[ReportKind] = ReportKind.MESSAGES
    symbol = "message-square"
    tells_live = "conversation-changed"

    def title(self) -> str:
        return str(gettext("Messages"))

    def sentence(self) -> str:
        return str(gettext("SMS and MMS of one client or of all, with cost, price and profit."))

    def choose(self, given: Mapping[str, str]) -> Chosen:
        client = asking.client_of(given)
        ways, states = way_words(), text_words()
        direction = asking.one_of(given.get("direction"), ways)
        kind = asking.one_of(given.get("kind"), _KINDS)
        state = asking.one_of(given.get("state"), states)
        text = asking.text_of(given)
        period = period_from(given, asking.zone(), longest_days=YEAR_DAYS)
        return Chosen(
            period,
            LogFilter(
                period.since, period.until, client_id=client.id if client else None,
                direction=direction, kind=kind, state=state, text=text,
            ),
            choices=(
                asking.client_choice(client),
                Choice("direction", gettext("Direction"), list(ways.items()), direction),
                Choice("kind", gettext("Kind"), [(one, one.upper()) for one in _KINDS], kind),
                Choice("state", gettext("State"), list(states.items()), state),
            ),
            text=text,
            text_label=gettext("Number"),
            words=asking.kept(
                client=str(client.public_id) if client else "", direction=direction, kind=kind,
                state=state, q=text,
            ),
        )  # fmt: skip

    def columns(self) -> tuple[Column, ...]:
        return (
            Column("when", gettext("When"), Kind.WHEN, 15, part="meta"),
            Column("client", gettext("Client"), Kind.TEXT, 15, part="full"),
            Column("direction", gettext("Direction"), Kind.TEXT, 8, as_icon_of="contact"),
            Column("contact", gettext("With"), Kind.PHONE, 12, part="title"),
            Column("kind", gettext("Kind"), Kind.TEXT, 5, under="contact"),
            Column("number", gettext("Number"), Kind.PHONE, 12),
            Column("sent_by", gettext("Sent by"), Kind.TEXT, 11, under="number"),
            Column("state", gettext("State"), Kind.TEXT, 9, part="state"),
            Column("cost", gettext("Cost"), Kind.PRICE, 7),
            Column("price", gettext("Price"), Kind.PRICE, 7, part="amount"),
            Column("profit", gettext("Profit"), Kind.PRICE, 7),
            Column("text", gettext("Text"), Kind.TEXT, 18, under="contact"),
        )

    def page(
        self, chosen: Chosen, *, after: str | None = None, before: str | None = None, rows: int = 50
    ) -> Page[LoggedText]:
        return messaging.logged_texts(chosen.wanted, after=after, rows=rows)

    def count(self, chosen: Chosen, most: int) -> int:
        return min(messaging.log_totals(chosen.wanted).texts, most + 1)

    def cells(self) -> Callable[[LoggedText], Sequence[Cell]]:
        ways, states = way_words(), text_words()

        def put(row: LoggedText) -> Sequence[Cell]:
            return (
                row.at,
                row.client_name,
                ways.get(row.direction, row.direction),
                row.contact,
                row.kind.upper(),
                row.own_number,
                row.sent_by,
                states.get(row.state, row.state),
                row.cost,
                row.price,
                row.profit,
                row.text,
            )

        return put

    def summary(self, chosen: Chosen) -> Summary:
        sums = messaging.log_totals(chosen.wanted)
        return Summary(
            figures=(
                Figure(gettext("Messages"), sums.texts, Kind.COUNT),
                Figure(gettext("Revenue"), sums.price, Kind.MONEY),
                Figure(gettext("Carrier cost"), sums.cost, Kind.MONEY),
                Figure(
                    gettext("Profit"), sums.profit, Kind.MONEY,
                    gettext("Margin"), margin_e4(sums.price, sums.cost), Kind.SHARE,
                ),
            ),
            totals=(
                None, gettext("Total"), None, None, None, None, None, None, sums.cost, sums.price,
                sums.profit, None,
            ),
            count=sums.texts,
        )  # fmt: skip
