"""What is sold below cost, and what is paid for and sold to nobody."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from flask_babel import gettext

from portal import identity, numbers, pricing, reconciling
from portal.core import clock
from portal.core.money import ZERO, Money
from portal.core.paging import Page
from portal.core.phone import international
from portal.numbers import DidRow
from portal.reports import asking, months
from portal.reports.description import Choice, Chosen, Figure, Report, Summary
from portal.reports.period import MONTHS_QUICK, Period, months_from
from portal.reports.table import Cell, Column, Kind
from portal.reports.values import ReportKind

# A number is paid for once a month; a day more than the longest one.
_A_MONTH = timedelta(days=32)
_A_MICRO = 100  # in 1e-8
_SORTS = (("sms", "in"), ("sms", "out"), ("mms", "in"), ("mms", "out"))


class MarginKind(StrEnum):
    """What a line is about."""

    RATE = "rate"
    NUMBER = "number"
    TEXT = "text"
    CLIENT = "client"
    UNSOLD = "unsold"


@dataclass(frozen=True, slots=True)
class MarginLine:
    """One loss. Price and cost in 1e-8 of the reseller's currency: rates have eight decimals."""

    kind: MarginKind
    item: str
    detail: str
    unit: str
    price_e8: int
    cost_e8: int
    package: uuid.UUID | None = None
    client: uuid.UUID | None = None

    @property
    def loss_e8(self) -> int:
        return self.cost_e8 - self.price_e8


class Margin(Report):
    """One row a prefix, a number, a fee or a client that earns less than it costs."""

    kind: ClassVar[ReportKind] = ReportKind.MARGIN
    symbol = "percent"
    quick = MONTHS_QUICK
    usual = "month"

    def title(self) -> str:
        return str(gettext("Margin"))

    def sentence(self) -> str:
        return str(gettext("What is sold below cost, and what is paid for and sold to nobody."))

    def choose(self, given: Mapping[str, str]) -> Chosen:
        words = _kind_words()
        kind = asking.one_of(given.get("kind"), words)
        text = asking.text_of(given)
        asked = given if any(given.get(name) for name in ("since", "until", "period")) else {
            **given, "period": self.usual,
        }  # fmt: skip
        return Chosen(
            months_from(asked, asking.zone(), most=months.LONGEST_MONTHS),
            (kind, text),
            choices=(Choice("kind", gettext("Kind"), list(words.items()), kind),),
            text=text,
            text_label=gettext("Prefix, number, package or client"),
            words=asking.kept(kind=kind, q=text),
        )

    def columns(self) -> tuple[Column, ...]:
        return (
            Column("kind", gettext("Kind"), Kind.TEXT, 12, part="meta"),
            Column("item", gettext("What"), Kind.TEXT, 20, part="title"),
            Column("detail", gettext("Detail"), Kind.TEXT, 22, under="item"),
            Column("unit", gettext("Per"), Kind.TEXT, 8),
            Column("price", gettext("Price"), Kind.RATE, 9),
            Column("cost", gettext("Cost"), Kind.RATE, 9),
            Column("loss", gettext("Loss"), Kind.RATE, 9, part="amount"),
        )

    def page(
        self, chosen: Chosen, *, after: str | None = None, before: str | None = None, rows: int = 50
    ) -> Page[MarginLine]:
        found = _lines(chosen)
        start = (
            int(after) if after and after.isascii() and after.isdigit() and len(after) < 8 else 0
        )
        more = start + rows < len(found)
        return Page(found[start : start + rows], older=str(start + rows) if more else None)

    def count(self, chosen: Chosen, most: int) -> int:
        return len(_lines(chosen))

    def cells(self) -> Callable[[MarginLine], Sequence[Cell]]:
        words = _kind_words()

        def put(line: MarginLine) -> Sequence[Cell]:
            return (
                words[line.kind], line.item, line.detail, line.unit, line.price_e8, line.cost_e8,
                line.loss_e8,
            )  # fmt: skip

        return put

    def summary(self, chosen: Chosen) -> Summary:
        found = _lines(chosen)
        by_kind = {kind: [one for one in found if one.kind is kind] for kind in MarginKind}
        unsold = Money(sum(one.cost_e8 for one in by_kind[MarginKind.UNSOLD]) // _A_MICRO)
        lost = Money(sum(one.loss_e8 for one in by_kind[MarginKind.CLIENT]) // _A_MICRO)
        return Summary(
            figures=(
                Figure(gettext("Rates below cost"), len(by_kind[MarginKind.RATE]), Kind.COUNT),
                Figure(
                    gettext("Numbers and texts below cost"),
                    len(by_kind[MarginKind.NUMBER]) + len(by_kind[MarginKind.TEXT]), Kind.COUNT,
                ),
                Figure(
                    gettext("Clients at a loss"), len(by_kind[MarginKind.CLIENT]), Kind.COUNT,
                    gettext("Lost"), lost, Kind.MONEY,
                ),
                Figure(
                    gettext("Numbers of nobody"), len(by_kind[MarginKind.UNSOLD]), Kind.COUNT,
                    gettext("A month"), unsold, Kind.MONEY,
                ),
            ),
            totals=(None, gettext("Total"), None, None, None, None, None),
            count=len(found),
        )  # fmt: skip


def _lines(chosen: Chosen) -> list[MarginLine]:
    kind, text = chosen.wanted
    wanted = text.casefold()
    return [
        line
        for line in (*_rates(), *_numbers_and_texts(), *_clients(chosen.period))
        if (not kind or line.kind == kind)
        and (not wanted or wanted in f"{line.item} {line.detail}".casefold())
    ]


def _rates() -> list[MarginLine]:
    """Packages below the deck in force: their own rates, and markups that take something off."""
    found = []
    for package in pricing.list_packages():
        details = package.details
        for row in pricing.below_cost(details, package=package.public_id):
            more = gettext("%(num)s prefixes", num=row.prefixes) if row.prefixes > 1 else row.prefix
            found.append(_rate(package, f"{row.name or row.area} ({more})", row.price, row.cost))
        if details.markup_percent_e4 < 0 or details.markup_fixed_e8 < 0:
            for one in pricing.destinations(details, package=package.public_id):
                if one.below_cost and not one.own_rate and one.price is not None and one.cost:
                    found.append(_rate(package, one.deck_name or one.prefix, one.price, one.cost))
    return sorted(found, key=lambda line: -line.loss_e8)


def _rate(package: pricing.PackageRow, area: str, price: Decimal, cost: Decimal) -> MarginLine:
    return MarginLine(
        MarginKind.RATE, package.details.name, area, gettext("minute"), _e8(price), _e8(cost),
        package=package.public_id,
    )  # fmt: skip


def _numbers_and_texts() -> list[MarginLine]:
    costs = reconciling.monthly_costs(clock.now() - _A_MONTH)
    text_costs = {pair: pricing.text_cost(pair[1], pair[0]) for pair in _SORTS}
    found = []
    for did in numbers.all_dids():
        if did.is_gone:
            continue
        cost = costs.get(did.number, ZERO)
        if did.client_id is None:
            found.append(_number(MarginKind.UNSOLD, did, did.description, ZERO, cost))
        else:
            if did.monthly_fee < cost:
                found.append(_number(MarginKind.NUMBER, did, did.label, did.monthly_fee, cost))
            if did.sms_enabled:
                found += _texts(did, text_costs)
    return found


def _number(kind: MarginKind, did: DidRow, detail: str, price: Money, cost: Money) -> MarginLine:
    return MarginLine(
        kind, international(did.number), detail, gettext("month"), price.micros * _A_MICRO,
        cost.micros * _A_MICRO,
    )  # fmt: skip


def _texts(did: DidRow, costs: Mapping[tuple[str, str], Money]) -> list[MarginLine]:
    words = {"in": gettext("received"), "out": gettext("sent")}
    found = []
    for sort, way in _SORTS:
        price: Money = getattr(did, f"{sort}_{way}")
        cost = costs[sort, way]
        if price < cost:
            found.append(
                MarginLine(
                    MarginKind.TEXT, international(did.number), f"{sort.upper()}, {words[way]}",
                    gettext("text"), price.micros * _A_MICRO, cost.micros * _A_MICRO,
                )
            )  # fmt: skip
    return found


def _clients(period: Period) -> list[MarginLine]:
    """Clients who brought in less than they cost, in whole months."""
    sums = {
        owner: one for owner, one in months.by_client(period.first, period.last).items()
        if owner and one.profit < ZERO
    }  # fmt: skip
    known = identity.clients_by_id(set(sums))
    lines = [
        MarginLine(
            MarginKind.CLIENT, known[owner].title, "", gettext("period"),
            one.revenue.micros * _A_MICRO, one.cost.micros * _A_MICRO,
            client=known[owner].public_id,
        )
        for owner, one in sums.items()
        if owner in known
    ]  # fmt: skip
    return sorted(lines, key=lambda line: -line.loss_e8)


def _kind_words() -> dict[str, str]:
    return {
        MarginKind.RATE.value: gettext("Rate below cost"),
        MarginKind.NUMBER.value: gettext("Number below cost"),
        MarginKind.TEXT.value: gettext("Text below cost"),
        MarginKind.CLIENT.value: gettext("Client at a loss"),
        MarginKind.UNSOLD.value: gettext("Number of nobody"),
    }


def _e8(amount: Decimal) -> int:
    return int((amount * 100_000_000).to_integral_value())
