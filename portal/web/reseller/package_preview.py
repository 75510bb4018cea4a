"""The draft in the editor at work: a price step by step, a sample call, ten destinations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from flask import request
from flask_babel import get_locale, gettext

from portal import calls, pricing
from portal.calls import WhatIf
from portal.core.money import plain
from portal.pricing import BelowCostRow, DestinationRow, PackageRow
from portal.rating import Preview
from portal.web import charts, filters
from portal.web.charts import Plot
from portal.web.forms.packages import PackageForm, PreviewForm, length_seconds

_USUAL_COST_E8 = 900_000
_USUAL_LENGTH = "1:42"
# With more own rates than this, those below cost are looked for when somebody asks.
COMPARED_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class PreviewShown:
    """The card at the side. Without ``price_text`` the draft has no price yet, and ``problem`` says why."""

    cost_input: str
    sample_input: str
    problem: str = ""
    steps: Sequence[tuple[str, str, bool]] = ()
    price_text: str = ""
    split: Plot | None = None
    cost_text: str = ""
    profit_text: str = ""
    below_cost: bool = False
    sample: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class DestinationShown:
    """One well-known destination."""

    name: str
    note: str
    prefix: str
    cost_text: str
    price_text: str
    profit_text: str
    margin: str
    below: bool
    own: bool


@dataclass(frozen=True, slots=True)
class MonthShown:
    """The last 30 days as they were and under the draft: (label, was, would be, the difference)."""

    sums: Sequence[tuple[str, str, str, str]]
    note: str


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything that follows from the draft."""

    preview: PreviewShown
    destinations: list[DestinationShown]
    below_cost: list[BelowCostRow]
    month: MonthShown | None = None


def of(form: PackageForm, row: PackageRow | None, *, drafted: bool, part: str = "") -> Shown:
    """What the terms in the form lead to; ``drafted`` when they were typed, not saved.

    ``part`` names the one that was asked for: the others would be worked out for nothing.
    """
    inputs = PreviewForm(request.form) if drafted else PreviewForm()
    if not drafted or "preview_cost" not in request.form:
        inputs = PreviewForm(preview_cost=_USUAL_COST_E8, preview_length=_USUAL_LENGTH)
    bad_inputs = drafted and "preview_cost" in request.form and not inputs.validate()
    if drafted and not form.errors:
        form.validate()
    if drafted and not form.can_be_priced:
        problem = gettext("Mend the fields marked in the form to see the price.")
        return Shown(_unpriced(inputs, problem), [], [])
    if not drafted:
        # Only typed drafts show errors; a page that was just opened has none.
        form.process(data=form.data)
    # Free minutes are no part of a price per minute, right or wrong.
    details = replace(form.details(), free_minutes=0)
    public_id = row.public_id if row else None
    destinations, warned, month = [], [], None
    if part in {"", "destinations"}:
        found_rows = pricing.destinations(details, package=public_id)
        destinations = [_destination(one) for one in found_rows]
        if row and 0 < row.area_rates <= COMPARED_AT_ONCE:
            warned = pricing.below_cost(details, package=row.public_id)
    if part in {"", "month"}:
        granted = replace(details, free_minutes=max(form.free_minutes.data or 0, 0))
        month = _month(calls.last_days(granted, public_id), is_new=row is None)
    if bad_inputs:
        problem = gettext("Enter a cost like 0.0090 and a length like 1:42.")
        return Shown(_unpriced(inputs, problem), destinations, warned, month)
    cost_e8 = inputs.preview_cost.data or 0
    seconds = length_seconds(inputs.preview_length.data or "") or 0
    found = pricing.preview(details, cost_e8, seconds=seconds)
    return Shown(_priced(found, form, inputs), destinations, warned, month)


def _unpriced(inputs: PreviewForm, problem: str) -> PreviewShown:
    return PreviewShown(
        cost_input=inputs.preview_cost._value(),
        sample_input=inputs.preview_length.data or "",
        problem=problem,
    )


def _priced(found: Preview, form: PackageForm, inputs: PreviewForm) -> PreviewShown:
    cost, rate = found.cost_per_minute, found.rate_per_minute
    steps = [
        (gettext("Cost"), _plain(cost), False),
        (gettext("plus fixed"), f"+ {_plain(Decimal(form.markup_fixed.data or 0).scaleb(-8))}", False),
        (gettext("Subtotal"), _plain(found.with_fixed), True),
        (
            gettext("plus %(percent)s", percent=filters.percent(form.markup_percent.data or 0)),
            f"× {_factor(found.factor)}",
            False,
        ),
    ]  # fmt: skip
    profit = rate - cost
    share = filters.share(profit * 100 / rate) if rate else filters.NOTHING
    exchange = pricing.exchange_rate()
    if exchange:
        steps.insert(
            0,
            (
                gettext("Exchange rate"),
                f"{_plain(Decimal(inputs.preview_cost.data or 0).scaleb(-8))} × "
                f"{_plain(Decimal(exchange[1]).scaleb(-8))}",
                False,
            ),
        )
    return PreviewShown(
        cost_input=inputs.preview_cost._value(),
        sample_input=inputs.preview_length.data or "",
        steps=steps,
        price_text=filters.exact(rate),
        split=charts.split(
            [
                (gettext("Cost"), max(cost, Decimal(0)), "2"),
                (gettext("Profit"), max(profit, Decimal(0)), "1"),
            ],
            sentence=gettext(
                "Cost %(cost)s, profit %(profit)s",
                cost=filters.exact(cost),
                profit=filters.exact(profit),
            ),
        ),
        cost_text=filters.exact(cost),
        profit_text=f"{filters.exact(profit)}, {share}",
        below_cost=profit < 0,
        sample=[
            (gettext("Billed"), filters.duration(found.billed_seconds)),
            (gettext("Price"), filters.price(found.price)),
            (gettext("Profit"), filters.price(found.profit)),
        ],
    )


def _month(found: WhatIf, *, is_new: bool) -> MonthShown:
    rows = (
        (gettext("Revenue"), found.revenue, found.revenue_drafted),
        (gettext("Cost"), found.cost, found.cost),
        (gettext("Profit"), found.profit, found.profit_drafted),
    )
    number = filters.number(found.calls)
    if not found.is_whole:
        note = gettext("The newest %(number)s calls of the last 30 days.", number=number)
    elif is_new:
        note = gettext("All %(number)s outgoing calls of the last 30 days.", number=number)
    else:
        note = gettext("All %(number)s calls on this package in 30 days.", number=number)
    return MonthShown(
        [
            (
                label,
                filters.money(was),
                filters.money(would),
                filters.money(would - was, plus=True) if would != was else "",
            )
            for label, was, would in rows
        ],
        note,
    )


def _destination(row: DestinationRow) -> DestinationShown:
    names = get_locale().territories
    lines = {
        "all": gettext("all lines"),
        "landline": gettext("Landline"),
        "mobile": gettext("Mobile"),
    }
    return DestinationShown(
        name=str(names.get(row.country, row.country)),
        note=lines.get(row.line, row.line),
        prefix=row.prefix,
        cost_text=filters.exact(row.cost),
        price_text=gettext("Free") if row.is_free else filters.exact(row.price),
        profit_text=filters.exact(row.profit),
        margin=filters.share(row.margin_percent),
        below=row.below_cost,
        own=row.own_rate,
    )


def _plain(value: Decimal) -> str:
    """Four decimals at least, without a currency: the lines of a sum."""
    whole = plain(int((value * 10**10).to_integral_value()), 10).rstrip("0")
    digits = len(whole.partition(".")[2])
    return filters.number(value, max(digits, 4))


def _factor(value: Decimal) -> str:
    return filters.number(value, max(2, len(str(value.normalize()).partition(".")[2])))
