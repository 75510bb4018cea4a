"""Sets plain text on pages: one width of letters, long lines broken, a form feed ends a page."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from portal.fenced.values import FAX_WIDTH, MOST_PAGES, Refused

_COLUMNS: Final = 80
_MARGIN_INCHES: Final = 0.6
_LINE_HEIGHT: Final = 1.3
_FONTS: Final = (
    "truetype/dejavu/DejaVuSansMono.ttf",
    "truetype/liberation/LiberationMono-Regular.ttf",
    "truetype/noto/NotoSansMono-Regular.ttf",
)

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def pages(text: str, *, inches_high: float, dots_per_inch: int) -> Iterator[Image.Image]:
    """Grey pages, with as many dots down as across."""
    margin = round(_MARGIN_INCHES * dots_per_inch)
    height = round(inches_high * dots_per_inch)
    size = round((FAX_WIDTH - 2 * margin) / _COLUMNS / 0.602)
    step = round(size * _LINE_HEIGHT)
    rows = (height - 2 * margin) // step
    font = _font(size)
    for lines in list(_sheets(text, rows)):
        page = Image.new("L", (FAX_WIDTH, height), 255)
        pen = ImageDraw.Draw(page)
        for row, line in enumerate(lines):
            pen.text((margin, margin + row * step), line, fill=0, font=font)
        yield page


def _sheets(text: str, rows: int) -> Iterator[list[str]]:
    """The lines of each page; the empty end of a text is no page."""
    count = 0
    for part in text.replace("\r\n", "\n").replace("\r", "\n").rstrip().split("\f"):
        lines = [piece for line in part.removesuffix("\n").split("\n") for piece in _broken(line)]
        for start in range(0, max(len(lines), 1), rows):
            count += 1
            if count > MOST_PAGES:
                raise Refused("too_many_pages")
            yield lines[start : start + rows]


def _broken(line: str) -> Iterator[str]:
    """Pieces that fit, broken at a space where there is one in the last third."""
    whole = unicodedata.normalize("NFC", line.expandtabs(8)).rstrip()
    start = 0
    while len(whole) - start > _COLUMNS:
        at = whole.rfind(" ", start + _COLUMNS * 2 // 3, start + _COLUMNS + 1)
        at = at if at > 0 else start + _COLUMNS
        yield whole[start:at]
        start = at + 1 if whole[at] == " " else at
    yield whole[start:]


@cache
def _font(size: int) -> Font:
    for folder in ("/usr/share/fonts", "/usr/local/share/fonts"):
        for name in _FONTS:
            if (path := Path(folder, name)).is_file():
                return ImageFont.truetype(path, size)
    return ImageFont.load_default(size)
