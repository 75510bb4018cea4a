"""Which pairs of a draft can be read, and what would mend those that cannot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from flask_babel import gettext

from portal.branding import Check, Theme, best_ink, checks
from portal.web import filters
from portal.web.branding_words import pair_name

# The field a ratio is shown beside, and the pairs it is the smallest of.
_BESIDE: Mapping[str, tuple[str, ...]] = {
    "navbar_text": ("navbar_text",),
    "link": ("link_on_panel", "link_on_page"),
    "text": ("text_on_panel", "text_on_page"),
    "panel_head_fg": ("panel_head",),
    "primary": ("primary",),
    "success": ("success",),
    "exit": ("exit",),
    "delete": ("delete",),
}
# What one click changes: the ground of buttons, the ink of everything else.
_INK: Mapping[str, str] = {
    "navbar_text": "navbar_text",
    "link_on_panel": "link",
    "link_on_page": "link",
    "text_on_panel": "text",
    "text_on_page": "text",
    "panel_head": "panel_head_fg",
    "primary": "primary_fg",
    "success": "success_fg",
    "exit": "exit_fg",
    "delete": "delete_fg",
    "primary_on_page": "primary_bg",
}
_GROUND: Mapping[str, str] = {
    "primary": "primary_bg",
    "success": "success_bg",
    "exit": "exit_bg",
    "delete": "delete_bg",
}


@dataclass(frozen=True, slots=True)
class Ratio:
    """A figure beside a field."""

    text: str
    passes: bool


@dataclass(frozen=True, slots=True)
class Remedy:
    """A button: ``value`` is ``slot:#rrggbb``."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A pair that fails."""

    name: str
    sentence: str
    remedies: tuple[Remedy, ...]


@dataclass(frozen=True, slots=True)
class Contrast:
    """Figures by the field they stand beside, and what is wrong."""

    ratios: Mapping[str, Ratio]
    problems: tuple[Problem, ...]


def contrast_of(theme: Theme) -> Contrast:
    """Every pair of a theme, measured as it is typed, before anything is repaired."""
    found = {check.pair: check for check in checks(theme)}
    ratios = {
        beside: _ratio(min((found[pair] for pair in pairs), key=lambda check: check.ratio))
        for beside, pairs in _BESIDE.items()
    }
    return Contrast(ratios, tuple(_problem(one) for one in found.values() if not one.passes))


def _ratio(check: Check) -> Ratio:
    return Ratio(_shown(check.ratio), check.passes)


def _problem(check: Check) -> Problem:
    ground = _GROUND.get(check.pair)
    nearest = check.nearest_ground if ground else check.nearest_ink
    sentence = gettext(
        "%(ratio)s to 1, needs %(needed)s. The nearest colour that passes is %(colour)s.",
        ratio=_shown(check.ratio),
        needed=_shown(check.needed),
        colour=nearest.upper(),
    )
    ink = best_ink(check.ground)
    remedies = [
        Remedy(
            gettext("Use %(colour)s", colour=nearest.upper()),
            f"{ground or _INK[check.pair]}:{nearest}",
        )
    ]
    if check.pair != "primary_on_page" and ink != nearest:
        label = gettext("Use dark text") if ink == "#000000" else gettext("Use light text")
        remedies.append(Remedy(label, f"{_INK[check.pair]}:{ink}"))
    return Problem(pair_name(check.pair), sentence, tuple(remedies))


def _shown(ratio: float) -> str:
    """Cut, not rounded: 4.48 does not reach 4.5."""
    return filters.number(Decimal(int(ratio * 10)) / 10, 1)
