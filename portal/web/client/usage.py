"""What a client used, month by month: how much of it, and what it came to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, request, url_for
from flask_babel import gettext

from portal import calls, ledger
from portal.core import clock
from portal.core.cells import Cell
from portal.core.money import ZERO, Money
from portal.core.period import local_day
from portal.entitlements import Service
from portal.ledger import AccountKind
from portal.reports import months
from portal.web import charts, filters
from portal.web.charts import Plot, Series
from portal.web.client import balance_tabs
from portal.web.client.blueprint import bp
from portal.web.download import csv_stream
from portal.web.htmx import Rendered, render
from portal.web.places import reseller
from portal.web.rights import client_id, need

PAGE, RESULTS = "client/balance/months.html", "client/balance/_months.html"
CHOICES = (6, 12, 24)
_HEAD = (
    "month", "calls", "seconds", "calls_price", "texts", "texts_price", "faxes", "faxes_price",
    "fees", "other", "total",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class UsageMonth:
    """One month: how many of each, and what they cost the client. Late calls are charged late."""

    month: date
    calls: int = 0
    seconds: int = 0
    texts: int = 0
    faxes: int = 0
    calls_price: Money = ZERO
    texts_price: Money = ZERO
    faxes_price: Money = ZERO
    fees: Money = ZERO
    other: Money = ZERO

    @property
    def total(self) -> Money:
        return self.calls_price + self.texts_price + self.faxes_price + self.fees + self.other

    @property
    def is_empty(self) -> bool:
        return not (self.calls or self.texts or self.faxes or self.total)


@bp.get("/balance/months")
def usage() -> Rendered:
    """The months with a chart; the newest first in the table."""
    need(Service.BALANCE)
    count = _count()
    found = _months(count)
    return render(
        PAGE,
        RESULTS,
        rows=found[::-1],
        whole=_whole(found),
        plot=_plot(found) if any(not one.is_empty for one in found) else None,
        zone=reseller().time_zone,
        tabs_of_balance=balance_tabs.tabs("usage"),
        choices=[
            (gettext("%(num)s months", num=one), url_for(".usage", months=one), one == count)
            for one in CHOICES
        ],
        csv_url=url_for(".usage_csv", months=count),
        history_url=url_for(".balance"),
        month_url=_month_url,
    )


@bp.get("/balance/months.csv")
def usage_csv() -> Response:
    """The same for a spreadsheet, amounts with all their places."""
    need(Service.BALANCE)
    rows = iter([_months(_count())[::-1]])

    def chunk(_last: UsageMonth | None) -> Sequence[UsageMonth]:
        return next(rows, [])

    return csv_stream("usage.csv", _HEAD, chunk, _cells)


def _month_url(month: date) -> str:
    """The lines of a month, each of which opens."""
    last = (month + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return url_for(".balance", since=month.isoformat(), until=last.isoformat())


def _months(count: int) -> list[UsageMonth]:
    today = local_day(clock.now(), ZoneInfo(reseller().time_zone))
    first = months.months_back(today.replace(day=1), count - 1)
    own = client_id()
    talked = calls.by_month(first, today, client_id=own)
    found: dict[date, dict[str, Any]] = {
        month: {"calls": talked[month].calls, "seconds": talked[month].billed_seconds}
        if month in talked
        else {}
        for month in months.months_between(first, today)
    }
    words = {
        AccountKind.CALLS: ("", "calls_price"),
        AccountKind.RECORDINGS: ("", "other"),
        AccountKind.MESSAGES: ("texts", "texts_price"),
        AccountKind.FAXES: ("faxes", "faxes_price"),
        AccountKind.FEES: ("", "fees"),
        AccountKind.MANUAL: ("", "other"),
        AccountKind.TAXES: ("", "other"),
    }
    for line in ledger.months(first, today.replace(day=1), client_id=own):
        if line.account not in words:
            continue
        many, amount = words[line.account]
        values = found[line.month]
        values[amount] = values.get(amount, ZERO) + line.amount
        if many:
            values[many] = values.get(many, 0) + line.items
    return [UsageMonth(month, **values) for month, values in found.items()]


def _whole(found: Sequence[UsageMonth]) -> UsageMonth:
    names = ("calls", "seconds", "texts", "faxes")
    amounts = ("calls_price", "texts_price", "faxes_price", "fees", "other")
    sums: dict[str, Any] = {name: sum(getattr(one, name) for one in found) for name in names}
    sums |= {name: sum((getattr(one, name) for one in found), ZERO) for name in amounts}
    return UsageMonth(found[0].month, **sums)


def _plot(found: Sequence[UsageMonth]) -> Plot:
    whole = _whole(found)
    series = (
        (gettext("Calls"), [one.calls_price for one in found], "1"),
        (gettext("Texts and faxes"), [one.texts_price + one.faxes_price for one in found], "2"),
        (gettext("Fees and other"), [one.fees + one.other for one in found], "3"),
    )
    every = max(1, len(found) // 12)
    return charts.bars(
        [filters.short_month(one.month) for one in found],
        [
            Series(name, [max(amount, ZERO).decimal for amount in amounts], tone)
            for name, amounts, tone in series
        ],
        sentence=gettext(
            "%(total)s from %(first)s to %(last)s.",
            total=filters.money(whole.total),
            first=filters.month(found[0].month),
            last=filters.month(found[-1].month),
        ),
        axis=lambda value: filters.whole(Decimal(value)),
        exact=lambda value: filters.money(Money.of(Decimal(value))),
        label_head=gettext("Month"),
        titles=[filters.month(one.month) for one in found],
        every=every,
        every_phone=every * 2,
    )


def _cells(one: UsageMonth) -> Sequence[Cell]:
    return (
        f"{one.month:%Y-%m}", one.calls, one.seconds, str(one.calls_price), one.texts,
        str(one.texts_price), one.faxes, str(one.faxes_price), str(one.fees), str(one.other),
        str(one.total),
    )  # fmt: skip


def _count() -> int:
    given = request.args.get("months", "")
    return int(given) if given in {str(one) for one in CHOICES} else CHOICES[1]
