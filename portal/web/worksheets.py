"""How a price came about, in words: the steps of a worksheet for a page."""

from __future__ import annotations

from decimal import Decimal

from flask_babel import get_locale, gettext

from portal import rating
from portal.core import formats
from portal.rating import Worksheet
from portal.rating.worksheet import Audience
from portal.web import filters

# What the carrier charges in; its amounts are named with it where the reseller's differ.
CARRIER_CURRENCY = "USD"
_PLAIN = frozenset({"percent", "minutes", "exchange"})


def steps(sheet: Worksheet, *, audience: Audience) -> list[tuple[str, str]]:
    """The steps as (label, sentence), translated. Clients never see cost."""
    return [
        (gettext(step.label), gettext(step.text, **_words(step.values)))
        for step in rating.explain(sheet, audience=audience)
    ]


def _words(values: dict[str, Decimal | int | str]) -> dict[str, str]:
    return {name: _word(name, value) for name, value in values.items()}


def _word(name: str, value: Decimal | int | str) -> str:
    if not isinstance(value, Decimal):
        return str(value)
    if name in _PLAIN:
        return _number(value, 0)
    if name.startswith("cost_") and filters.currency() != CARRIER_CURRENCY:
        return f"{_number(value, 4)} {CARRIER_CURRENCY}"
    if name in {"price", "profit", "own_cost"}:
        return filters.exact(value, least=5)
    return filters.exact(value)


def _number(value: Decimal, least: int) -> str:
    pattern = "#,##0." + "0" * least + "#" * (10 - least)
    return formats.write_number(value, pattern, get_locale().language)
