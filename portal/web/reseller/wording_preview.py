"""A text as a client would see it: in a frame of the editor, or sent to the person who writes it."""

from __future__ import annotations

import re
from dataclasses import replace

from flask import Response, make_response, render_template, request, url_for
from flask_babel import gettext
from markupsafe import escape

from portal import branding, identity, mail, wording
from portal.core.db import finish_reading
from portal.identity import ClientFacts, Door
from portal.mail import MailName, Recipient, Written
from portal.web.forms.wording import PreviewForm, TextForm
from portal.web.guards import needs
from portal.web.htmx import Rendered, render, wants_fragment
from portal.web.reseller import wording_samples, wording_words
from portal.web.reseller.blueprint import bp, own_reseller
from portal.web.reseller.wording import editor
from portal.web.rich import rich_text
from portal.web.security import FRAMED_POLICY, MAIL_POLICY
from portal.web.session import address, person
from portal.wording import WELCOME, SavedText, TextKind

ALERT = "partials/_alert.html"
_MOST_COLOURS = 60
_DIGITS = re.compile(r"[0-9a-f]{6}")


@bp.get("/configuration/messages/<text>/<language>/preview")
def preview_wording(text: str, language: str) -> Response:
    """What is saved, in a frame."""
    kind = wording_words.kind(text, language)
    return _frame(kind, wording.find_text(text, language), PreviewForm(request.args), language)


@bp.post("/configuration/messages/<text>/<language>/preview")
@needs("branding")
def preview_draft(text: str, language: str) -> Response:
    """What is being written, in a frame; nothing is saved."""
    kind = wording_words.kind(text, language)
    preview = PreviewForm(request.form)
    form = TextForm(request.form)
    draft = preview.check(lambda: _draft(kind, language, form))
    if preview.sentences:
        return _page_frame(None, preview.sentences)
    return _frame(kind, draft, preview, language)


@bp.post("/configuration/messages/<text>/<language>/test")
@needs("branding")
def test_wording(text: str, language: str) -> Rendered:
    """Send what is being written to the person who writes it, through the usual way."""
    kind = wording_words.kind(text, language)
    saved = wording.find_text(text, language) or wording.blank_text(text, language)
    form, preview = TextForm(request.form), PreviewForm(request.form)
    me = person()

    def send() -> bool:
        identity.throttle.take(Door.TEST_MAIL, account=str(me.person_id), address=address())
        draft = _draft(kind, language, form)
        client = wording_samples.client_like(preview.who.data or "")
        about = wording_samples.recipient(client, language)
        mail.send_test(
            MailName(kind.name),
            draft,
            to=Recipient(me.email, me.name, "", me.language),
            about=about,
            values=wording_samples.values(kind, client, language),
        )
        return True

    preview.submit(send)
    said = preview.sentences[0] if preview.sentences else _on_its_way(me.email)
    alert = {"tone": "bad" if preview.sentences else "ok", "text": said, "id": "test-result"}
    if wants_fragment():
        return render(ALERT, ALERT, alert=alert)
    return editor(kind, saved, form, alerts=[alert])


@bp.get("/configuration/messages/colours.css")
def text_colours() -> Response:
    """Classes of free colours, for the editor and its frame; the portal's own are in the brand's."""
    wanted = request.args.get("c", "").split("-")[:_MOST_COLOURS]
    colours = [f"#{digits}" for digits in wanted if _DIGITS.fullmatch(digits)]
    finish_reading()
    response = make_response(branding.colour_classes(colours, branding.Theme()))
    response.mimetype = "text/css"
    return response


def _draft(kind: TextKind, language: str, form: TextForm) -> SavedText | None:
    """What is being written; None when nothing is, for then our own words are used."""
    saved = wording.find_text(kind.name, language) or wording.blank_text(kind.name, language)
    document = form.document(saved.document)
    subject = identity.one_line(form.subject.data or "")[:200]
    if document.is_empty and not subject:
        return None
    return replace(saved, subject=subject, document=document)


def _frame(kind: TextKind, text: SavedText | None, preview: PreviewForm, language: str) -> Response:
    client = wording_samples.client_like(preview.who.data or "")
    if kind.name == WELCOME.name:
        return _page_frame(text, [], wording_samples.page_values(client))
    about = wording_samples.recipient(client, language)
    written = _written(MailName(kind.name), kind, text, about, client, language)
    finish_reading()
    head = [
        (gettext("To"), f"{about.first_name} {about.last_name} <{about.email}>"),
        (gettext("Title"), written.subject),
    ]
    if preview.as_.data == "text":
        lines = "".join(f"{label}: {value}\n" for label, value in head)
        response = make_response(f"{lines}\n{written.text}")
        response.mimetype = "text/plain"
    else:
        response = make_response(_with_head(written.html, head))
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response


def _written(
    name: MailName,
    kind: TextKind,
    text: SavedText | None,
    about: Recipient,
    client: ClientFacts | None,
    language: str,
) -> Written:
    values = wording_samples.values(kind, client, language)
    reseller = own_reseller()
    if text is None:
        return mail.in_our_words(name, about, reseller, values=values)
    here = f"{request.host_url}r/{reseller.uid}"
    return mail.in_own_words(text, about, reseller, values=values, pictures_at=here)


def _with_head(html: str, head: list[tuple[str, str]]) -> str:
    """The mail with what a mail program shows above it."""
    before, tag, after = html.partition("<body")
    attributes, end, body = after.partition(">")
    lines = "".join(
        f'<div><span style="color:#616c75">{escape(label)}:</span> {escape(value)}</div>'
        for label, value in head
    )
    style = "margin:-24px -12px 24px;padding:12px 16px;background:#ffffff;font-size:13px;border-bottom:1px solid #cdd3d8"
    return f'{before}{tag}{attributes}{end}<div style="{style}">{lines}</div>{body}'


def _page_frame(
    text: SavedText | None, sentences: list[str], values: dict[str, str] | None = None
) -> Response:
    """The welcome text in the reseller's brand, as on the dashboard."""
    uid = own_reseller().uid
    colours = sorted(text.document.free_colours) if text else []
    welcome = rich_text(text, values or {}, portal=f"/r/{uid}") if text else None
    sheet = branding.stylesheet().hash
    finish_reading()
    response = make_response(
        render_template(
            "reseller/wording/_page_frame.html",
            welcome=welcome,
            sentences=sentences,
            brand_sheet=f"/r/{uid}/brand.{sheet}.css",
            colours_url=url_for(".text_colours", c="-".join(one[1:] for one in colours))
            if colours
            else "",
        )
    )
    response.headers["Content-Security-Policy"] = FRAMED_POLICY
    return response


def _on_its_way(email: str) -> str:
    return gettext("A test is on its way to %(email)s.", email=email)
