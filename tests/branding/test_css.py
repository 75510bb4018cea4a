"""A reseller's colours become a style sheet in which everything can be read."""

from __future__ import annotations

import random
import re
from dataclasses import fields

import pytest

from portal.branding.colours import contrast
from portal.branding.css import (
    DARK_INKS,
    GLOBEX,
    INKS,
    NORTHWIND,
    Theme,
    checks,
    dark_tokens,
    light_tokens,
    stylesheet,
    stylesheet_hash,
)

BUTTONS = ("primary", "success", "exit", "delete")
TEXT_PAIRS = [
    ("text", "surface"),
    ("text", "bg"),
    ("text", "accent-soft"),
    ("text", "surface-3"),
    ("link", "surface"),
    ("link", "bg"),
    ("accent-strong", "surface"),
    ("accent-strong", "accent-soft"),
    ("on-accent", "accent"),
    ("brand-navbar-text", "brand-navbar"),
    ("panel-head-fg", "panel-head-bg"),
    *((f"btn-{name}-fg", f"btn-{name}-{ground}") for name in BUTTONS for ground in ("bg", "hover")),
]


def random_theme(dice: random.Random) -> Theme:
    slots = [slot.name for slot in fields(Theme) if slot.name != "dark"]
    return Theme(**{name: f"#{dice.randrange(1 << 24):06x}" for name in slots})


def failing(tokens: dict[str, str], inks: tuple[str, ...]) -> list[str]:
    pairs = [(tokens[ink], tokens[ground], f"{ink} on {ground}") for ink, ground in TEXT_PAIRS]
    pairs += [
        (ink, tokens[ground], f"{ink} on {ground}") for ink in inks for ground in ("surface", "bg")
    ]
    return [
        f"{name}: {ink} on {ground} is {contrast(ink, ground):.2f}"
        for ink, ground, name in pairs
        if contrast(ink, ground) < 4.5
    ]


@pytest.mark.parametrize("seed", range(200))
def test_every_pair_of_a_random_brand_can_be_read(seed: int) -> None:
    theme = random_theme(random.Random(seed))

    light, dark = light_tokens(theme), dark_tokens(theme)

    assert failing(light, INKS) == []
    assert failing(dark, DARK_INKS) == []
    assert contrast(light["accent"], light["surface"]) >= 3


@pytest.mark.parametrize("theme", [NORTHWIND, GLOBEX], ids=["northwind", "globex"])
def test_the_shipped_brands_pass_as_they_are_typed(theme: Theme) -> None:
    low = [check.pair for check in checks(theme) if not check.passes]

    assert low == []
    light = light_tokens(theme)
    assert (light["text"], light["link"], light["bg"]) == (theme.text, theme.link, theme.background)


def test_a_low_pair_is_told_with_its_ratio_and_the_nearest_colour() -> None:
    theme = Theme(success_bg="#35A46F")

    check = next(check for check in checks(theme) if check.pair == "success")

    assert not check.passes
    assert (round(check.ratio, 1), check.needed) == (3.1, 4.5)
    assert check.nearest_ground == "#018855"


def test_a_brand_near_red_shows_failures_in_another_colour() -> None:
    assert light_tokens(GLOBEX)["d-neg"] != light_tokens(NORTHWIND)["d-neg"]


def test_the_style_sheet_holds_token_values_and_nothing_else() -> None:
    for theme in (
        GLOBEX,
        Theme(panel_bg="#101010", text="#eeeeee"),
        Theme(link="#aa0000", dark=False),
    ):
        text = stylesheet(theme)

        assert re.fullmatch(
            r"@layer brand \{\n"
            r"(  :root, :root\[data-theme\] \{ color-scheme: (light|dark); \}\n)?"
            r"  :root \{\n"
            r"(    --[a-z0-9-]+: light-dark\(#[0-9a-f]{6}, #[0-9a-f]{6}\);\n)+"
            r"  \}\n\}\n",
            text,
        ), text


def test_no_stored_value_reaches_the_style_sheet_unless_it_is_a_colour() -> None:
    with pytest.raises(ValueError, match="not a colour"):
        Theme.of({"link": "#123456; } body { display: none"})


def test_the_dark_theme_can_be_switched_off_and_a_dark_brand_stays_dark() -> None:
    assert "color-scheme: light;" in stylesheet(Theme(link="#005a9c", dark=False))
    assert "color-scheme: dark;" in stylesheet(Theme(panel_bg="#12161a", text="#f0f0f0"))


def test_stored_slots_come_back_as_the_same_theme() -> None:
    assert Theme.of(GLOBEX.stored()) == GLOBEX
    assert Theme.of({}) == NORTHWIND
    assert Theme.of({"unknown": "x", "link": "#AA0000"}).link == "#aa0000"


def test_the_hash_names_the_text() -> None:
    one, other = stylesheet(GLOBEX), stylesheet(Theme(link="#aa0000"))

    assert re.fullmatch(r"[0-9a-f]{16}", stylesheet_hash(one))
    assert stylesheet_hash(one) == stylesheet_hash(stylesheet(GLOBEX))
    assert stylesheet_hash(one) != stylesheet_hash(other)
