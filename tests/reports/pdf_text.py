"""What a PDF says, read with nothing but its own content streams and character maps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf

_PAIR = re.compile(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>")


def pages_of(path: Path) -> list[str]:
    """The text of each page, pieces separated by spaces."""
    with pikepdf.Pdf.open(path) as pdf:
        return [" ".join(_pieces(page)) for page in pdf.pages]


def _pieces(page: Any) -> Iterator[str]:
    maps: dict[str, dict[int, str]] = {}
    found: dict[int, str] = {}
    for operands, operator in pikepdf.parse_content_stream(page):
        name = str(operator)
        if name == "Tf":
            font = str(operands[0])
            if font not in maps:
                maps[font] = _characters(page.Resources.Font[font])
            found = maps[font]
        elif name == "Do":  # what is half transparent is a form of its own
            drawn = page.Resources.XObject[str(operands[0])]
            if drawn.Subtype == "/Form":
                yield from _pieces(drawn)
        elif name in {"Tj", "TJ"}:
            parts = operands[0] if name == "TJ" else [operands[0]]
            yield "".join(_decoded(part, found) for part in parts if _is_text(part))


def _is_text(part: Any) -> bool:
    return isinstance(part, pikepdf.String)


def _decoded(part: Any, found: dict[int, str]) -> str:
    raw = bytes(part)
    codes = (int.from_bytes(raw[at : at + 2], "big") for at in range(0, len(raw), 2))
    return "".join(found.get(code, "") for code in codes)


def _characters(font: Any) -> dict[int, str]:
    """Glyph to text, from the font's own map; lines of one pair each, as the engine writes them."""
    table = bytes(font.ToUnicode.read_bytes())
    return {
        int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be")
        for code, text in _PAIR.findall(table.partition(b"beginbfchar")[2])
    }
