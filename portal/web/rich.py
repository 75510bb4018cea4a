"""Rich text on a page: the one place that trusts HTML, and only the renderer's own."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request
from markupsafe import Markup

from portal import wording
from portal.wording import SavedText


@dataclass(frozen=True, slots=True)
class RichText:
    """A text as a template shows it: a picture that stands first goes beside the words."""

    title: str
    beside: Markup
    body: Markup


def rich_text(text: SavedText, values: dict[str, str], *, portal: str | None = None) -> RichText:
    """The reseller's words with these facts put in; ``portal`` is where the pictures are, else here."""
    document = wording.fill(text.document, values)
    pictures = wording.shown_pictures(
        document, base=request.script_root if portal is None else portal
    )
    beside, rest = wording.picture_first(document)
    return RichText(
        wording.fill_text(text.subject, values),
        Markup(wording.page_html(beside, pictures)),
        Markup(wording.page_html(rest, pictures)),
    )
