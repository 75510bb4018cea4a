"""Pictures of the demo, drawn and not found: a winter evening, and a card that a patient sends."""

from __future__ import annotations

import io
from itertools import pairwise
from random import Random

from PIL import Image, ImageDraw, ImageFont

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


def insurance_card() -> bytes:
    """A card on a wooden table, as somebody photographs it, as a JPEG file."""
    table = Image.new("RGB", (1200, 820), "#a87a4d")
    pen = ImageDraw.Draw(table)
    for y in range(40, 820, 95):
        pen.line((0, y, 1200, y + 18), fill="#96693f", width=7)
    card = Image.new("RGBA", (880, 520), (0, 0, 0, 0))
    pen = ImageDraw.Draw(card)
    pen.rounded_rectangle((0, 0, 879, 519), 34, fill="#f3f7fb")
    pen.rounded_rectangle((0, 0, 879, 130), 34, fill="#2a5a9e")
    pen.rectangle((0, 90, 879, 130), fill="#2a5a9e")
    pen.ellipse((40, 32, 106, 98), fill="#ffffff")
    pen.rectangle((68, 44, 78, 86), fill="#2a5a9e")
    pen.rectangle((52, 60, 94, 70), fill="#2a5a9e")
    for size, place, words, ink in (
        (40, (130, 42), "Sunrise Group Benefits", "#ffffff"),
        (22, (44, 176), "MEMBER", "#5b6b7a"),
        (44, (44, 206), "NADIA OKAFOR", "#17212b"),
        (22, (44, 302), "CERTIFICATE", "#5b6b7a"),
        (34, (44, 332), "00 555 0155", "#17212b"),
        (22, (500, 302), "PLAN", "#5b6b7a"),
        (34, (500, 332), "Dental B", "#17212b"),
    ):
        pen.text(place, words, fill=ink, font=ImageFont.load_default(size))
    pen.rounded_rectangle((44, 420, 836, 478), 10, fill="#c6d3e2")
    turned = card.rotate(4, expand=True, resample=Image.Resampling.BICUBIC)
    table.paste(turned, (135, 115), turned)
    content = io.BytesIO()
    table.save(content, "JPEG", quality=88)
    return content.getvalue()
