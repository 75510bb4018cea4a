"""One client at a glance: connections, the latest history, balance, the month, contact."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from flask import url_for
from flask_babel import gettext

from portal import calls, identity, ledger, numbers, pbx
from portal.core.money import Money
from portal.identity import BalanceMode, ClientFacts
from portal.ledger import Standing
from portal.numbers import DidRow
from portal.pbx import SubAccountRow
from portal.web import charts, filters
from portal.web.charts import Plot
from portal.web.forms.auth import ActForm
from portal.web.forms.payments import MoneyForm
from portal.web.history_lines import Entry, entry
from portal.web.htmx import Rendered, render
from portal.web.i18n import LANGUAGES
from portal.web.reseller import client_words
from portal.web.reseller.blueprint import bp, can
from portal.web.reseller.number_orders import order_shown

_LATEST_LINES = 8
_CHART_DAYS = 30


@dataclass(frozen=True, slots=True)
class NumberShown:
    """A number under its sub-account."""

    number: str
    label: str
    symbol: str
    target: str
    unlink_url: str


@dataclass(frozen=True, slots=True)
class Connection:
    """A sub-account with its package and numbers."""

    public_id: uuid.UUID | None
    account: str
    device: str
    online: bool | None
    package: str
    package_note: str
    package_url: str
    unlink_url: str
    link_url: str
    numbers: list[NumberShown]


@dataclass(frozen=True, slots=True)
class Month:
    """What a client brought this month."""

    revenue: Money
    cost: Money
    profit: Money
    margin: str
    split: Plot | None


@bp.get("/clients/<uuid:public_id>")
def client(public_id: uuid.UUID) -> Rendered:
    """Everything of one client."""
    found = identity.client_by_public_id(public_id)
    accounts = pbx.sub_accounts_of(found.id)
    dids = numbers.by_sub_account(found.id)
    latest = ledger.history(
        found.id, ledger.HistoryFilter(fold_reversed=True), page_size=_LATEST_LINES
    )
    standing = ledger.standing(found.id)
    month = _month(found)
    return render(
        "reseller/client/overview.html",
        client=client_words.head(found),
        client_tabs=client_words.tabs(found, "client"),
        clients_url=url_for("reseller.clients"),
        connections=connections(found, accounts, dids, numbers.target_words()),
        assign_url=_if_may("clients", "link_account", found),
        add_number_url=_if_may("clients", "connect_numbers", found),
        orders=[order_shown(found, one) for one in numbers.orders_of(found.id) if not one.is_over],
        entries=[line_shown(found, line) for line in latest.page.rows],
        history_url=url_for("reseller.client_transactions", public_id=public_id),
        balance=standing.balance,
        mode_text=found.details.balance_mode.upper(),
        balance_plot=_balance_plot(found),
        balance_facts=_balance_facts(found, standing, accounts),
        balance_note=_balance_note(found),
        month_title=gettext("%(month)s so far", month=filters.month(client_words.today())),
        month=month,
        contact=_contact(found),
        forms={
            "payment": MoneyForm(name="payment"),
            "charge": MoneyForm(name="charge"),
            "act": ActForm(),
        },
        symbol=client_words.currency_symbol(),
    )


def connections(
    found: ClientFacts,
    accounts: Sequence[SubAccountRow],
    dids: dict[int | None, list[DidRow]],
    targets: Mapping[tuple[str, str], str],
) -> list[Connection]:
    """Sub-account → package → numbers; numbers without a sub-account come last."""
    rows = [
        Connection(
            public_id=one.public_id,
            account=one.account,
            device=one.device or one.description,
            online=one.registered,
            package=one.package,
            package_note=_fee(one.monthly_fee),
            package_url=_if_may("clients", "change_package", found, account=one.public_id),
            unlink_url=_if_may("clients", "confirm_unlink", found, account=one.public_id),
            link_url=_if_may("clients", "connect_numbers", found, account=one.public_id),
            numbers=[_number(found, did, targets) for did in dids.get(one.id, ())],
        )
        for one in accounts
    ]
    known = {one.id for one in accounts}
    loose = [did for key, found_here in dids.items() if key not in known for did in found_here]
    if loose:
        rows.append(
            Connection(
                None,
                gettext("No sub-account"),
                "",
                None,
                "",
                "",
                "",
                "",
                "",
                [_number(found, did, targets) for did in loose],
            )
        )
    return rows


def line_shown(found: ClientFacts, line: ledger.Line) -> Entry:
    """A line of the history: how it came about, and the way to undo it for those who may."""
    undo = ""
    if line.public_id is not None and can("money"):
        undo = url_for(
            "reseller.confirm_reversal", public_id=found.public_id, transaction=line.public_id
        )
    if line.public_id is not None:
        opened = url_for(
            "reseller.client_posting", public_id=found.public_id, posting=line.public_id
        )
    else:
        opened = url_for(
            "reseller.client_usage",
            public_id=found.public_id,
            day=line.day.isoformat(),
            reason=line.reason.value,
        )
    return entry(line, url=opened, reverse_url=undo)


def _if_may(action: str, endpoint: str, found: ClientFacts, **values: Any) -> str:
    if not can(action):
        return ""
    return url_for(f"reseller.{endpoint}", public_id=found.public_id, **values)


def _number(found: ClientFacts, did: DidRow, targets: Mapping[tuple[str, str], str]) -> NumberShown:
    symbol, target = client_words.route_shown(did.routing, targets)
    undo = ""
    if can("clients") and did.link_public_id is not None:
        undo = url_for(
            "reseller.confirm_unconnect", public_id=found.public_id, link=did.link_public_id
        )
    return NumberShown(did.number, did.label, symbol, target, undo)


def _fee(amount: Money | None) -> str:
    if not amount:
        return ""
    return gettext("%(amount)s a month", amount=filters.money(amount))


def _balance_plot(found: ClientFacts) -> Plot | None:
    last = client_words.today()
    rows = ledger.daily_balances(found.id, last - timedelta(days=_CHART_DAYS - 1), last)
    if not any(amount for _, amount in rows):
        return None
    return charts.area(
        [filters.day(day) for day, _ in rows],
        [amount.decimal for _, amount in rows],
        sentence=gettext(
            "Balance of the last %(days)s days, from %(first)s to %(last)s.",
            days=_CHART_DAYS,
            first=filters.money(rows[0][1]),
            last=filters.money(rows[-1][1]),
        ),
        axis=lambda value: filters.whole(Decimal(value)),
        exact=lambda value: filters.money(Money.of(Decimal(value))),
        heads=(gettext("Day"), gettext("Balance")),
    )


def _balance_facts(
    found: ClientFacts, standing: Standing, accounts: Sequence[SubAccountRow]
) -> list[tuple[str, str]]:
    details = found.details
    alert = filters.NOTHING
    if details.low_balance_threshold is not None:
        alert = gettext("below %(amount)s", amount=filters.money(details.low_balance_threshold))
    days = [details.next_billing_day, *(one.next_billing_day for one in accounts)]
    coming = sorted(day for day in days if day is not None)
    facts = [(gettext("Low balance alert"), alert)]
    if standing.held:
        facts.append((gettext("Set aside"), filters.money(standing.held)))
    facts.append((gettext("Next billing"), _due(coming[0]) if coming else filters.NOTHING))
    return facts


def _due(day: date) -> str:
    if day < client_words.today():
        return gettext("due since %(day)s", day=filters.day(day))
    return filters.day(day)


def _balance_note(found: ClientFacts) -> str:
    if found.details.balance_mode == BalanceMode.HARD:
        return gettext("HARD: the account is suspended when the balance reaches zero.")
    return gettext(
        "SOFT: the account keeps working below zero; the balance is then what they owe you."
    )


def _month(found: ClientFacts) -> Month:
    first, last = client_words.month_to_date()
    days = calls.days(first, last, client_id=found.id)
    revenue = sum((day.price for day in days), Money(0))
    cost = sum((day.cost for day in days), Money(0))
    profit = revenue - cost
    return Month(revenue, cost, profit, margin(revenue, profit), _split(cost, profit))


def _split(cost: Money, profit: Money) -> Plot | None:
    if not cost and not profit:
        return None
    return charts.split(
        [(gettext("Profit"), profit.micros, "1"), (gettext("Carrier cost"), cost.micros, "2")],
        sentence=gettext(
            "Profit %(profit)s, cost %(cost)s",
            profit=filters.money(profit),
            cost=filters.money(cost),
        ),
    )


def margin(revenue: Money, profit: Money) -> str:
    """Profit over revenue in per cent with one decimal; empty without revenue."""
    if not revenue:
        return ""
    share = Decimal(profit.micros * 100) / Decimal(revenue.micros)
    return filters.share(share)


def _contact(found: ClientFacts) -> list[tuple[str, str]]:
    details = found.details
    place = " ".join(part for part in (details.city, details.state, details.zip) if part)
    rows = [
        (gettext("Name"), found.name),
        (gettext("E-mail"), details.email),
        (gettext("Phone"), filters.phone_number(details.phone)),
        (
            gettext("Address"),
            ", ".join(part for part in (details.address, place, details.country) if part),
        ),
        (gettext("Language"), LANGUAGES.get(details.language, details.language)),
        (gettext("Time zone"), details.time_zone),
    ]
    return [(label, value) for label, value in rows if value]
