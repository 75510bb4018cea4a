"""Calls: of all clients, of one client or sub-account, and as a client sees its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby
from typing import ClassVar
from zoneinfo import ZoneInfo

from flask_babel import gettext

from portal import calls, identity
from portal.calls import CallFilter, CallRow, Totals
from portal.core.money import Money
from portal.core.paging import Page
from portal.identity import ClientFacts
from portal.reports import asking, reading
from portal.reports.description import Choice, Chosen, DaySum, Figure, Part, Report, Summary
from portal.reports.period import LONGEST_DAYS, YEAR_DAYS, Period, period_from
from portal.reports.plain_calls import CallLines
from portal.reports.spelling import Csv
from portal.reports.table import Cell, Column, Kind, margin_e4
from portal.reports.values import ReportKind
from portal.reports.words import direction_words, price_words, result_words


class GlobalCdr(Report):
    """Every call of a reseller: who made it, what it cost, what it earned."""

    kind: ClassVar[ReportKind] = ReportKind.GLOBAL_CDR
    symbol = "phone"
    tells_live = "calls-imported"

    def title(self) -> str:
        return str(gettext("Calls of all clients"))

    def sentence(self) -> str:
        return str(gettext("Every call, incoming and outgoing, with cost, price and profit."))

    def choose(self, given: Mapping[str, str]) -> Chosen:
        client = asking.client_of(given)
        return _chosen(given, client, (asking.client_choice(client),))

    def columns(self) -> tuple[Column, ...]:
        return (
            Column("when", gettext("When"), Kind.WHEN, 14, part="meta"),
            Column("client", gettext("Client"), Kind.TEXT, 15, part="full"),
            Column("account", gettext("Account"), Kind.TEXT, 12, under="client"),
            Column("direction", gettext("Direction"), Kind.TEXT, 7, as_icon_of="caller"),
            Column("caller", gettext("Caller"), Kind.PHONE, 12, part="title"),
            Column("destination", gettext("Destination"), Kind.PHONE, 12, under="caller"),
            Column("result", gettext("Result"), Kind.TEXT, 8, part="state"),
            Column("duration_seconds", gettext("Length"), Kind.SECONDS, 6),
            Column("billed_seconds", gettext("Billed"), Kind.SECONDS, 6, under="duration_seconds"),
            Column("cost", gettext("Cost"), Kind.PRICE, 7),
            Column("price", gettext("Price"), Kind.PRICE, 7, part="amount"),
            Column("profit", gettext("Profit"), Kind.PRICE, 7),
            Column("margin_percent", gettext("Margin"), Kind.SHARE, 6),
        )

    def page(
        self, chosen: Chosen, *, after: str | None = None, before: str | None = None, rows: int = 50
    ) -> Page[CallRow]:
        return calls.search(chosen.wanted, after=after, before=before, rows=rows)

    def chunks(self, chosen: Chosen) -> Iterator[Sequence[CallRow]]:
        return reading.chunks(chosen.wanted)

    def lines(self, chosen: Chosen, spelling: Csv) -> Iterator[tuple[int, str]]:
        put = self._lines(spelling)
        return ((len(one.rows), put(one)) for one in reading.plain_chunks(chosen.wanted))

    def _lines(self, spelling: Csv) -> CallLines:
        return CallLines(spelling)

    def count(self, chosen: Chosen, most: int) -> int:
        return calls.count_up_to(chosen.wanted, most)

    def cells(self) -> Callable[[CallRow], Sequence[Cell]]:
        directions, results = direction_words(), result_words()

        def put(row: CallRow) -> Sequence[Cell]:
            return (
                row.started_at,
                row.client_name or "",
                row.account,
                directions.get(row.direction, row.direction),
                row.caller_number or row.caller_name,
                row.destination,
                results.get(row.disposition, row.disposition),
                row.seconds,
                row.billed_seconds,
                row.cost,
                row.price,
                row.profit,
                None if row.price is None else margin_e4(row.price, row.cost),
            )

        return put

    def summary(self, chosen: Chosen) -> Summary:
        """From the roll-ups when only period and client are chosen, else from the calls."""
        wanted: CallFilter = chosen.wanted
        sums = _sums(wanted)
        known = identity.clients_by_id({client_id for client_id in sums if client_id})
        whole = _added(sums.values())
        parts = sorted(
            ((known.get(owner), totals) for owner, totals in sums.items() if totals.calls),
            key=lambda pair: (-pair[1].price.micros, pair[0].title if pair[0] else ""),
        )
        return Summary(
            figures=_figures(whole),
            totals=_total_cells(whole),
            count=whole.calls,
            parts_title=gettext("By client"),
            part_columns=_part_columns(gettext("Client")),
            parts=tuple(_part(client, totals) for client, totals in parts),
            days=_days(chosen) if wanted.is_plain and whole.calls else (),
        )


class ClientCdr(GlobalCdr):
    """The calls of one client, or of one of its sub-accounts."""

    kind: ClassVar[ReportKind] = ReportKind.CLIENT_CDR
    symbol = "phone-call"

    def title(self) -> str:
        return str(gettext("Calls of one client"))

    def sentence(self) -> str:
        return str(
            gettext("The calls of one client or one sub-account, with cost, price and profit.")
        )

    def choose(self, given: Mapping[str, str]) -> Chosen:
        client = asking.client_of(given)
        lines, line = asking.line_choice(client, given)
        ask = (asking.client_choice(client, every=gettext("Choose a client")),)
        chosen = _chosen(given, client, (*ask, lines) if client else ask)
        if client is None:
            return replace(chosen, needs=gettext("Choose the client whose calls you want to see."))
        if line is None:
            return chosen
        wanted = replace(chosen.wanted, sub_account_id=line.id)
        return replace(chosen, wanted=wanted, words={**chosen.words, "line": str(line.public_id)})

    def summary(self, chosen: Chosen) -> Summary:
        return replace(super().summary(chosen), parts=())


class OwnCalls(GlobalCdr):
    """A client's calls as the client sees them: prices and no cost."""

    kind: ClassVar[ReportKind] = ReportKind.OWN_CALLS
    landscape: ClassVar[bool] = False

    def __init__(self, *, shows_prices: bool = True) -> None:
        self._places = 8 if shows_prices else 7

    def title(self) -> str:
        return str(gettext("Calls"))

    def choose(self, given: Mapping[str, str]) -> Chosen:
        """What ``filters_of`` wrote down; whose calls, the scope says."""
        zone = ZoneInfo(given.get("zone") or str(asking.zone()))
        chosen = _chosen(given, None, (), zone=zone)
        line = int(given["line_id"]) if given.get("line_id") else None
        return replace(chosen, wanted=replace(chosen.wanted, sub_account_id=line))

    def _lines(self, spelling: Csv) -> CallLines:
        return CallLines(spelling, own=True, prices=self._places == 8)

    def chosen(self, wanted: CallFilter, zone: ZoneInfo) -> Chosen:
        """The filter of a client's page."""
        return Chosen(Period(wanted.first_day, wanted.last_day, zone), wanted)

    def filters_of(self, wanted: CallFilter, zone: ZoneInfo) -> dict[str, str]:
        """The same in words, for a file that is made later."""
        words = asking.kept(
            direction=wanted.direction, result=",".join(wanted.dispositions), q=wanted.text,
            line_id=str(wanted.sub_account_id or ""), zone=str(zone),
        )  # fmt: skip
        return Period(wanted.first_day, wanted.last_day, zone).as_filters() | words

    def columns(self) -> tuple[Column, ...]:
        every = (
            Column("when", gettext("When"), Kind.WHEN, 19),
            Column("direction", gettext("Direction"), Kind.TEXT, 10),
            Column("caller", gettext("Caller"), Kind.PHONE, 16),
            Column("destination", gettext("Destination"), Kind.PHONE, 16),
            Column("result", gettext("Result"), Kind.TEXT, 10),
            Column("duration_seconds", gettext("Length"), Kind.SECONDS, 9),
            Column("billed_seconds", gettext("Billed"), Kind.SECONDS, 9),
            Column("price", gettext("Price"), Kind.PRICE, 10),
        )
        return every[: self._places]

    def cells(self) -> Callable[[CallRow], Sequence[Cell]]:
        directions, results = direction_words(), result_words()

        def put(row: CallRow) -> Sequence[Cell]:
            every = (
                row.started_at,
                directions.get(row.direction, row.direction),
                row.caller_number or row.caller_name,
                row.destination,
                results.get(row.disposition, row.disposition),
                row.seconds,
                row.billed_seconds,
                row.price,
            )
            return every[: self._places]

        return put

    def summary(self, chosen: Chosen) -> Summary:
        sums = calls.totals(chosen.wanted)
        every = (
            None, None, gettext("Total"), None, None, sums.seconds, sums.billed_seconds, sums.price,
        )  # fmt: skip
        return Summary(
            figures=(Figure(gettext("Calls"), sums.calls, Kind.COUNT),),
            totals=every[: self._places],
            count=sums.calls,
        )


def _chosen(
    given: Mapping[str, str],
    client: ClientFacts | None,
    choices: tuple[Choice, ...],
    *,
    zone: ZoneInfo | None = None,
) -> Chosen:
    directions, results, prices = direction_words(), result_words(), price_words()
    direction = asking.one_of(given.get("direction"), directions)
    dispositions = asking.some_of(given.get("result"), tuple(results))
    states = asking.some_of(given.get("state"), tuple(prices))
    text = asking.text_of(given)
    is_plain = not (direction or dispositions or states or text or given.get("line"))
    # The roll-ups answer for a year; rows are summed over at most 92 days (rulings 30).
    longest = YEAR_DAYS if is_plain else LONGEST_DAYS
    period = period_from(given, zone or asking.zone(), longest_days=longest)
    words = asking.kept(
        client=str(client.public_id) if client else "",
        direction=direction,
        result=",".join(dispositions),
        state=",".join(states),
        q=text,
    )
    return Chosen(
        period,
        CallFilter(
            since=period.since, until=period.until, first_day=period.first, last_day=period.last,
            client_id=client.id if client else None, direction=direction, dispositions=dispositions,
            states=states, text=text,
        ),
        choices=(
            *choices,
            Choice("direction", gettext("Direction"), list(directions.items()), direction),
            _several("result", gettext("Result"), results, dispositions),
            _several("state", gettext("Price"), prices, states),
        ),
        text=text,
        text_label=gettext("Name or number"),
        words=words,
    )  # fmt: skip


def _several(name: str, label: str, words: Mapping[str, str], now: Sequence[str]) -> Choice:
    """Radio buttons; several at once, which an address may name, are one more of them."""
    options = list(words.items())
    if len(now) > 1:
        options.append((",".join(now), ", ".join(words[one] for one in now)))
    return Choice(name, label, options, ",".join(now))


def _sums(wanted: CallFilter) -> dict[int, Totals]:
    if not wanted.is_plain:
        return dict(calls.sums_by_client(wanted))
    owners = None if wanted.client_id is None else [wanted.client_id]
    return dict(calls.by_client(wanted.first_day, wanted.last_day, owners=owners))


def _days(chosen: Chosen) -> tuple[DaySum, ...]:
    """By day; by month where days would be too many to see."""
    period = chosen.period
    found = calls.days(period.first, period.last, client_id=chosen.wanted.client_id)
    known = {one.day: (one.price, one.cost) for one in found}
    nothing = (Money(0), Money(0))
    days = [(day, *known.get(day, nothing)) for day in period.days]
    if len(days) > LONGEST_DAYS:
        return tuple(
            _month(month, of) for month, of in groupby(days, lambda one: one[0].replace(day=1))
        )
    return tuple(DaySum(day, price, cost) for day, price, cost in days)  # fmt: skip


def _month(month: date, days: Iterable[tuple[date, Money, Money]]) -> DaySum:
    price, cost = Money(0), Money(0)
    for _, one_price, one_cost in days:
        price, cost = price + one_price, cost + one_cost
    return DaySum(month, price, cost)


def _figures(totals: Totals) -> tuple[Figure, ...]:
    return (
        Figure(gettext("Calls"), totals.calls, Kind.COUNT, gettext("Answered"), totals.answered),
        Figure(
            gettext("Revenue"), totals.price, Kind.MONEY,
            gettext("Billed minutes"), totals.billed_seconds, Kind.MINUTES,
        ),
        Figure(gettext("Carrier cost"), totals.cost, Kind.MONEY),
        Figure(
            gettext("Profit"), totals.profit, Kind.MONEY,
            gettext("Margin"), margin_e4(totals.price, totals.cost), Kind.SHARE,
        ),
    )  # fmt: skip


def _part_columns(first: str) -> tuple[Column, ...]:
    return (
        Column("name", first, part="title"),
        Column("calls", gettext("Calls"), Kind.COUNT),
        Column("minutes", gettext("Minutes"), Kind.MINUTES),
        Column("cost", gettext("Cost"), Kind.PRICE),
        Column("price", gettext("Price"), Kind.PRICE, part="amount"),
        Column("profit", gettext("Profit"), Kind.PRICE),
        Column("margin_percent", gettext("Margin"), Kind.SHARE, part="state"),
    )


def _part(client: ClientFacts | None, totals: Totals) -> Part:
    name = client.title if client else gettext("Owner unknown")
    cells = (
        name, totals.calls, totals.billed_seconds, totals.cost, totals.price, totals.profit,
        margin_e4(totals.price, totals.cost),
    )  # fmt: skip
    return Part(cells, {"client": str(client.public_id)} if client else {})


def _total_cells(totals: Totals) -> Sequence[Cell]:
    return (
        None, gettext("Total"), None, None, None, None, None, totals.seconds, totals.billed_seconds,
        totals.cost, totals.price, totals.profit, margin_e4(totals.price, totals.cost),
    )  # fmt: skip


def _added(parts: Iterable[Totals]) -> Totals:
    whole = Totals()
    for part in parts:
        whole = whole.plus(part)
    return whole
