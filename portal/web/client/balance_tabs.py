"""The tabs of the balance: what there is, adding to it, and its papers."""
"""The pages about a client's money."""

from __future__ import annotations

from flask import current_app, url_for
from flask_babel import gettext

Tab = tuple[str, str, bool, int | None]


def tabs(current: str) -> list[Tab]:
    """The pages that there are, in their order."""
    pages = (
        ("balance", gettext("Overview")),
        ("add_funds", gettext("Add money")),
        ("invoices", gettext("Invoices")),
        ("statements", gettext("Statements")),
        ("usage", gettext("Usage")),
        ("top_up", gettext("Automatic top-up")),
    )
    return [
        (text, url_for(f"client.{page}"), page == current, None)
        for page, text in pages
        if f"client.{page}" in current_app.view_functions
Tab = tuple[str, str, bool, None]


def tabs(here: str) -> list[Tab]:
    """Their tabs, by the last word of their endpoints."""
    every = (
        ("balance", gettext("Overview")),
        ("add_funds", gettext("Add funds")),
        ("statements", gettext("Statements")),
    )
    return [
        (text, url_for(f"client.{name}"), name == here, None)
        for name, text in every
        if f"client.{name}" in current_app.view_functions
    ]
