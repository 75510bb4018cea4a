"""Whatever the logo, three themes come out of it in which every pair can be read."""

from __future__ import annotations

import io
import random

import pytest
from PIL import Image, ImageDraw

from portal.branding import Theme, checks, suggest
from portal.branding.colours import Oklch
from tests.pictures import picture


def logo(dice: random.Random) -> bytes:
    image = Image.new("RGBA", (80, 60), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    for _ in range(dice.randrange(1, 6)):
        at = [dice.randrange(60), dice.randrange(40)]
        colour = tuple(dice.randrange(256) for _ in range(4))
        draw.rectangle([*at, at[0] + 20, at[1] + 20], fill=colour)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def failing(theme: Theme) -> list[str]:
    return [check.pair for check in checks(theme) if not check.passes]


def test_every_pair_of_every_suggestion_passes() -> None:
    dice = random.Random(11)
    for _ in range(60):
        for theme in suggest(logo(dice)):
            assert failing(theme) == [], theme


@pytest.mark.parametrize(
    "colour", ["#ffff00", "#00ff00", "#ff0000", "#0000ff", "#000000", "#ffffff"]
)
def test_the_hardest_colours_pass_too(colour: str) -> None:
    for theme in suggest(picture("PNG", (40, 40), colour)):
        assert failing(theme) == []


def test_the_palettes_are_of_the_logos_own_hue_and_differ() -> None:
    themes = suggest(picture("PNG", (40, 40), "#c2410c"))
    orange = Oklch.of("#c2410c").hue

    for theme in themes:
        turn = abs((Oklch.of(theme.primary_bg).hue - orange + 180) % 360 - 180)
        assert turn < 25
    assert len(set(themes)) == 3


def test_two_colours_of_a_logo_are_both_found() -> None:
    image = Image.new("RGB", (80, 40), "#0e5c63")
    image.paste("#c2410c", (40, 0, 80, 40))
    out = io.BytesIO()
    image.save(out, "PNG")

    hues = {round(Oklch.of(theme.primary_bg).hue / 60) for theme in suggest(out.getvalue())}

    assert len(hues) >= 2
