"""What needs me, how is business."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

from flask import Response, request, url_for
from flask_babel import gettext

from portal import calls, identity, ledger, upstream
from portal.calls import Day, Totals
from portal.core.money import Money
from portal.identity import AuditRow, ClientFacts, ClientStatus
from portal.web import charts, filters, live
from portal.web.charts import Plot, Series
from portal.web.htmx import Rendered, render
from portal.web.reseller import client_words, log_words, needs_attention
from portal.web.reseller.blueprint import bp, client_counts, own_reseller
from portal.web.reseller.first_steps import first_steps
from portal.web.reseller.overview import margin
from portal.web.session import person

_TOP_CLIENTS = 6
_WEEKS = 8


@dataclass(frozen=True, slots=True)
class Trend:
    """Up or down against the time before; ``good`` None is neutral."""

    text: str
    up: bool
    good: bool | None


@dataclass(frozen=True, slots=True)
class Figure:
    """One key figure."""

    label: str
    value: str
    note: str
    trend: Trend | None = None


@dataclass(frozen=True, slots=True)
class TopClient:
    """A client by profit."""

    name: str
    key: str
    url: str
    revenue: Money
    profit: Money
    margin: str
    spark: Plot | None


@dataclass(frozen=True, slots=True)
class _Span:
    """Days to look at and the days to compare with."""

    name: str
    first: date
    last: date
    before_first: date
    before_last: date


@bp.get("/")
def dashboard() -> Rendered:
    """The first page after logging in."""
    span = _span()
    now, counts, health = calls.days(span.first, span.last), client_counts(), upstream.health()
    top, events = _by_profit(span), identity.recent_events(log_words.NOTABLE)
    known = identity.clients_by_id(
        {owner for owner, _ in top} | {event.client_id or 0 for event in events}
    )
    return render(
        "reseller/dashboard/index.html",
        sub=_sub(span),
        periods=[
            (gettext("7 days"), url_for("reseller.dashboard", period="week"), span.name == "week"),
            (gettext("Month to date"), url_for("reseller.dashboard"), span.name == "month"),
            (gettext("12 months"), url_for("reseller.dashboard", period="year"), span.name == "year"),
        ],
        first_steps=first_steps(counts, has_carrier=health is not None),
        figures=_figures(span, now, counts),
        figures_url=url_for("reseller.dashboard_figures", period=span.name),
        revenue_plot=_plot(span, now),
        revenue_title=gettext("Call revenue"),
        attention=needs_attention.lines(health),
        attention_url=url_for("reseller.attention_list"),
        top_clients=_top_clients(span, top, known),
        clients_url=url_for("reseller.clients"),
        activity=_activity(events, known),
    )  # fmt: skip


@bp.get("/figures")
def dashboard_figures() -> Rendered:
    """The key figures alone, when calls have come in."""
    span = _span()
    return render(
        "reseller/dashboard/_figures.html",
        figures=_figures(span, calls.days(span.first, span.last), client_counts()),
        figures_url=url_for("reseller.dashboard_figures", period=span.name),
    )


@bp.get("/needs-attention")
def attention_list() -> Rendered:
    """The list of what needs somebody, alone."""
    return render(
        "reseller/dashboard/_attention.html",
        attention=needs_attention.lines(upstream.health()),
        attention_url=url_for("reseller.attention_list"),
    )


@bp.get("/live")
def live_stream() -> Response:
    """Names of what changed, of all clients."""
    return live.stream(person().reseller_id, None)


def _span() -> _Span:
    last = client_words.today()
    name = request.args.get("period", "month")
    if name == "week":
        first = last - timedelta(days=6)
        return _Span("week", first, last, first - timedelta(days=7), first - timedelta(days=1))
    if name == "year":
        first = _months_back(last.replace(day=1), 11)
        before = _months_back(first, 12)
        return _Span(
            "year", first, last, before, _same_day(last, _months_back(last.replace(day=1), 12))
        )
    first = last.replace(day=1)
    before = _months_back(first, 1)
    return _Span("month", first, last, before, _same_day(last, before))


def _months_back(first: date, months: int) -> date:
    year, month = divmod(first.year * 12 + first.month - 1 - months, 12)
    return date(year, month + 1, 1)


def _same_day(day: date, month: date) -> date:
    """The same day of another month, or its last one."""
    after = _months_back(month, -1)
    return min(month + timedelta(days=day.day - 1), after - timedelta(days=1))


def _sub(span: _Span) -> str:
    return gettext(
        "%(first)s to %(last)s, compared with %(before_first)s to %(before_last)s · days in %(zone)s",
        first=filters.day(span.first),
        last=filters.day(span.last),
        before_first=filters.day(span.before_first),
        before_last=filters.day(span.before_last),
        zone=own_reseller().time_zone,
    )


def _figures(span: _Span, now: Sequence[Day], counts: Mapping[ClientStatus, int]) -> list[Figure]:
    revenue, cost = _sums(now)
    old_revenue, old_cost = _sums(calls.days(span.before_first, span.before_last))
    profit, old_profit = revenue - cost, old_revenue - old_cost
    return [
        Figure(
            gettext("Call revenue"),
            filters.money(revenue),
            gettext("from %(amount)s", amount=filters.money(old_revenue)),
            _trend(revenue, old_revenue, more_is_good=True),
        ),
        Figure(
            gettext("Carrier cost"),
            filters.money(cost),
            gettext("from %(amount)s", amount=filters.money(old_cost)),
            _trend(cost, old_cost, more_is_good=None),
        ),
        Figure(
            gettext("Profit on calls"),
            filters.money(profit),
            gettext("margin %(share)s", share=margin(revenue, profit) or filters.NOTHING),
            _trend(profit, old_profit, more_is_good=True),
        ),
        Figure(
            gettext("Client balances held"),
            filters.money(ledger.balances_held()),
            gettext(
                "%(active)s active, %(suspended)s suspended, %(waiting)s waiting",
                active=counts[ClientStatus.ACTIVE],
                suspended=counts[ClientStatus.SUSPENDED],
                waiting=counts[ClientStatus.WAIT],
            ),
        ),
    ]


def _sums(days: Sequence[Day]) -> tuple[Money, Money]:
    return (
        sum((day.price for day in days), Money(0)),
        sum((day.cost for day in days), Money(0)),
    )


def _trend(now: Money, before: Money, *, more_is_good: bool | None) -> Trend | None:
    if before.micros <= 0 or now == before:
        return None
    change = Decimal((now - before).micros * 100) / Decimal(before.micros)
    up = change > 0
    good = None if more_is_good is None else up == more_is_good
    return Trend(filters.share(abs(change)), up, good)


def _plot(span: _Span, found: Sequence[Day]) -> Plot:
    bars = _months(found, span) if span.name == "year" else _days(found, span)
    labels = [label for label, _, _, _ in bars]
    cost = [max(cost, Money(0)).decimal for _, _, _, cost in bars]
    profit = [max(price - cost, Money(0)).decimal for _, _, price, cost in bars]
    revenue, spent = _sums(found)
    return charts.bars(
        labels,
        [
            Series(gettext("Carrier cost"), cost, "2"),
            Series(gettext("Profit"), profit, "1"),
        ],
        sentence=gettext(
            "Revenue %(revenue)s, of it cost %(cost)s and profit %(profit)s.",
            revenue=filters.money(revenue),
            cost=filters.money(spent),
            profit=filters.money(revenue - spent),
        ),
        axis=lambda value: filters.whole(Decimal(value)),
        exact=lambda value: filters.money(Money.of(Decimal(value))),
        label_head=gettext("Month") if span.name == "year" else gettext("Day"),
        titles=[title for _, title, _, _ in bars],
        every=1,
        height=260,
        every_phone=5 if len(bars) > 14 else 1,
    )


def _days(found: Sequence[Day], span: _Span) -> list[tuple[str, str, Money, Money]]:
    known = {day.day: day for day in found}
    bars = []
    for at in range((span.last - span.first).days + 1):
        day = span.first + timedelta(days=at)
        row = known.get(day)
        price, cost = (row.price, row.cost) if row else (Money(0), Money(0))
        bars.append((str(day.day), filters.day(day), price, cost))
    return bars


def _months(found: Sequence[Day], span: _Span) -> list[tuple[str, str, Money, Money]]:
    sums = {
        month: _sums(list(rows))
        for month, rows in groupby(found, key=lambda day: day.day.replace(day=1))
    }
    bars = []
    for back in range(11, -1, -1):
        month = _months_back(span.last.replace(day=1), back)
        price, cost = sums.get(month, (Money(0), Money(0)))
        bars.append((filters.short_month(month), filters.month(month), price, cost))
    return bars


def _by_profit(span: _Span) -> list[tuple[int, Totals]]:
    totals = [one for one in calls.by_client(span.first, span.last) if one[0] and one[1].price]
    return sorted(totals, key=lambda pair: pair[1].profit, reverse=True)[:_TOP_CLIENTS]


def _top_clients(
    span: _Span, totals: Sequence[tuple[int, Totals]], known: Mapping[int, ClientFacts]
) -> list[TopClient]:
    ids = [owner for owner, _ in totals]
    first = span.last - timedelta(days=7 * _WEEKS - 1)
    profits = calls.profit_by_day(first, span.last, ids) if ids else {}
    return [
        TopClient(
            name=known[owner].title,
            key=known[owner].number,
            url=url_for("reseller.client", public_id=known[owner].public_id),
            revenue=found.price,
            profit=found.profit,
            margin=margin(found.price, found.profit),
            spark=_spark(profits.get(owner, {}), first),
        )
        for owner, found in totals
        if owner in known
    ]


def _spark(profits: dict[date, Money], first: date) -> Plot | None:
    weeks = [
        sum((profits.get(first + timedelta(days=7 * week + day), Money(0)) for day in range(7)), Money(0))
        for week in range(_WEEKS)
    ]  # fmt: skip
    if not any(weeks):
        return None
    return charts.sparkline(
        [week.micros for week in weeks],
        sentence=gettext(
            "Profit of the last 8 weeks, the first %(first)s, the last %(last)s",
            first=filters.money(weeks[0]),
            last=filters.money(weeks[-1]),
        ),
    )


def _activity(events: Sequence[AuditRow], known: Mapping[int, ClientFacts]) -> list[dict[str, str]]:
    lines = [log_words.shown(event, known.get(event.client_id or 0)) for event in events]
    return [
        {
            "symbol": one.symbol,
            "text": f"{one.client.title}: {one.text}" if one.client else one.text,
            "note": f"{one.who} · {filters.daytime(one.event.at)}",
        }
        for one in lines
    ]
