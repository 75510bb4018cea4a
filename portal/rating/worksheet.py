"""Reading a worksheet: recompute the price from its facts, and tell the steps in order.

A worksheet is a small JSON object kept with each call: "r" rule, "s" seconds, "b" billed seconds,
"t" carrier's total and "c" cost per minute (1e-8, carrier's currency), "d" deck prefix the cost
came from, "x" exchange rate (1e-8), "w" own rate per minute (1e-8), "y" what it was matched by,
"m" country, "g" free minutes used of "l" left before, "f" first increment, "z" why it is free,
"zc" cost limit of the free zone, "e" 1 when the carrier took money for a call it reported as
failed, "k" the version: pulse, fixed (1e-8), percent (1e-4), package, version.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, NamedTuple, TypeAlias

from portal.core.money import MICROS_PER_UNIT, RATE_E8_PER_UNIT, Money, half_up
from portal.rating.arithmetic import (
    SECONDS_PER_MINUTE,
    billed_seconds,
    exact_decimal,
    in_own_currency,
    rate_fraction,
)
from portal.rating.labels import LABELS
from portal.rating.values import Rule

Audience: TypeAlias = Literal["staff", "client"]
Sheet: TypeAlias = Mapping[str, Any]

_CHARGED = frozenset({Rule.MARKUP, Rule.AREA, Rule.INBOUND, Rule.RECORDING, Rule.FAX})


class Step(NamedTuple):
    """One line of an explanation.

    label and text are English message ids; text takes `values` as %(name)s. Values are text,
    whole numbers (`*_seconds`, `*_minutes`) and Decimals: `percent`, `minutes` and `exchange` are
    plain numbers, `cost_*` is money in the carrier's currency, every other Decimal is money in
    the reseller's.
    """

    code: str
    label: str
    text: str
    values: dict[str, Decimal | int | str]


def recompute(worksheet: Sheet) -> Money | None:
    """The price of a call from the facts of its worksheet alone; None for UNRATED.

    It starts from the call's length again, not from the stored billed length, and equals what was
    posted.
    """
    rule = worksheet["r"]
    if rule == Rule.UNRATED:
        return None
    if rule == Rule.EMERGENCY:
        return Money(max(_own(worksheet, worksheet["t"] or 0), 0))
    if rule not in _CHARGED:
        return Money(0)
    rest = max(worksheet["s"] - worksheet.get("g", 0) * SECONDS_PER_MINUTE, 0)
    billed = billed_seconds(rest, _pulse(worksheet), first=worksheet.get("f", 0))
    exact = _rate(worksheet) * billed * MICROS_PER_UNIT / SECONDS_PER_MINUTE
    return Money(half_up(exact.numerator, exact.denominator))


def explain(worksheet: Sheet, *, audience: Audience = "client") -> list[Step]:
    """How a price came about, in order. Clients are told everything but cost, markup and profit."""
    staff = audience == "staff"
    rule = worksheet["r"]
    steps = [_matched(worksheet, staff=staff)]
    if worksheet.get("e"):
        steps.append(_step("failed_but_billed"))
    if rule == Rule.RECORDING:
        steps.append(_step("recorded", seconds=worksheet["s"], billed_seconds=worksheet["b"]))
    elif rule in _CHARGED:
        steps += _length(worksheet)
    if staff and rule == Rule.MARKUP:
        steps += _markup(worksheet)
    if rule in _CHARGED:
        steps += _calculation(worksheet)
    price = recompute(worksheet)
    if price is not None:
        steps.append(_step("rounded", price=price.decimal))
    if staff:
        steps += _profit(worksheet, price)
    return steps


def rate_per_minute(worksheet: Sheet) -> Decimal | None:
    """The client's rate per minute, exact; None when the call was not charged by the minute."""
    return exact_decimal(_rate(worksheet)) if worksheet["r"] in _CHARGED else None


def _matched(sheet: Sheet, *, staff: bool) -> Step:
    rule = sheet["r"]
    package = sheet["k"][3]
    country = sheet.get("m") or ""
    if rule == Rule.AREA:
        return _step("area", area=sheet.get("y") or country, country=country, package=package)
    if rule == Rule.MARKUP:
        return _step("markup" if staff else "rate_of_package", country=country, package=package)
    if rule == Rule.FREE_ZONE and staff and "zc" in sheet:
        return _step(
            "free_zone_cost",
            cost_per_minute=_e8(sheet["c"]),
            limit_per_minute=_e8(sheet["zc"]),
            package=package,
        )
    if rule == Rule.FREE_ZONE:
        return _step("free_zone", zone=sheet.get("z", ""), package=package)
    return _step(str(rule))


def _length(sheet: Sheet) -> list[Step]:
    steps = []
    used = sheet.get("g", 0)
    if used:
        rest = max(sheet["s"] - used * SECONDS_PER_MINUTE, 0)
        steps.append(
            _step("free_minutes", used_minutes=used, before_minutes=sheet["l"], rest_seconds=rest)
        )
    values = {"seconds": sheet["s"], "billed_seconds": sheet["b"], "pulse_seconds": _pulse(sheet)}
    if sheet.get("f"):
        return [*steps, _step("length_first", first_seconds=sheet["f"], **values)]
    return [*steps, _step("length", **values)]


def _markup(sheet: Sheet) -> list[Step]:
    """The carrier's cost, the exchange rate, the fixed part, the percentage: each with its result."""
    _, fixed, percent, _, _ = sheet["k"]
    cost, exchange = sheet["c"], sheet.get("x")
    if "d" in sheet:
        steps = [_step("cost_of_deck", cost_per_minute=_e8(cost), prefix=sheet["d"])]
    else:
        steps = [_step("cost_of_row", cost_per_minute=_e8(cost))]
    if exchange is not None:
        exchanged = _marked(cost, fixed=0, percent=0, exchange=exchange)
        steps.append(_step("exchange", exchange=_e8(exchange), per_minute=exchanged))
    with_fixed = _marked(cost, fixed=fixed, percent=0, exchange=exchange)
    steps.append(_step("fixed", fixed=_e8(fixed), per_minute=with_fixed))
    marked = _marked(cost, fixed=fixed, percent=percent, exchange=exchange)
    percent_points = exact_decimal(Fraction(percent, 10_000))
    return [*steps, _step("percent", percent=percent_points, per_minute=marked)]


def _calculation(sheet: Sheet) -> list[Step]:
    rate = _rate(sheet)
    minutes = Fraction(sheet["b"], SECONDS_PER_MINUTE)
    return [
        _step(
            "calculation",
            minutes=exact_decimal(minutes, 4),
            per_minute=exact_decimal(rate),
            amount=exact_decimal(rate * minutes, 10),
        )
    ]


def _profit(sheet: Sheet, price: Money | None) -> list[Step]:
    total = sheet.get("t")
    if total is None:
        return []
    cost = Money(_own(sheet, total))
    steps = []
    if sheet.get("x") is not None:
        values = {"cost_total": _e8(total), "exchange": _e8(sheet["x"])}
        steps.append(_step("total_exchanged", **values, own_cost=cost.decimal))
    else:
        steps.append(_step("total", own_cost=cost.decimal))
    if price is not None:
        steps.append(_step("profit", profit=(price - cost).decimal))
    return steps


def _rate(sheet: Sheet) -> Fraction:
    if sheet["r"] != Rule.MARKUP:
        return Fraction(sheet["w"], RATE_E8_PER_UNIT)
    _, fixed, percent, _, _ = sheet["k"]
    numerator, denominator = rate_fraction(
        sheet["c"], fixed_e8=fixed, percent_e4=percent, exchange_e8=sheet.get("x")
    )
    return Fraction(numerator, denominator)


def _marked(cost: int, *, fixed: int, percent: int, exchange: int | None) -> Decimal:
    parts = rate_fraction(cost, fixed_e8=fixed, percent_e4=percent, exchange_e8=exchange)
    return exact_decimal(Fraction(*parts))


def _pulse(sheet: Sheet) -> int:
    pulse: int = SECONDS_PER_MINUTE if sheet["r"] == Rule.RECORDING else sheet["k"][0]
    return pulse


def _own(sheet: Sheet, amount_e8: int) -> int:
    return in_own_currency(amount_e8, sheet.get("x"))


def _e8(scaled: int) -> Decimal:
    return exact_decimal(Fraction(scaled, RATE_E8_PER_UNIT))


def _step(code: str, **values: Decimal | int | str) -> Step:
    label, text = LABELS[code]
    return Step(code, label, text, values)
