"""Single values out of a VoIP.ms row, whatever JSON type they came in: pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from portal.carriers.cleaning import line
from portal.core.money import half_up

Row = Mapping[str, Any]

_TRUE: Final = frozenset({"1", "yes", "true", "on", "y"})
_NOTHING: Final = frozenset({"", "n/a", "-", "null", "none"})
_SMALLEST_PLACE: Final = -30
_LARGEST_PLACE: Final = 10  # 1e10 units are 1e18 of 1e-8, which a 64-bit column holds


class Unreadable(ValueError):
    """A value that a row cannot do without is missing or nonsense."""


def rows(answer: Mapping[str, Any], *keys: str) -> list[Row]:
    """The rows of a list, also when one came alone or they are numbered in an object."""
    found = next((answer[key] for key in keys if answer.get(key)), None)
    if isinstance(found, dict):
        values = list(found.values())
        nested = bool(values) and all(isinstance(value, dict) for value in values)
        found = values if nested else [found]
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def word(row: Row, key: str, limit: int = 120) -> str:
    """A cleaned line; numbers become their text, nothing and booleans become ""."""
    return line(row.get(key), limit)


def flag(row: Row, key: str) -> bool:
    """A yes or no in any of the carrier's spellings; a missing one is no."""
    value = row.get(key)
    return value is True or (not isinstance(value, bool) and word(row, key, 8).lower() in _TRUE)


def number(row: Row, key: str) -> Decimal | None:
    """A number given as a number or as text; None when there is none or it is absurd."""
    value = row.get(key)
    if value is None or isinstance(value, bool | dict | list):
        return None
    text = str(value).strip()
    if text.lower() in _NOTHING or len(text) > 60:
        return None
    try:
        parsed = Decimal(text)
    except InvalidOperation:
        return None
    if not parsed.is_finite():
        return None
    if not parsed:
        return Decimal(0)
    # Compared by size first: arithmetic on an absurd exponent raises or takes for ever.
    return parsed if _SMALLEST_PLACE < parsed.adjusted() < _LARGEST_PLACE else None


def whole(row: Row, key: str) -> int | None:
    """A whole number, or None."""
    value = number(row, key)
    return int(value) if value is not None and value == value.to_integral_value() else None


def e8(row: Row, key: str) -> int | None:
    """A rate or an amount in 1e-8 units, or None; digits beyond the eighth are rounded half up."""
    value = number(row, key)
    if value is None:
        return None
    numerator, denominator = value.as_integer_ratio()
    return half_up(numerator * 100_000_000, denominator)
