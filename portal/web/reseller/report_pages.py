"""A described report on screen: its filter, figures, chart and rows, for whichever page frames it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from flask import url_for
from flask_babel import gettext

from portal.core.money import Money
from portal.core.paging import Page
from portal.identity import ClientFacts
from portal.reports import Cell, Chosen, Column, Kind, Report, Summary
from portal.reports.period import QUICK
from portal.web import charts, filters
from portal.web.charts import Plot, Series
from portal.web.reseller.report_looks import Looks, looks_of

RESULTS, ROWS, TOTALS = (
    "reseller/reports/_results.html",
    "reseller/reports/_rows.html",
    "reseller/reports/_totals.html",
)


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a report stands: ``index`` makes the page's addresses, ``fixed`` is chosen by the page."""

    report: Report
    index: Callable[..., str]
    fixed: Mapping[str, str] = field(default_factory=dict)

    def choose(self, given: Mapping[str, str]) -> Chosen:
        """What the address asks for, within what the page says."""
        return self.report.choose({**given, **self.fixed})

    def url(self, chosen: Chosen, **more: str) -> str:
        """The page with this filter."""
        return self.index(**self._free(chosen.address | more))

    def other(self, chosen: Chosen, endpoint: str) -> str:
        """Another address of the same report with the same filter, what the page says included."""
        words: dict[str, Any] = dict(chosen.address)
        return url_for(endpoint, report=self.report.word, **words)

    def quick(self, chosen: Chosen, word: str) -> str:
        """The same filter over another period."""
        return self.index(**self._free(dict(chosen.words) | {"period": word}))

    def _free(self, words: Mapping[str, str]) -> dict[str, str]:
        return {name: word for name, word in words.items() if name not in self.fixed and word}


@dataclass(frozen=True, slots=True)
class CellShown:
    """One cell of the table: a text with what stands below it."""

    text: str
    part: str = ""
    is_number: bool = False
    is_state: bool = False
    is_time: bool = False
    is_phone: bool = False
    url: str = ""
    symbol: str = ""
    said: str = ""  # what the icon means
    tone: str = ""
    below: tuple[str, ...] = ()
    second: str = ""  # the time beside a day


def frame_of(report: Report) -> Frame:
    """The report's own page."""

    def index(**words: Any) -> str:
        return url_for("reseller.report", report=report.word, **words)

    return Frame(report, index)


def frame_of_client(report: Report, endpoint: str, client: ClientFacts) -> Frame:
    """The same report as a page of one client."""

    def index(**words: Any) -> str:
        return url_for(endpoint, public_id=client.public_id, **words)

    return Frame(report, index, {"client": str(client.public_id)})


def around(frame: Frame, chosen: Chosen) -> dict[str, Any]:
    """The filter: everything that another page of rows does not change."""
    period = chosen.period
    return {
        "zone": str(period.zone),
        "index_url": frame.index(),
        "clear_url": frame.index(period=frame.report.usual),
        "period_text": quick_words((*frame.report.quick, frame.report.usual)).get(period.quick)
        or days_text(period.first, period.last),
        "quick": [
            (text, frame.quick(chosen, word), word == period.quick)
            for word, text in quick_words(frame.report.quick).items()
        ],
        "choices": [one for one in chosen.choices if one.name not in frame.fixed],
        "kept_words": {
            name: word
            for name, word in chosen.words.items()
            if name not in {one.name for one in chosen.choices} | {"q"} | set(frame.fixed)
        },
    }


def results(frame: Frame, chosen: Chosen, given: Mapping[str, str]) -> dict[str, Any]:
    """Totals and rows: everything that depends on the filter."""
    base = {"chosen": chosen, "report": frame.report, "title": frame.report.title()}
    if chosen.needs:
        return base | {"needs": chosen.needs}
    return base | {"needs": ""} | totals(frame, chosen) | rows(frame, chosen, given)


def totals(frame: Frame, chosen: Chosen) -> dict[str, Any]:
    """The figures, the smaller table, the chart."""
    summary = frame.report.summary(chosen)
    return {
        "summary": summary,
        "figures": [
            (
                one.label,
                shown(one.value, one.kind),
                f"{one.note} {shown(one.note_value, one.note_kind)}" if one.note else "",
            )
            for one in summary.figures
        ],
        "parts": [
            (
                [
                    _cell(cell, column, "")
                    for cell, column in zip(part.cells, summary.part_columns, strict=True)
                ],
                frame.url(chosen, **part.words) if part.words else "",
            )
            for part in summary.parts
        ],
        "totals_url": frame.other(chosen, "reseller.report_totals"),
        "live": frame.report.tells_live,
        "plot": _plot(summary) if summary.days else None,
    }


def rows(frame: Frame, chosen: Chosen, given: Mapping[str, str]) -> dict[str, Any]:
    """One page of rows, and where its neighbours are."""
    after, before = given.get("after"), given.get("before")
    page: Page[Any] = frame.report.page(chosen, after=after, before=before)
    columns = [_within(frame, one) for one in frame.report.columns()]
    put, look = (
        frame.report.cells(),
        looks_of(frame.report.kind, list(page.rows), client=chosen.words.get("client", "")),
    )
    first = not (after or before)
    newest = "" if first else frame.url(chosen)
    return {
        "heads": [one for one in columns if _has_a_place(one)],
        "rows": [row_shown(columns, put(row), look(row), chosen.period.zone) for row in page.rows],
        "older_url": frame.url(chosen, after=page.older) if page.older else "",
        "newer_url": frame.url(chosen, before=page.newer) if page.newer else newest,
        "newer_text": gettext("Newer") if page.newer else gettext("First page"),
        "csv_url": frame.other(chosen, "reseller.report_csv"),
        "refresh_url": frame.url(chosen, live="1") if first and frame.report.tells_live else "",
        "is_filtered": bool(chosen.words.keys() - frame.fixed.keys()),
        "back_to_all": frame.index(period=frame.report.usual),
    }


def row_shown(
    columns: Sequence[Column], cells: Sequence[Cell], looks: Looks, zone: ZoneInfo
) -> list[CellShown]:
    """The cells that have a place of their own, each with those below it."""
    values = {column.key: (column, cell) for column, cell in zip(columns, cells, strict=True)}
    found = []
    for column, cell in values.values():
        if not _has_a_place(column):
            continue
        below = tuple(
            _below(other, value, zone)
            for other, value in values.values()
            if other.under == column.key and value not in {None, ""}
        )
        icon = next((v for other, v in values.values() if other.as_icon_of == column.key), None)
        found.append(
            _cell(
                cell, column, looks.links.get(column.key, ""), below=below, zone=zone,
                symbol=looks.symbol if icon is not None else "", said=str(icon or ""),
                tone=looks.tone if column.part == "state" else "",
            )
        )  # fmt: skip
    return found


def shown(value: Cell, kind: Kind, zone: ZoneInfo | None = None) -> str:
    """A cell as text in the person's language."""
    if value is None or value == "":
        return filters.NOTHING
    if isinstance(value, Money):
        return filters.money(value) if kind is Kind.MONEY else filters.price(value)
    if isinstance(value, datetime):
        at = value.astimezone(zone) if zone else value
        return f"{filters.day(at.date())} {at:%H:%M:%S}"
    if isinstance(value, date):
        return filters.month(value) if kind is Kind.MONTH else filters.day(value)
    if isinstance(value, int):
        return _whole(value, kind)
    return filters.phone_number(value) if kind is Kind.PHONE else value


def quick_words(choices: Sequence[str] = QUICK) -> dict[str, str]:
    """The choices of a period, as people say them."""
    words = {
        "today": gettext("Today"),
        "yesterday": gettext("Yesterday"),
        "week": gettext("This week"),
        "7": gettext("Last 7 days"),
        "30": gettext("Last 30 days"),
        "month": gettext("This month"),
        "last-month": gettext("Last month"),
        "year": gettext("This year"),
        "last-year": gettext("Last year"),
        "12-months": gettext("Last 12 months"),
    }
    return {word: words[word] for word in choices}


def days_text(first: date, last: date) -> str:
    """A period in words."""
    if first == last:
        return filters.day(first)
    return gettext("%(first)s to %(last)s", first=filters.day(first), last=filters.day(last))


def _within(frame: Frame, column: Column) -> Column:
    """A page of one client does not name the client in each row."""
    return replace(column, on_screen=False) if column.key in frame.fixed else column


def _has_a_place(column: Column) -> bool:
    return column.on_screen and not column.under and not column.as_icon_of


def _whole(value: int, kind: Kind) -> str:
    if kind is Kind.SHARE:
        return filters.share(Decimal(value).scaleb(-4))
    if kind is Kind.MINUTES:
        return filters.minutes(value)
    if kind is Kind.RATE:
        return filters.rate(value)
    return filters.number(value) if kind is Kind.COUNT else filters.duration(value)


def _below(column: Column, value: Cell, zone: ZoneInfo) -> str:
    text = shown(value, column.kind, zone)
    return f"{column.title} {text}" if column.is_number or column.kind is Kind.DAY else text


def _cell(
    value: Cell, column: Column, url: str, *, zone: ZoneInfo | None = None, **more: Any
) -> CellShown:
    if isinstance(value, datetime):
        at = value.astimezone(zone) if zone else value
        return CellShown(
            filters.day(at.date()), column.part, is_time=True, second=f"{at:%H:%M:%S}", **more
        )
    is_loss = isinstance(value, Money) and value < Money(0)
    more["tone"] = more.get("tone") or ("negative" if is_loss else "")
    return CellShown(
        shown(value, column.kind, zone), column.part, column.is_number,
        column.part == "state" and not column.is_number,
        is_phone=column.kind is Kind.PHONE, url=url, **more,
    )  # fmt: skip


def _plot(summary: Summary) -> Plot:
    days = summary.days
    by_month = len(days) > 1 and (days[1].day - days[0].day).days > 1
    profits = [max(one.price - one.cost, Money(0)).decimal for one in days]
    every = max(1, len(days) // 15)
    revenue = sum((one.price for one in days), Money(0))
    cost = sum((one.cost for one in days), Money(0))
    return charts.bars(
        [filters.short_month(one.day) if by_month else str(one.day.day) for one in days],
        [
            Series(gettext("Carrier cost"), [max(one.cost, Money(0)).decimal for one in days], "2"),
            Series(gettext("Profit"), profits, "1"),
        ],
        sentence=gettext(
            "Revenue %(revenue)s, of it cost %(cost)s and profit %(profit)s.",
            revenue=filters.money(revenue),
            cost=filters.money(cost),
            profit=filters.money(revenue - cost),
        ),
        axis=lambda value: filters.whole(Decimal(value)),
        exact=lambda value: filters.money(Money.of(Decimal(value))),
        label_head=gettext("Month") if by_month else gettext("Day"),
        titles=[filters.month(one.day) if by_month else filters.day(one.day) for one in days],
        every=every,
        every_phone=every * 5 if not by_month else every * 2,
    )
