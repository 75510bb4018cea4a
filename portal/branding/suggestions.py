"""Colours from a logo: three themes of its own hues, in which every pair can be read."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace

from PIL import Image

from portal.branding.colours import SHAPE_RATIO, WHITE, Oklch, nearest_passing, readable
from portal.branding.colours import nearest as nearest_of
from portal.branding.css import Theme

_SIDE = 64
_BIN = 12  # degrees; two hues of a palette are at least three of these apart
_APART = 3 * _BIN
_GREY = 0.03
_SLATE_HUE, _SLATE_CHROMA = 255.0, 0.03


def suggest(content: bytes) -> tuple[Theme, Theme, Theme]:
    """Three themes from a kept picture's colours: a dark bar, a light bar, a bar in full colour."""
    with Image.open(io.BytesIO(content)) as opened:
        found = _hues(opened)
    first = found[0]
    second = found[1] if len(found) > 1 else (first[0], first[1])
    third = found[2] if len(found) > 2 else second
    return _dark_bar(first, second), _light_bar(second, first), _full_bar(third, first)


def _hues(image: Image.Image) -> list[tuple[float, float]]:
    """Hue and chroma of the colours there is most of, strongest first; slate for a grey logo."""
    small = image.convert("RGBA")
    small.thumbnail((_SIDE, _SIDE))
    weights: dict[int, float] = {}
    chromas: dict[int, list[float]] = {}
    for count, (red, green, blue, alpha) in _counted(small):
        shade = Oklch.of(f"#{red:02x}{green:02x}{blue:02x}")
        if alpha < 128 or shade.chroma < _GREY:
            continue
        slot = int(shade.hue // _BIN)
        weights[slot] = weights.get(slot, 0.0) + count * shade.chroma
        chromas.setdefault(slot, []).append(shade.chroma)
    chosen: list[tuple[float, float]] = []
    for slot in sorted(weights, key=lambda one: -weights[one]):
        hue = slot * _BIN + _BIN / 2
        if all(_turn(hue, other) >= _APART for other, _ in chosen):
            chosen.append((hue, max(chromas[slot])))
    return chosen or [(_SLATE_HUE, _SLATE_CHROMA)]


def _counted(image: Image.Image) -> Sequence[tuple[int, tuple[int, int, int, int]]]:
    return image.getcolors(maxcolors=_SIDE * _SIDE) or []  # type: ignore[return-value]


def _turn(one: float, other: float) -> float:
    return abs((one - other + 180) % 360 - 180)


def _dark_bar(main: tuple[float, float], other: tuple[float, float]) -> Theme:
    navbar = Oklch(0.33, min(main[1], 0.08), main[0]).at(0.33)
    return _whole(main, other, navbar=navbar, navbar_text="#f5f7f8", page_hue=main[0])


def _light_bar(main: tuple[float, float], other: tuple[float, float]) -> Theme:
    navbar = Oklch(0.99, 0.004, main[0]).at(0.99)
    text = Oklch(0.25, min(main[1], 0.04), main[0]).at(0.25)
    return _whole(main, other, navbar=navbar, navbar_text=text, page_hue=main[0])


def _full_bar(main: tuple[float, float], other: tuple[float, float]) -> Theme:
    vivid = Oklch(0.5, min(main[1], 0.16), main[0]).at(0.5)
    return _whole(
        main, other, navbar=nearest_passing(vivid, WHITE), navbar_text=WHITE, page_hue=other[0]
    )


def _whole(
    main: tuple[float, float],
    other: tuple[float, float],
    *,
    navbar: str,
    navbar_text: str,
    page_hue: float,
) -> Theme:
    """Everything else follows from the two hues; what does not pass moves until it does."""
    page = Oklch(0.975, 0.004, page_hue).at(0.975)
    text = Oklch(0.22, min(main[1], 0.02), main[0]).at(0.22)
    primary = Oklch(0.45, min(main[1], 0.17), main[0]).at(0.45)
    primary = nearest_of(
        primary,
        lambda one: readable(WHITE, one) and readable(one, page, ratio=SHAPE_RATIO),
    )
    link = Oklch(0.48, min(other[1], 0.15), other[0]).at(0.48)
    return replace(
        Theme(),
        background=page,
        navbar=navbar,
        navbar_text=nearest_passing(navbar_text, navbar),
        link=nearest_passing(link, WHITE, page),
        text=nearest_passing(text, WHITE, page),
        primary_bg=primary,
        primary_fg=WHITE,
        panel_head_fg=nearest_passing(text, WHITE),
    )
