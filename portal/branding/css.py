"""A reseller's colours as a style sheet: everything derived once, every pair readable.

What is stored are the colours the reseller typed, light values only. Accent, hover, soft ground
and the dark theme follow from them. A colour that cannot be read where it is used is replaced by
the nearest one that can, so a published theme never hides words.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields

from portal.branding.colours import (
    BLACK,
    SHAPE_RATIO,
    TEXT_RATIO,
    WHITE,
    Oklch,
    best_ink,
    contrast,
    mix,
    nearest,
    nearest_passing,
    parse,
    readable,
)

HOVER, SOFT, SOFT_DARK = 0.12, 0.09, 0.16
DARK_PAGE, DARK_PANEL = "#0e1215", "#151a1f"
# Inks of the product that no brand changes; grounds are chosen so that these can be read.
INKS = ("#4c565f", "#616c75", "#0f6b45", "#8a5300", "#b3261e", "#1f56b8")
DARK_INKS = ("#b3bdc5", "#98a4ae", "#7bd3a8", "#efc079", "#f3a19a", "#9cc0fb")
WARNING_HUE, WARNING_NEAR = 27.0, 35.0
SLATE = "#3f5068"


@dataclass(frozen=True)
class Theme:
    """The colours a reseller sets, as `#rrggbb`; the defaults are the product's own brand.

    Raises ValueError when a value is not a colour.
    """

    background: str = "#f6f7f8"
    navbar: str = "#0b3f45"
    navbar_text: str = "#f2f8f8"
    link: str = "#0b6670"
    text: str = "#161b20"
    primary_bg: str = "#0e5c63"
    primary_fg: str = "#ffffff"
    success_bg: str = "#1b7f4f"
    success_fg: str = "#ffffff"
    exit_bg: str = "#eef0f2"
    exit_fg: str = "#252c33"
    delete_bg: str = "#b3261e"
    delete_fg: str = "#ffffff"
    panel_bg: str = "#ffffff"
    panel_head_bg: str = "#ffffff"
    panel_head_fg: str = "#161b20"
    dark: bool = True

    def __post_init__(self) -> None:
        for slot in fields(self):
            if slot.name != "dark":
                object.__setattr__(self, slot.name, parse(getattr(self, slot.name)))

    @classmethod
    def of(cls, stored: Mapping[str, object]) -> Theme:
        """A theme from stored slots; missing ones keep the default, unknown ones are ignored."""
        known = {slot.name for slot in fields(cls)}
        given = {name: value for name, value in stored.items() if name in known}
        dark = bool(given.pop("dark", True))
        return cls(**{name: str(value) for name, value in given.items()}, dark=dark)

    def stored(self) -> dict[str, object]:
        """The slots as they are kept in the database."""
        return asdict(self)

    @property
    def word(self) -> str:
        """All of it as one short word for an address: the colours in order, then light or both."""
        colours = (str(getattr(self, name))[1:] for name in COLOURS)
        return "-".join((*colours, "both" if self.dark else "light"))

    @classmethod
    def from_word(cls, word: str) -> Theme:
        """The theme of such a word; ValueError for anything else."""
        *colours, scheme = word.split("-")
        if len(colours) != len(COLOURS) or scheme not in {"both", "light"}:
            raise ValueError("not a theme")
        slots = {name: f"#{colour}" for name, colour in zip(COLOURS, colours, strict=True)}
        return cls(**slots, dark=scheme == "both")


COLOURS = tuple(slot.name for slot in fields(Theme) if slot.name != "dark")
NORTHWIND = Theme()
GLOBEX = Theme(
    background="#faf7f2",
    navbar="#fffdf9",
    navbar_text="#2b1f19",
    link="#8f3416",
    text="#1d1714",
    primary_bg="#983a1b",
    primary_fg="#ffffff",
    success_bg="#2f6f3e",
    exit_bg="#f1ece4",
    exit_fg="#33291f",
    panel_head_fg="#1d1714",
)


@dataclass(frozen=True)
class Check:
    """One pair of a theme: is the ink readable on its ground, and what would be?"""

    pair: str
    ink: str
    ground: str
    ratio: float
    needed: float
    nearest_ground: str
    nearest_ink: str

    @property
    def passes(self) -> bool:
        """True when the ratio reaches what the pair needs."""
        return self.ratio >= self.needed


def checks(theme: Theme) -> tuple[Check, ...]:
    """Every pair the brand editor shows, in its order, before anything is repaired."""
    rows = [
        ("navbar_text", theme.navbar_text, theme.navbar, TEXT_RATIO),
        ("link_on_panel", theme.link, theme.panel_bg, TEXT_RATIO),
        ("link_on_page", theme.link, theme.background, TEXT_RATIO),
        ("text_on_panel", theme.text, theme.panel_bg, TEXT_RATIO),
        ("text_on_page", theme.text, theme.background, TEXT_RATIO),
        ("panel_head", theme.panel_head_fg, theme.panel_head_bg, TEXT_RATIO),
        ("primary", theme.primary_fg, theme.primary_bg, TEXT_RATIO),
        ("success", theme.success_fg, theme.success_bg, TEXT_RATIO),
        ("exit", theme.exit_fg, theme.exit_bg, TEXT_RATIO),
        ("delete", theme.delete_fg, theme.delete_bg, TEXT_RATIO),
        ("primary_on_page", theme.primary_bg, theme.background, SHAPE_RATIO),
    ]
    return tuple(
        Check(
            pair,
            ink,
            ground,
            contrast(ink, ground),
            needed,
            nearest_passing(ground, ink, ratio=needed),
            nearest_passing(ink, ground, ratio=needed),
        )
        for pair, ink, ground, needed in rows
    )


def stylesheet(theme: Theme) -> str:
    """The text of `/brand.<hash>.css`: token values in the layer the product leaves for brands."""
    if theme == NORTHWIND:
        return "/* the product's own colours */\n"
    light, dark = light_tokens(theme), dark_tokens(theme)
    dark_only = best_ink(theme.panel_bg) == WHITE
    scheme = "dark" if dark_only else "light dark" if theme.dark else "light"
    lines = []
    if scheme != "light dark":
        lines.append(f"  :root, :root[data-theme] {{ color-scheme: {scheme}; }}")
    lines.append("  :root {")
    lines += [f"    --{name}: light-dark({light[name]}, {dark[name]});" for name in light]
    lines.append("  }")
    return "@layer brand {\n" + "\n".join(lines) + "\n}\n"


def stylesheet_hash(text: str) -> str:
    """Sixteen hexadecimal digits that name this text in its address, so it is cached for ever."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def light_tokens(theme: Theme) -> dict[str, str]:
    """Token values of the light theme, every pair of them readable."""
    panel = nearest(theme.panel_bg, lambda ground: all(readable(ink, ground) for ink in INKS))
    text = nearest_passing(theme.text, panel)
    link = nearest_passing(theme.link, panel)
    page = nearest(
        theme.background, lambda ground: all(readable(ink, ground) for ink in (*INKS, text, link))
    )
    accent = theme.primary_bg if contrast(theme.primary_bg, panel) >= SHAPE_RATIO else link
    soft = _soft(accent, panel, SOFT, (*INKS[:2], text))
    head = theme.panel_head_bg
    well = nearest(
        mix(text, 0.05, page), lambda ground: all(readable(ink, ground) for ink in (*INKS, text))
    )
    tokens = {
        "bg": page,
        "surface": panel,
        "surface-2": mix(page, 0.4, panel),
        "surface-3": well,
        "border": mix(text, 0.10, page),
        "border-strong": mix(text, 0.20, page),
        "text": text,
        "brand-navbar": theme.navbar,
        "brand-navbar-text": _ink(theme.navbar_text, theme.navbar),
        "link": link,
        "accent": accent,
        "on-accent": best_ink(accent),
        "accent-soft": soft,
        "accent-strong": nearest_passing(accent, soft, panel),
        "panel-head-bg": head,
        "panel-head-fg": _ink(theme.panel_head_fg, head),
    }
    for name, ground, ink in _buttons(theme):
        tokens |= _button(name, ground, _ink(ink, ground), towards=BLACK)
    return tokens | _data_colours(accent)


def dark_tokens(theme: Theme) -> dict[str, str]:
    """Token values of the dark theme, derived from the light ones."""
    grounds = (DARK_PANEL, DARK_PAGE)
    navbar = Oklch.of(theme.navbar)
    bar = navbar.at(min(navbar.lightness, 0.30))
    link = _lightened(theme.link, 0.78, *grounds)
    light = light_tokens(theme)
    accent = _lightened(light["accent"], 0.72, *grounds)
    soft = _soft(accent, DARK_PANEL, SOFT_DARK, (*DARK_INKS[:2], "#f1f4f6"))
    tokens = {
        "bg": DARK_PAGE,
        "surface": DARK_PANEL,
        "surface-2": "#191f24",
        "surface-3": "#20272d",
        "border": "#293138",
        "border-strong": "#38424b",
        "text": "#f1f4f6",
        "brand-navbar": bar,
        "brand-navbar-text": _ink(theme.navbar_text, bar),
        "link": link,
        "accent": accent,
        "on-accent": best_ink(accent),
        "accent-soft": soft,
        "accent-strong": _lightened(accent, 0.80, soft, *grounds),
        "panel-head-bg": DARK_PANEL,
        "panel-head-fg": "#f1f4f6",
    }
    for name, ground, _ in _buttons(theme):
        if name == "exit":
            tokens |= _button(name, "#262e35", "#e8ecef", towards=WHITE)
            continue
        shade = Oklch.of(ground)
        tokens |= _button(
            name,
            lighter := shade.at(min(max(shade.lightness, 0.65), 0.70)),
            best_ink(lighter),
            towards=WHITE,
        )
    return tokens | _data_colours(accent)


def _buttons(theme: Theme) -> Iterator[tuple[str, str, str]]:
    yield "primary", theme.primary_bg, theme.primary_fg
    yield "success", theme.success_bg, theme.success_fg
    yield "exit", theme.exit_bg, theme.exit_fg
    yield "delete", theme.delete_bg, theme.delete_fg


def _button(name: str, ground: str, ink: str, *, towards: str) -> dict[str, str]:
    hover = mix(towards, HOVER, ground)
    if not readable(ink, hover):
        hover = mix(WHITE if towards == BLACK else BLACK, HOVER, ground)
    return {f"btn-{name}-bg": ground, f"btn-{name}-fg": ink, f"btn-{name}-hover": hover}


def _ink(ink: str, ground: str) -> str:
    """The chosen ink, or black or white where it cannot be read."""
    return ink if readable(ink, ground) else best_ink(ground)


def _lightened(colour: str, lightness: float, *grounds: str) -> str:
    shade = Oklch.of(colour)
    return nearest_passing(shade.at(max(shade.lightness, lightness)), *grounds)


def _soft(accent: str, panel: str, share: float, inks: tuple[str, ...]) -> str:
    """The accent as a ground, thinned until the product's own inks can be read on it."""
    while share > 0.01:
        if all(readable(ink, ground := mix(accent, share, panel)) for ink in inks):
            return ground
        share -= 0.01
    return panel


def _data_colours(accent: str) -> dict[str, str]:
    """Charts: where the accent is close to the warning red, failures are slate instead."""
    shade = Oklch.of(accent)
    turn = abs((shade.hue - WARNING_HUE + 180) % 360 - 180)
    if shade.chroma < 0.06 or turn > WARNING_NEAR:
        return {"d1": accent, "d-neg": "#cf5a50"}
    return {"d1": shade.at(max(shade.lightness, 0.60)), "d-neg": SLATE}
