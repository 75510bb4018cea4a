"""Messages: the words of the reseller, one text per name and language."""

from __future__ import annotations

import json
from typing import Any

from flask import request, url_for
from flask_babel import gettext

from portal import branding, mail, wording
from portal.core.db import transaction
from portal.mail import MailName
from portal.web.forms.wording import PreviewForm, TextForm, form_of
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render
from portal.web.i18n import LANGUAGES
from portal.web.reseller import wording_words
from portal.web.reseller.blueprint import bp, can, own_reseller
from portal.web.security import FRAMING_POLICY
from portal.web.session import person
from portal.wording import WELCOME, SavedText, TextKind

INDEX, EDITOR = "reseller/wording/index.html", "reseller/wording/edit.html"


@bp.get("/configuration/messages", endpoint="wording")
def index() -> Rendered:
    """Every text, in which languages it is worded, and which mails are left out."""
    written = {(row.name, row.language): row.updated_at for row in wording.written_texts()}
    off = mail.switched_off()
    rows = [
        {
            "name": kind.name,
            "label": wording_words.LABELS[kind.name][0],
            "note": wording_words.LABELS[kind.name][1],
            "url": url_for(".wording_text", text=kind.name, language=own_reseller().language),
            "languages": [
                {
                    "label": label,
                    "url": url_for(".wording_text", text=kind.name, language=code),
                    "since": written.get((kind.name, code)),
                }
                for code, label in LANGUAGES.items()
            ],
            "switchable": kind.name in mail.SWITCHABLE,
            "is_on": kind.name not in off,
        }
        for kind in wording_words.kinds()
    ]
    return render(INDEX, rows=rows)


@bp.get("/configuration/messages/<text>/<language>")
def wording_text(text: str, language: str) -> Rendered:
    """The editor of one text in one language; for those who may not save, its words to read."""
    kind = wording_words.kind(text, language)
    saved = wording.find_text(text, language) or wording.blank_text(text, language)
    return editor(kind, saved, form_of(saved))


@bp.post("/configuration/messages/<text>/<language>")
@needs("branding")
def save_wording(text: str, language: str) -> Rendered:
    """Let these words be the reseller's."""
    kind = wording_words.kind(text, language)
    saved = wording.find_text(text, language) or wording.blank_text(text, language)
    form = TextForm(request.form)

    def save() -> bool:
        wording.save_text(
            kind,
            language,
            form.subject.data or "",
            form.document(saved.document),
            version=form.version.data or 0,
            by=person(),
        )
        return True

    if form.submit(save) is None:
        return editor(kind, saved, form, status=422)
    return go(
        url_for("reseller.wording_text", text=text, language=language),
        say=gettext("Saved. Your words are used from now on."),
    )


@bp.post("/configuration/messages/<text>/<language>/reset")
@needs("branding")
def reset_wording(text: str, language: str) -> Rendered:
    """Use the words of the product again."""
    kind = wording_words.kind(text, language)
    with transaction():
        wording.forget_text(kind, language, by=person())
    return go(
        url_for("reseller.wording_text", text=text, language=language),
        say=gettext("Your text is gone.")
        if kind == WELCOME
        else gettext("Our default is used again."),
    )


@bp.post("/configuration/messages/<text>/switch")
@needs("branding")
def switch_mail(text: str) -> Rendered:
    """Leave a mail out, or send it again."""
    wording_words.kind(text, own_reseller().language)
    on = request.form.get("on") == "1"
    with transaction():
        mail.switch_mail(MailName(text), on=on, by=person())
    say = gettext("This mail is sent from now on.") if on else gettext("This mail is left out.")
    return go(url_for("reseller.wording"), say=say)


def editor(
    kind: TextKind, saved: SavedText, form: TextForm, *, status: int = 200, **more: Any
) -> Rendered:
    """The page of one text; its policy lets it hold the preview's frame."""
    text, language = kind.name, saved.language
    label, note = wording_words.LABELS[text]
    written = {row.language for row in wording.written_texts() if row.name == text}
    delta = _json(form.delta.data) or json.dumps(saved.document.delta())
    response = render(
        EDITOR,
        status=status,
        has_errors=status == 422,
        form=form,
        preview=PreviewForm(request.form),
        kind=kind,
        is_mail=kind.name != WELCOME.name,
        saved=saved,
        label=label,
        note=note,
        language_name=LANGUAGES[language],
        fallback=LANGUAGES[own_reseller().language],
        delta=delta,
        known_pictures=json.dumps(_known_pictures(delta)),
        language_tabs=[
            (
                name,
                url_for(".wording_text", text=text, language=code),
                code == language,
                "✓" if code in written else None,
            )
            for code, name in LANGUAGES.items()
        ],
        variables=wording_words.variables(kind),
        palette=wording_words.colour_names(),
        brand_colours=_brand_colours(),
        here={"text": text, "language": language},
        staff_email=person().email,
        locked=not can("branding"),
        uid=own_reseller().uid,
        **{"alerts": [], **more},
    )
    response.headers["Content-Security-Policy"] = FRAMING_POLICY
    return response


def _brand_colours() -> list[str]:
    """The colours of the reseller's own theme, as free colours of a text."""
    theme = branding.current_theme().theme
    chosen = (theme.navbar, theme.link, theme.primary_bg, theme.success_bg, theme.delete_bg)
    return [f"c-{colour[1:]}" for colour in dict.fromkeys(chosen)]


def _known_pictures(delta: str) -> dict[str, dict[str, object]]:
    """What the editor needs to show the pictures that stand in this text."""
    if '"picture"' not in delta:
        return {}
    return {
        str(one.public_id): {"ending": one.ending, "width": one.width, "height": one.height}
        for one in branding.list_pictures()
        if str(one.public_id) in delta
    }


def _json(text: str | None) -> str:
    """What was written stays in the editor when it was refused, as long as it is JSON at all."""
    try:
        return json.dumps(json.loads(text or ""))
    except (ValueError, RecursionError):
        return ""
