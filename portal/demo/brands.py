"""Pictures of the demo's brands, drawn: a mark on a ground, and hills under an evening sky."""

from __future__ import annotations

import io
import math

from PIL import Image, ImageDraw

from portal import branding
from portal.branding import Look, Purpose, ShownPicture, Theme

_FINE = 4  # drawn larger, then made smaller, so that edges are smooth
_SIDE = 96


def brand_of(title: str, theme: Theme) -> Look:
    """Title and colours with a mark for each place and, for a dark bar, a picture beside the login."""
    is_dark = branding.best_ink(theme.navbar) == "#ffffff"
    ground, ink = (theme.primary_bg, "#ffffff")
    bar_ground, bar_ink = ("#ffffff", theme.primary_bg) if is_dark else (ground, ink)
    pictures = {
        Purpose.HEADER: _kept(_mark(bar_ground, bar_ink), Purpose.HEADER),
        Purpose.LOGIN_LOGO: _kept(_mark(ground, ink), Purpose.LOGIN_LOGO),
    }
    if is_dark:
        pictures[Purpose.LOGIN_ART] = _kept(
            _hills(theme.navbar, theme.primary_bg), Purpose.LOGIN_ART
        )
    return Look(title, theme, pictures, _CLAIMS[is_dark][0], _CLAIMS[is_dark][1])


_CLAIMS = {
    True: ("Every call, text and fax in one place.", "Your numbers, your team, one portal."),
    False: (
        "Le téléphone, sans détour.",
        "Vos lignes, vos appels et vos factures au même endroit.",
    ),
}


def _kept(image: Image.Image, purpose: Purpose) -> ShownPicture:
    out = io.BytesIO()
    image.save(out, "PNG")
    read = branding.read_picture(out.getvalue(), purpose=purpose)
    return ShownPicture.of(branding.keep_picture(read, name=f"{purpose}.png"))


def _mark(ground: str, ink: str) -> Image.Image:
    """Three lines of wind on a rounded square."""
    side = _SIDE * _FINE
    image = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((0, 0, side - 1, side - 1), radius=side * 0.24, fill=ground)
    for top, left, right, up in (
        (0.40, 0.20, 0.56, -1),
        (0.52, 0.20, 0.70, -1),
        (0.64, 0.20, 0.46, 1),
    ):
        _wind(draw, side, top, left, right, up, ink)
    return image.resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)


def _wind(
    draw: ImageDraw.ImageDraw, side: int, top: float, left: float, right: float, up: int, ink: str
) -> None:
    """A line that curls at its end."""
    width, bend = int(side * 0.068), 0.1
    points = [(left, top), (right, top)]
    for step in range(1, 15):
        turn = math.radians(step * 17)
        points.append((right + bend * math.sin(turn), top + up * bend * (1 - math.cos(turn))))
    scaled = [(x * side, y * side) for x, y in points]
    draw.line(scaled, fill=ink, width=width, joint="curve")
    for x, y in (scaled[0], scaled[-1]):
        draw.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=ink)


def _hills(dark: str, light: str, size: tuple[int, int] = (1200, 1400)) -> Image.Image:
    """A sky from dark to light, and four ranges of hills before it."""
    width, height = size
    image = Image.new("RGB", size, dark)
    draw = ImageDraw.Draw(image)
    for y in range(height):
        draw.line((0, y, width, y), fill=branding.mix(light, y / height * 0.9, dark))
    draw.ellipse(
        (width * 0.62, height * 0.22, width * 0.74, height * 0.22 + width * 0.12), fill="#f2c98a"
    )
    for at in range(4):
        base, wave = height * (0.55 + at * 0.11), 60 - at * 6
        points: list[tuple[float, float]] = [(0, height)]
        points += [
            (x, base + wave * math.sin(x / (170 + at * 45) + at * 1.7) - wave * 0.5 * math.sin(x / 90 + at))
            for x in range(0, width + 10, 10)
        ]  # fmt: skip
        points.append((width, height))
        draw.polygon(points, fill=branding.mix("#000000", 0.18 + at * 0.14, light))
    return image
