"""The balance: what there is, what was spent, and what falls due next."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from flask import url_for
from flask_babel import gettext

from portal import billing, exposure, identity, ledger
from portal.core import clock
from portal.core.money import Money
from portal.core.period import local_day
from portal.entitlements import Service
from portal.web import charts, filters
from portal.web.charts import Plot
from portal.web.client import balance_tabs
from portal.web.client.blueprint import bp
from portal.web.client.history import history
from portal.web.client.payments import to_choose
from portal.web.fee_words import SYMBOLS, kind_words
from portal.web.htmx import Rendered, render, wants_fragment
from portal.web.places import reseller
from portal.web.rights import allowed, client_id, need, standing

PAGE, HISTORY = "client/balance/index.html", "client/balance/_history.html"
AMOUNT, CHIP = "client/balance/_amount.html", "partials/_balance.html"
CHART_DAYS = 30
COMING_DAYS = 31


@bp.get("/balance")
def balance() -> Rendered:
    """The balance with its last weeks, and the history below, which htmx asks for alone."""
    need(Service.BALANCE)
    top = {} if wants_fragment() else _top()
    return render(PAGE, HISTORY, **history(), **top)


@bp.get("/balance/amount")
def balance_amount() -> Rendered:
    """The large number alone."""
    need(Service.BALANCE)
    return render(AMOUNT, standing=standing(), amount_url=url_for(".balance_amount"))


@bp.get("/balance/chip")
def balance_chip() -> Rendered:
    """The chip in the bar alone; its names come with every template."""
    need(Service.BALANCE)
    return render(CHIP)


def _top() -> dict[str, Any]:
    client = identity.client_facts(client_id())
    now = standing()
    today = local_day(clock.now(), ZoneInfo(reseller().time_zone))
    facts: list[tuple[str, str]] = []
    if now.held:
        facts.append((gettext("Set aside for what is being sent"), filters.price(now.held)))
        facts.append((gettext("Available"), filters.money(now.available)))
    if not allowed().is_simple:
        month, day = ledger.spent(client_id(), today.replace(day=1), today)
        facts += [
            (gettext("This month"), filters.money(month)),
            (gettext("Today"), filters.money(day)),
        ]
    unpaid, owed = billing.unpaid_total(client_id())
    if unpaid:
        facts.append((gettext("Unpaid fees"), filters.money(owed)))
    cap = exposure.daily_cap_of(client_id())
    if cap is not None:
        facts.append((gettext("Calls out in a day, at most"), filters.money(cap)))
    threshold = client.details.low_balance_threshold
    if threshold is not None:
        facts.append((gettext("E-mail when below"), filters.money(threshold)))
    return {
        "balance_tabs": balance_tabs.tabs("balance"),
        "standing": now,
        "amount_url": url_for(".balance_amount"),
        "facts": facts,
        "balance_plot": _plot(today),
        "coming": [
            (fee, SYMBOLS[fee.kind], kind_words(fee.kind))
            for fee in billing.client_coming(client_id(), today + timedelta(days=COMING_DAYS))
        ],
        "support_phone": reseller().support_phone,
        "reseller_name": reseller().name,
        **to_choose(),
        "low_balance_url": url_for(".profile") + "#low-balance",
    }


def _plot(today: date) -> Plot | None:
    found = ledger.daily_balances(client_id(), today - timedelta(days=CHART_DAYS - 1), today)
    if not any(balance for _, balance in found):
        return None
    lowest = min(balance for _, balance in found)
    if lowest < Money(0):
        return None  # the drawing begins at zero
    return charts.area(
        [filters.day(day) for day, _ in found],
        [balance.decimal for _, balance in found],
        sentence=gettext(
            "Balance of the last 30 days, from %(first)s to %(last)s",
            first=filters.money(found[0][1]),
            last=filters.money(found[-1][1]),
        ),
        axis=lambda value: filters.whole(Decimal(value)),
        exact=lambda value: filters.money(Money.of(str(value))),
        heads=(gettext("Day"), gettext("Balance")),
    )
