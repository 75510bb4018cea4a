"""The colours a text may have: twenty-four by name, any other by its six digits.

The names are classes of our own style sheet (``--ink-…`` in tokens.css has the same values and those
of the dark theme); a free colour is ``c-`` and its digits, a class of the brand's style sheet.
"""

from __future__ import annotations

import re

PALETTE = {
    "red-deep": "#780008", "red": "#9e1618", "red-bright": "#ba3630",
    "orange-deep": "#632a00", "orange": "#873d00", "orange-bright": "#a94e00",
    "yellow-deep": "#4f3900", "yellow": "#6d5000", "yellow-bright": "#886600",
    "green-deep": "#004b1e", "green": "#09672e", "green-bright": "#2c7f44",
    "teal-deep": "#004747", "teal": "#006262", "teal-bright": "#027c7c",
    "blue-deep": "#003688", "blue": "#154fac", "blue-bright": "#2e68c6",
    "violet-deep": "#4b1f7e", "violet": "#643b9a", "violet-bright": "#7a53b4",
    "pink-deep": "#700048", "pink": "#912061", "pink-bright": "#ab3b79",
}  # fmt: skip
_FREE = re.compile(r"c-([0-9a-f]{6})")


def is_colour(name: str) -> bool:
    """A name of the palette, or a free colour."""
    return name in PALETTE or _FREE.fullmatch(name) is not None


def free_colour(name: str) -> str | None:
    """The digits of a free colour as ``#rrggbb``; None for the palette's."""
    found = _FREE.fullmatch(name)
    return f"#{found.group(1)}" if found else None
