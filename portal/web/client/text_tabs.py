"""The pages behind Messages that are not messages."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext

from portal.web.session import person

Tab = tuple[str, str, bool, None]


def tabs(here: str) -> list[Tab]:
    """Their tabs: what concerns the whole account is for those who lead it."""
    every = [
        ("consent", gettext("Consent"), url_for("client.consents"), False),
        ("numbers", gettext("Numbers"), url_for("client.text_numbers"), True),
        ("answers", gettext("Automatic replies"), url_for("client.text_answers"), True),
    ]
    may = person().may_manage
    return [(text, url, name == here, None) for name, text, url, leads in every if may or not leads]
