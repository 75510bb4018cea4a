"""The letters of papers: one file for each weight, ready for the layout engine, and how wide each sign is."""

from __future__ import annotations

import io
from functools import cache

from fontTools.ttLib import TTFont

from portal.config import PROJECT

WEIGHTS = (400, 500, 600, 700)
# What the font does not have is drawn with another, whose signs are no wider than they are high.
_EM = 1_000


@cache
def files() -> dict[str, tuple[bytes, str]]:
    """The font's files by the names that the style sheet uses; unpacked once in a process.

    Packed and with a weight to choose, each document would do both again.
    """
    return {f"font-{weight}.ttf": (_unpacked(weight), "font/ttf") for weight in WEIGHTS}


def fitted(text: str, room: int) -> str:
    """One line that fits into so many thousandths of the letters' size, whatever a caller is called."""
    if not text.isprintable():
        text = "".join(sign if sign.isprintable() else " " for sign in text)
    if len(text) * _EM <= room:
        return text
    widths, wide, kept = _widths(), 0, 0
    for at, sign in enumerate(text, start=1):
        wide += widths.get(sign, _EM)
        if wide + widths["…"] <= room:
            kept = at
        if wide > room:
            return text[:kept] + "…"
    return text


@cache
def _widths() -> dict[str, int]:
    font = TTFont(io.BytesIO(files()["font-400.ttf"][0]))
    metrics, scale = font["hmtx"], _EM / font["head"].unitsPerEm
    return {chr(code): round(metrics[name][0] * scale) for code, name in font.getBestCmap().items()}


def _unpacked(weight: int) -> bytes:
    [packed] = (PROJECT / "static" / "vendor").glob(f"hanken-grotesk-latin-{weight}-*.woff2")
    font, out = TTFont(packed), io.BytesIO()
    font.flavor = None
    font.save(out)
    return out.getvalue()
