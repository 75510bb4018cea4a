"""The tabs that the menu calls interface and access."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext


def tabs(current: str) -> list[tuple[str, str, bool, int | None]]:
    """Access, version, default fees; a page of which only its endpoint's last word is given."""
    pages = (
        ("access", gettext("Access")),
        ("version", gettext("Activation and version")),
        ("sip_servers", gettext("SIP servers")),
        ("fees", gettext("Default fees")),
        ("billing_rules", gettext("Billing")),
        ("text_rules", gettext("Text limits and costs")),
        ("exposure_rules", gettext("Call limits")),
    )
    return [(text, url_for(f"reseller.{page}"), page == current, None) for page, text in pages]
