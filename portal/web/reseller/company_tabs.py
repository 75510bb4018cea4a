"""The tabs that the menu calls company and team."""

from __future__ import annotations

from flask import current_app, url_for
from flask_babel import gettext


def tabs(current: str) -> list[tuple[str, str, bool, int | None]]:
    """Company, team, mail server and the logs; a page of which only its endpoint's last word is given."""
    pages = (
        ("company", gettext("Company")),
        ("team", gettext("Team")),
        ("mail_server", gettext("Mail server")),
        ("mail_log", gettext("Mail log")),
        ("log", gettext("Log")),
    )
    return [
        (text, url_for(f"reseller.{page}"), page == current, None)
        for page, text in pages
        if f"reseller.{page}" in current_app.view_functions
    ]
