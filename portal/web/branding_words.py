"""Pairs, places and slots of a brand in words."""

from __future__ import annotations

from flask_babel import gettext

from portal.branding import Purpose


def place_name(place: Purpose) -> str:
    """Where a picture stands."""
    return {
        Purpose.LOGIN_LOGO: gettext("Login logo"),
        Purpose.HEADER: gettext("Header image"),
        Purpose.LOGIN_ART: gettext("Login background"),
        Purpose.MENU_LOGO: gettext("Logo over the menu"),
        Purpose.PAPER_LOGO: gettext("Logo on papers"),
    }[place]


def pair_name(pair: str) -> str:
    """What is hard to read when this pair fails."""
    return {
        "navbar_text": gettext("Text on the navigation bar"),
        "link_on_panel": gettext("Links on panels"),
        "link_on_page": gettext("Links on the page"),
        "text_on_panel": gettext("Text on panels"),
        "text_on_page": gettext("Text on the page"),
        "panel_head": gettext("Text in heads of panels"),
        "primary": gettext("Text of the primary button"),
        "success": gettext("Text of the success button"),
        "exit": gettext("Text of the exit button"),
        "delete": gettext("Text of the delete button"),
        "primary_on_page": gettext("The primary button on the page"),
    }[pair]
