"""Contrast by WCAG and the nearest colour that can be read."""

from __future__ import annotations

import random

import pytest

from portal.branding.colours import (
    Oklch,
    best_ink,
    contrast,
    mix,
    nearest_passing,
    parse,
    readable,
)


@pytest.mark.parametrize(
    ("ink", "ground", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#777777", "#ffffff", 4.48),
        ("#ffffff", "#35a46f", 3.14),
        ("#f2f8f8", "#0b3f45", 10.8),
        ("#161b20", "#ffffff", 17.3),
    ],
)
def test_contrast_is_the_ratio_of_wcag(ink: str, ground: str, ratio: float) -> None:
    measured = contrast(ink, ground)

    assert measured == pytest.approx(ratio, abs=0.05)
    assert measured == contrast(ground, ink)


def test_the_nearest_green_that_carries_white_is_018855() -> None:
    answer = nearest_passing("#35a46f", "#ffffff")

    assert answer == "#018855"
    assert readable("#ffffff", answer)


def test_a_colour_that_passes_is_its_own_nearest() -> None:
    assert nearest_passing("#0e5c63", "#ffffff") == "#0e5c63"


def test_the_nearest_colour_keeps_its_hue() -> None:
    answer = nearest_passing("#e0a243", "#ffffff")

    assert Oklch.of(answer).hue == pytest.approx(Oklch.of("#e0a243").hue, abs=3)
    assert contrast(answer, "#ffffff") < 4.8, "no darker than it must be"


def test_every_colour_survives_the_way_through_oklch() -> None:
    dice = random.Random(4)
    for _ in range(300):
        colour = f"#{dice.randrange(1 << 24):06x}"
        shade = Oklch.of(colour)

        back = shade.at(shade.lightness)

        assert all(
            abs(int(colour[at : at + 2], 16) - int(back[at : at + 2], 16)) <= 1 for at in (1, 3, 5)
        ), (colour, back)


def test_black_or_white_always_reaches_four_and_a_half() -> None:
    greys = [f"#{value:02x}{value:02x}{value:02x}" for value in range(256)]

    assert all(readable(best_ink(grey), grey) for grey in greys)


def test_mixing_lays_a_share_over_the_ground() -> None:
    assert mix("#000000", 0.5, "#ffffff") == "#808080"
    assert mix("#123456", 1, "#ffffff") == "#123456"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "red",
        "#fff",
        "#12345",
        "#1234567",
        "#12345g",
        "#123456;}",
        "#123456\n}body{display:none",
        "url(//x.example)",
        "var(--x)",
        "expression(1)",
        "＃123456",
        "#１２３４５６",
    ],
)
def test_nothing_but_a_colour_is_taken_for_one(text: str) -> None:
    with pytest.raises(ValueError, match="not a colour"):
        parse(text)


def test_spelling_of_a_colour_does_not_matter() -> None:
    assert parse("  #35A46F ") == "#35a46f"
