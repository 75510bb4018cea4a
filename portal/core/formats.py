"""How a language writes numbers and money: the same on pages, in mails and on paper."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache
from typing import Final

from babel import Locale
from babel.numbers import (
    format_currency,
    format_decimal,
    get_currency_precision,
    get_currency_symbol,
)

MINUS: Final = "\u2212"
_NO_BREAK = "\u00a0"
# Whose habits a language's readers have: our French is Canada's.
_REGIONS: Final = {"fr": "fr_CA"}


@cache
def locale_of(language: str) -> Locale:
    """The locale whose numbers and dates go with one of the portal's languages."""
    return Locale.parse(_REGIONS.get(language, language))


PAID_IN_WHOLE: Final = frozenset(
    {"CLP", "HUF", "JPY", "KRW", "PYG", "TWD", "UGX", "VND", "XAF", "XOF", "XPF"}
)
"""Currencies that gateways take in whole units only."""


def paid_decimals_of(currency: str) -> int:
    """How many decimals an amount may have that is paid through a gateway."""
    return 0 if currency in PAID_IN_WHOLE else min(decimals_of(currency), 2)


@cache
def decimals_of(currency: str) -> int:
    """How many decimals a sum of this currency has: 2 for dollars, 0 for yen, 3 for dinars."""
    return int(get_currency_precision(currency))


@lru_cache(maxsize=8192)  # a page writes the same few figures many times
def write_money(
    value: Decimal,
    currency: str,
    language: str,
    *,
    least: int | None = None,
    most: int | None = None,
) -> str:
    """$1,284.60, 1 284,60 $ or 1.284,60 $ with ``least`` to ``most`` decimals, rounded half up.

    Without them it has the decimals of its currency.
    """
    least = decimals_of(currency) if least is None else least
    most = max(least, decimals_of(currency)) if most is None else most
    rounded = abs(value).quantize(Decimal(1).scaleb(-most), rounding=ROUND_HALF_UP)
    digits = "0" + ("." + "0" * least + "#" * (most - least) if most else "")
    text = format_currency(
        rounded,
        currency,
        format=money_pattern(currency, language).replace("#,##0.00", f"#,##{digits}"),
        locale=locale_of(language),
        currency_digits=False,
    )
    return f"{MINUS}{text}" if value < 0 and rounded else text


@lru_cache(maxsize=8192)
def write_number(value: Decimal | int, pattern: str, language: str) -> str:
    """A number by a pattern of CLDR, rounded half up to the pattern's decimals."""
    places = len(pattern.partition(".")[2])
    rounded = abs(Decimal(value)).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    text = format_decimal(rounded, format=pattern, locale=locale_of(language))
    return f"{MINUS}{text}" if value < 0 and rounded else text


def write_percent(value: Decimal, pattern: str, language: str) -> str:
    """37.5%, or 37,5 % in French and Spanish."""
    gap = "" if language == "en" else _NO_BREAK
    return f"{write_number(value, pattern, language)}{gap}%"


@cache
def money_pattern(currency: str, language: str) -> str:
    """CLDR's pattern of an amount in one currency."""
    pattern = str(locale_of(language).currency_formats["standard"].pattern).split(";")[0]
    symbol = currency_symbol(currency, language)
    if symbol[-1].isalpha():  # CHF 5.00, but €5.00
        pattern = pattern.replace("¤#", f"¤{_NO_BREAK}#")
    return pattern.replace("¤", "$") if symbol == "$" else pattern


def currency_symbol(currency: str, language: str) -> str:
    """A dollar is "$" to the people of a reseller, in every language."""
    if get_currency_symbol(currency, "en").endswith("$"):
        return "$"
    return str(get_currency_symbol(currency, locale_of(language)))
