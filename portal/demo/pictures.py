"""A picture for the demo's welcome text: telephone poles on a winter evening, drawn and not found."""

from __future__ import annotations

import io
from itertools import pairwise
from random import Random

from PIL import Image, ImageDraw

_SIZE = 480
_SKY, _FAR, _NEAR, _SNOW = "#0e4a52", "#12626b", "#0b3f45", "#eef4f4"
_MOON, _POLE = "#f6e4cc", "#082a2f"


def winter_evening() -> bytes:
    """The picture as a PNG file."""
    image = Image.new("RGB", (_SIZE, _SIZE), _SKY)
    pen = ImageDraw.Draw(image)
    flakes = Random(7)
    pen.ellipse((330, 210, 410, 290), fill=_MOON)
    pen.ellipse((-120, 290, 330, 620), fill=_FAR)
    pen.ellipse((190, 320, 640, 640), fill=_NEAR)
    pen.rectangle((0, 425, _SIZE, _SIZE), fill=_SNOW)
    tops = [(70, 120), (220, 175), (330, 212)]
    for x, top in tops:
        half = (430 - top) // 9
        pen.line((x, top, x, 440), fill=_POLE, width=max(half // 4, 4))
        for arm in (top + half // 2, top + half):
            pen.line((x - half, arm, x + half, arm), fill=_POLE, width=max(half // 6, 3))
    for (x, top), (further, lower) in pairwise(tops):
        middle = ((x + further) // 2, max(top, lower) + 40)
        pen.line([(x, top + 18), middle, (further, lower + 14)], fill=_POLE, width=2, joint="curve")
    for _ in range(70):
        x, y = flakes.randrange(_SIZE), flakes.randrange(400)
        pen.ellipse((x, y, x + 4, y + 4), fill=_SNOW)
    content = io.BytesIO()
    image.save(content, "PNG")
    return content.getvalue()
