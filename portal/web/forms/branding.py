"""The brand editor: title, the statement beside the login, every colour."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError
from wtforms.widgets import HiddenInput

from portal.branding import COLOURS, Brand, Look, Theme
from portal.web.fields import REQUIRED, WholeField
from portal.web.forms.base import PortalForm

_SHORT = re.compile(r"#?([0-9a-fA-F])([0-9a-fA-F])([0-9a-fA-F])")
_LONG = re.compile(r"#?([0-9a-fA-F]{6})")


def read_colour(text: str) -> str | None:
    """`#rrggbb` of an HTML code, with or without its sign, in three digits or six; else None."""
    typed = text.strip()
    if found := _LONG.fullmatch(typed):
        return f"#{found[1].lower()}"
    if found := _SHORT.fullmatch(typed):
        return "#" + "".join(digit * 2 for digit in found.groups()).lower()
    return None


class ColourField(StringField):
    """An HTML colour code."""

    def __init__(self, label: Any = None, **more: Any) -> None:
        kind = {"maxlength": "7", "spellcheck": "false", "autocomplete": "off"}
        super().__init__(label, render_kw=kind, **more)

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        colour = read_colour(self.data or "")
        if colour is None:
            raise ValidationError(gettext("Write the colour as # and six digits or letters."))
        self.data = colour

    def _value(self) -> str:
        return str(self.data or "").upper() if read_colour(self.data or "") else self.data or ""


class BrandingForm(PortalForm):
    """Named like ``branding.Look`` and ``branding.Theme``; ``base`` is the version it was made from."""

    base = WholeField(widget=HiddenInput())
    title = StringField(lazy_gettext("Portal title"), [InputRequired(REQUIRED), Length(max=80)])
    claim = StringField(lazy_gettext("Statement beside the login"), [Optional(), Length(max=120)])
    claim_text = TextAreaField(lazy_gettext("Text under it"), [Optional(), Length(max=300)])
    background = ColourField(lazy_gettext("Page background"))
    navbar = ColourField(lazy_gettext("Navigation bar"))
    navbar_text = ColourField(lazy_gettext("Navigation text"))
    link = ColourField(lazy_gettext("Links"))
    text = ColourField(lazy_gettext("Text"))
    primary_bg = ColourField(lazy_gettext("Primary button, background"))
    primary_fg = ColourField(lazy_gettext("Primary button, text"))
    success_bg = ColourField(lazy_gettext("Success button, background"))
    success_fg = ColourField(lazy_gettext("Success button, text"))
    exit_bg = ColourField(lazy_gettext("Exit button, background"))
    exit_fg = ColourField(lazy_gettext("Exit button, text"))
    delete_bg = ColourField(lazy_gettext("Delete button, background"))
    delete_fg = ColourField(lazy_gettext("Delete button, text"))
    panel_bg = ColourField(lazy_gettext("Panels"))
    panel_head_bg = ColourField(lazy_gettext("Heads of panels"))
    panel_head_fg = ColourField(lazy_gettext("Text in heads of panels"))
    dark = BooleanField(lazy_gettext("Dark theme"))
    accept_low = BooleanField(lazy_gettext("Publish although some text is hard to read"))

    @classmethod
    def of(cls, brand: Brand) -> BrandingForm:
        """The form of what is published now."""
        values = {
            "base": brand.version,
            "title": brand.title,
            "claim": brand.claim,
            "claim_text": brand.claim_text,
        }
        return cls(data=values | brand.theme.stored())

    def paint(self, theme: Theme) -> None:
        """Other colours, the rest stays; light only or both stays too."""
        for name in COLOURS:
            self[name].data = getattr(theme, name)

    def theme(self, otherwise: Theme) -> Theme:
        """The colours as they are typed; where one is half typed, the published one."""
        found = {
            name: read_colour(self[name].data or "") or getattr(otherwise, name) for name in COLOURS
        }
        return Theme(**found, dark=bool(self.dark.data))

    def look(self, otherwise: Look) -> Look:
        """Title, colours and statement; the pictures are those of ``otherwise``."""
        return Look(
            (self.title.data or "").strip()[:80] or otherwise.title,
            self.theme(otherwise.theme),
            otherwise.pictures,
            (self.claim.data or "").strip()[:120],
            (self.claim_text.data or "").strip()[:300],
        )
