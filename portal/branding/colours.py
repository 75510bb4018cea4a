"""Colour arithmetic: contrast by WCAG, lightness by OKLCH, the nearest colour that can be read."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

HEX = re.compile(r"#[0-9a-f]{6}")
TEXT_RATIO = 4.5
SHAPE_RATIO = 3.0
STEP = 0.005
BLACK, WHITE = "#000000", "#ffffff"


def parse(colour: str) -> str:
    """The colour as `#rrggbb` in lower case; ValueError for anything else.

    The only door by which a colour gets into a style sheet, so it lets nothing else through.
    """
    normal = colour.strip().lower()
    if not HEX.fullmatch(normal):
        raise ValueError(f"not a colour of the form #rrggbb: {colour!r}")
    return normal


def luminance(colour: str) -> float:
    """Relative luminance as WCAG defines it, 0 for black to 1 for white."""
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The WCAG ratio of two colours, 1 to 21, whichever is lighter."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def readable(ink: str, *grounds: str, ratio: float = TEXT_RATIO) -> bool:
    """Does the ink reach the ratio on every ground?"""
    return all(contrast(ink, ground) >= ratio for ground in grounds)


def mix(colour: str, share: float, ground: str) -> str:
    """`share` (0 to 1) of the colour laid over the ground."""
    top, bottom = _channels(colour), _channels(ground)
    return _hex(*(share * a + (1 - share) * b for a, b in zip(top, bottom, strict=True)))


def best_ink(ground: str) -> str:
    """Black or white, whichever contrasts more; one of them always reaches 4.5."""
    return BLACK if contrast(BLACK, ground) > contrast(WHITE, ground) else WHITE


@dataclass(frozen=True)
class Oklch:
    """Lightness 0 to 1, chroma from 0, hue in degrees."""

    lightness: float
    chroma: float
    hue: float

    @classmethod
    def of(cls, colour: str) -> Oklch:
        """The colour in OKLCH."""
        red, green, blue = _linear(colour)
        long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
        mid = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
        short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
        lightness = 0.2104542553 * long + 0.7936177850 * mid - 0.0040720468 * short
        a = 1.9779984951 * long - 2.4285922050 * mid + 0.4505937099 * short
        b = 0.0259040371 * long + 0.7827717662 * mid - 0.8086757660 * short
        return cls(lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360)

    def at(self, lightness: float) -> str:
        """This hue at another lightness, with as much of the chroma as sRGB can show."""
        lightness = min(max(lightness, 0.0), 1.0)
        if _in_gamut(whole := _from_oklch(lightness, self.chroma, self.hue)):
            return _encoded(whole)
        low, high = 0.0, self.chroma
        for _ in range(24):
            middle = (low + high) / 2
            if _in_gamut(_from_oklch(lightness, middle, self.hue)):
                low = middle
            else:
                high = middle
        return _encoded(_from_oklch(lightness, low, self.hue))


def nearest_passing(colour: str, *others: str, ratio: float = TEXT_RATIO) -> str:
    """The nearest colour that reaches the ratio against all others.

    Hue and chroma stay; lightness moves in steps both ways; the first that passes is taken.
    White on #35a46f reaches 3.1, and the answer for that ground is #018855.
    """
    return nearest(colour, lambda candidate: readable(candidate, *others, ratio=ratio))


def nearest(colour: str, passes: Callable[[str], bool]) -> str:
    """The nearest lightness of a colour that passes a test; black or white when none does."""
    if passes(colour):
        return colour
    start = Oklch.of(colour)
    for step in range(1, round(1 / STEP) + 1):
        for lightness in (start.lightness - step * STEP, start.lightness + step * STEP):
            if 0 <= lightness <= 1 and passes(candidate := start.at(lightness)):
                return candidate
    return WHITE if passes(WHITE) else BLACK


def _channels(colour: str) -> tuple[float, float, float]:
    return (
        int(colour[1:3], 16) / 255,
        int(colour[3:5], 16) / 255,
        int(colour[5:7], 16) / 255,
    )


def _linear(colour: str) -> tuple[float, float, float]:
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in _channels(colour)
    )
    return red, green, blue


def _from_oklch(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    mid = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * mid + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * mid - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * mid + 1.7076147010 * short,
    )


def _in_gamut(linear: tuple[float, float, float]) -> bool:
    return all(-0.0001 <= value <= 1.0001 for value in linear)


def _encoded(linear: tuple[float, float, float]) -> str:
    clipped = (min(max(value, 0.0), 1.0) for value in linear)
    return _hex(
        *(
            12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055
            for value in clipped
        )
    )


def _hex(*channels: float) -> str:
    return "#" + "".join(f"{round(min(max(value, 0.0), 1.0) * 255):02x}" for value in channels)
