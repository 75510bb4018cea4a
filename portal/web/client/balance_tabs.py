"""The tabs of the balance: what there is, adding to it, and its papers."""

from __future__ import annotations

from flask import current_app, url_for
from flask_babel import gettext

Tab = tuple[str, str, bool, int | None]


def tabs(current: str) -> list[Tab]:
    """The pages that there are, in their order."""
    pages = (
        ("balance", gettext("Overview")),
        ("add_funds", gettext("Add funds")),
        ("invoices", gettext("Invoices")),
        ("statements", gettext("Statements")),
        ("usage", gettext("Usage")),
        ("top_up", gettext("Automatic top-up")),
    )
    return [
        (text, url_for(f"client.{page}"), page == current, None)
        for page, text in pages
        if f"client.{page}" in current_app.view_functions
    ]
