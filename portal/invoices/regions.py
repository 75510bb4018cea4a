"""Regions of a country as people write them: ON, Ontario, Québec, qc."""

from __future__ import annotations

import unicodedata

_CANADA = {
    "AB": ("alberta",),
    "BC": ("british columbia", "colombie-britannique"),
    "MB": ("manitoba",),
    "NB": ("new brunswick", "nouveau-brunswick"),
    "NL": ("newfoundland and labrador", "newfoundland", "terre-neuve-et-labrador"),
    "NS": ("nova scotia", "nouvelle-ecosse"),
    "NT": ("northwest territories", "territoires du nord-ouest"),
    "NU": ("nunavut",),
    "ON": ("ontario",),
    "PE": ("prince edward island", "pei", "ile-du-prince-edouard"),
    "QC": ("quebec", "pq"),
    "SK": ("saskatchewan",),
    "YT": ("yukon", "yukon territory"),
}
_SPAIN = {
    "CN": ("canarias", "las palmas", "santa cruz de tenerife", "tenerife"),
    "CE": ("ceuta",),
    "ML": ("melilla",),
}
_KNOWN = {"CA": _CANADA, "ES": _SPAIN}


def code_of(country: str, written: str) -> str:
    """The region's code where we know it, else what was written, folded: both compare alike."""
    folded = _fold(written)
    for code, names in _KNOWN.get(country.upper(), {}).items():
        if folded == code.lower() or folded in names:
            return code
    return folded.upper()


def codes_of(country: str, written: str) -> tuple[str, ...]:
    """Regions from a list with commas, each once."""
    found = [code_of(country, part) for part in written.replace(";", ",").split(",")]
    return tuple(dict.fromkeys(code for code in found if code))


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.strip().lower())
    return "".join(sign for sign in plain if not unicodedata.combining(sign))
