"""Choices that several forms offer: languages, time zones, countries, views."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from zoneinfo import available_timezones

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


@lru_cache(maxsize=1)
def _zone_names() -> tuple[str, ...]:
    return ("UTC", *sorted(n for n in available_timezones() if n.startswith(_CONTINENTS)))
