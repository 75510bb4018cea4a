"""Choices that several forms offer: languages, time zones, countries, views."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from zoneinfo import available_timezones

from babel.core import get_global
from flask_babel import get_locale
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from portal.web.i18n import LANGUAGES

_CONTINENTS = (
    "America/", "Europe/", "Africa/", "Asia/", "Australia/", "Pacific/", "Atlantic/", "Indian/",
)  # fmt: skip


def choices(pairs: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    """Pairs of value and label as WTForms takes them."""
    return [SelectChoice(value, label) for value, label in pairs]


def languages() -> list[SelectChoice]:
    """Every language of the portal, in its own name."""
    return choices(LANGUAGES.items())


def time_zones() -> list[SelectChoice]:
    """Every zone that is named after a place, and UTC."""
    return choices((name, name.replace("_", " ")) for name in _zone_names())


def countries() -> list[SelectChoice]:
    """Every country, in the page's language."""
    names = {
        code: name
        for code, name in get_locale().territories.items()
        if len(code) == 2
        and code.isalpha()
        and code not in {"EU", "EZ", "UN", "ZZ", "XA", "XB", "QO"}
    }
    return choices(sorted(names.items(), key=lambda pair: pair[1].casefold()))


def currencies() -> list[SelectChoice]:
    """Every currency that is legal tender somewhere, with its name in the page's language."""
    names = get_locale().currencies
    return choices((code, f"{code}, {names.get(code, code)}") for code in _currency_codes())


@lru_cache(maxsize=1)
def _currency_codes() -> tuple[str, ...]:
    found = {
        code
        for of_a_country in get_global("territory_currencies").values()
        for code, _, ended, tender in of_a_country
        if tender and ended is None
    }
    return tuple(sorted(found))


@lru_cache(maxsize=1)
def _zone_names() -> tuple[str, ...]:
    return ("UTC", *sorted(n for n in available_timezones() if n.startswith(_CONTINENTS)))
