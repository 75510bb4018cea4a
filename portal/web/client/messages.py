"""Text messages, like on a phone: conversations, one thread, and writing."""

from __future__ import annotations

import uuid

from flask import flash, request, url_for
from werkzeug.datastructures import MultiDict

from portal import messaging
from portal.entitlements import Service
from portal.web.client.blueprint import bp
from portal.web.client.composing import composer, conversation_of, form_of, recipients
from portal.web.client.contact_pane import beside
from portal.web.client.inbox import inbox
from portal.web.client.message_files import MOST_BYTES, keep_files
from portal.web.client.message_templates import template_text
from portal.web.client.threads import again_reference, mark_read, thread_of
from portal.web.forms.base import PortalForm
from portal.web.forms.messages import SmsForm
from portal.web.guards import while_suspended
from portal.web.htmx import Rendered, go, render, wants_fragment
from portal.web.rights import client_id, need
from portal.web.security import takes_uploads
from portal.web.session import person

PAGE, LIST = "client/messages/index.html", "client/messages/_list.html"
TAIL, COMPOSER = "client/messages/_tail.html", "client/messages/_composer.html"
RECIPIENTS = "client/messages/_recipients.html"


@bp.get("/messages")
def messages() -> Rendered:
    """The conversations; htmx asks for the list alone."""
    need(Service.SMS_MMS)
    return render(PAGE, LIST, open="list", **inbox())


@bp.get("/messages/new")
def message_new() -> Rendered:
    """Write to somebody new; ``to`` fills in the number."""
    need(Service.SMS_MMS)
    to = request.args.get("to", "")[:40]
    form = SmsForm(MultiDict({"recipient": to, "body": template_text(sender="", recipient=to)}))
    return render(PAGE, COMPOSER, open="thread", **inbox(), **composer(form, new=True))


@bp.get("/messages/<uuid:public_id>")
def conversation(public_id: uuid.UUID) -> Rendered:
    """One thread with the place to write; opening it is reading it."""
    need(Service.SMS_MMS)
    found = messaging.conversation(client_id(), public_id)
    mark_read(found)
    body = template_text(sender=found.own_number, recipient=found.contact)
    form = SmsForm(data={"sender": found.own_number, "recipient": found.contact, "body": body})
    return render(
        PAGE,
        open="thread",
        **inbox(current=found),
        **thread_of(found),
        **composer(form),
        **beside(found),
    )


@bp.get("/messages/<uuid:public_id>/tail")
def conversation_tail(public_id: uuid.UUID) -> Rendered:
    """The bubbles alone, asked for again when something happened in them."""
    need(Service.SMS_MMS)
    if not wants_fragment():
        return go(url_for(".conversation", public_id=public_id))
    found = messaging.conversation(client_id(), public_id)
    mark_read(found)
    return render(TAIL, TAIL, **thread_of(found))


@bp.post("/messages")
@takes_uploads(MOST_BYTES)
@while_suspended  # refused inside, where the words that were typed are kept
def messages_send() -> Rendered:
    """Send a text: accepted with its money set aside, or refused with its words kept."""
    need(Service.SMS_MMS)
    form = form_of(request.form)
    own_id, sent_by = client_id(), person().person_id
    if not messaging.was_accepted(own_id, form.reference()):
        keep_files(form)
    sent = (
        None
        if form.file.errors
        else form.submit(lambda: messaging.queue(own_id, form.draft(), person_id=sent_by))
    )
    if sent is None:
        return _refused(form)
    # By the message, not by the form: the same reference again is the text that is there already.
    found = messaging.conversation_of(own_id, sent.public_id)
    if wants_fragment() and str(found.public_id) == request.form.get("conversation"):
        return render(TAIL, TAIL, **thread_of(found))
    return go(url_for(".conversation", public_id=found.public_id))


@bp.get("/messages/recipients")
def message_recipients() -> Rendered:
    """Whom the client knows by what was typed so far: the list below the field."""
    need(Service.SMS_MMS)
    if not wants_fragment():
        return go(url_for(".message_new"))
    return render(RECIPIENTS, RECIPIENTS, matches=recipients(request.args.get("recipient", "")))


@bp.post("/messages/<uuid:public_id>/retry")
def message_retry(public_id: uuid.UUID) -> Rendered:
    """Send a failed text again: its own name is the reference, so a second press does nothing."""
    need(Service.SMS_MMS)
    form, own_id = PortalForm(), client_id()
    reference, sent_by = again_reference(public_id), person().person_id
    form.submit(lambda: messaging.retry(own_id, public_id, reference=reference, person_id=sent_by))
    for problem in form.form_errors:
        flash(problem, "bad")
    back = request.form.get("conversation", "")
    if _is_uuid(back):
        return go(url_for(".conversation", public_id=back))
    return go(url_for(".messages"))


def _refused(form: SmsForm) -> Rendered:
    """The composer again with the reason; around it what was there before."""
    found = conversation_of(form)
    parts = composer(form, new=not request.form.get("conversation"))
    if wants_fragment():
        response = render(COMPOSER, COMPOSER, status=422, **parts)
        # Morphed, not replaced: the element that sent the request must live to hear of its end.
        response.headers["HX-Retarget"] = "#composer"
        response.headers["HX-Reswap"] = "morph:outerHTML"
        return response
    if found is None or not request.form.get("conversation"):
        return render(PAGE, status=422, has_errors=True, open="thread", **inbox(), **parts)
    return render(
        PAGE,
        status=422,
        has_errors=True,
        open="thread",
        **inbox(current=found),
        **thread_of(found),
        **parts,
        **beside(found),
    )


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
