"""What is done with a conversation: done, put away, deleted, given to somebody, noted, named."""

from __future__ import annotations

import uuid

from flask import flash, request, url_for
from flask_babel import gettext

from portal import messaging
from portal.core.db import transaction
from portal.entitlements import Service
from portal.messaging import ConversationRow
from portal.web import filters
from portal.web.client.blueprint import bp
from portal.web.client.composing import composer
from portal.web.client.contact_pane import beside
from portal.web.client.inbox import inbox
from portal.web.client.threads import thread_of
from portal.web.forms.base import PortalForm
from portal.web.forms.conversations import AssignForm, NoteForm
from portal.web.forms.messages import SmsForm
from portal.web.htmx import Rendered, go, render, undoable
from portal.web.rights import client_id, need
from portal.web.session import person

PAGE = "client/messages/index.html"
CONFIRM = "client/messages/delete.html"


@bp.post("/messages/<uuid:public_id>/done")
def conversation_done(public_id: uuid.UUID) -> Rendered:
    """Mark a conversation as done, or open it again."""
    need(Service.SMS_MMS)
    done = request.form.get("done") != "0"
    with transaction():
        messaging.set_done(client_id(), public_id, done, person_id=person().person_id)
    if not done:
        return go(url_for(".conversation", public_id=public_id))
    return undoable(
        url_for(".messages"),
        say=gettext("The conversation is marked as done."),
        undo_url=url_for(".conversation_done", public_id=public_id),
        fields={"done": "0"},
    )


@bp.post("/messages/<uuid:public_id>/archive")
def conversation_archive(public_id: uuid.UUID) -> Rendered:
    """Put a conversation away, or take it out again."""
    need(Service.SMS_MMS)
    archived = request.form.get("archived") != "0"
    with transaction():
        messaging.set_archived(client_id(), public_id, archived)
    if not archived:
        return go(url_for(".conversation", public_id=public_id))
    return undoable(
        url_for(".messages"),
        say=gettext("The conversation is archived."),
        undo_url=url_for(".conversation_archive", public_id=public_id),
        fields={"archived": "0"},
    )


@bp.get("/messages/<uuid:public_id>/delete")
def conversation_confirm_delete(public_id: uuid.UUID) -> Rendered:
    """What deleting takes away, before it does."""
    need(Service.SMS_MMS)
    return _confirm(messaging.conversation(client_id(), public_id), PortalForm())


@bp.post("/messages/<uuid:public_id>/delete")
def conversation_delete(public_id: uuid.UUID) -> Rendered:
    """Take the texts and files of a conversation away for good."""
    need(Service.SMS_MMS)
    form, own_id = PortalForm(), client_id()
    form.submit(lambda: messaging.delete(own_id, public_id))
    if not form.accepted:
        return _confirm(messaging.conversation(own_id, public_id), form)
    return go(url_for(".messages"), say=gettext("The conversation is deleted."))


@bp.post("/messages/<uuid:public_id>/assign")
def conversation_assign(public_id: uuid.UUID) -> Rendered:
    """Give a conversation to somebody of the team, or to nobody."""
    need(Service.SMS_MMS)
    form, own_id, me = AssignForm(request.form), client_id(), person().person_id
    form.submit(lambda: messaging.assign(own_id, public_id, form.chosen(), by_person_id=me))
    for problem in form.problems():
        flash(problem, "bad")
    return go(url_for(".conversation", public_id=public_id))


@bp.post("/messages/<uuid:public_id>/note")
def conversation_note(public_id: uuid.UUID) -> Rendered:
    """Write a note that only the team reads."""
    need(Service.SMS_MMS)
    form, own_id, me = NoteForm(request.form), client_id(), person().person_id

    def write() -> bool:
        messaging.add_note(own_id, public_id, form.note.data or "", person_id=me)
        return True

    if form.submit(write) is None:
        return _thread(messaging.conversation(own_id, public_id), note=form)
    return go(url_for(".conversation", public_id=public_id))


@bp.post("/messages/<uuid:public_id>/name")
def contact_name(public_id: uuid.UUID) -> Rendered:
    """Say who this is; an empty name shows the number again."""
    need(Service.SMS_MMS)
    with transaction():
        messaging.name_contact(client_id(), public_id, request.form.get("name", ""))
    return go(url_for(".conversation", public_id=public_id))


def _thread(found: ConversationRow, *, note: NoteForm) -> Rendered:
    """The page again, with the note that was refused."""
    form = SmsForm(data={"sender": found.own_number, "recipient": found.contact})
    return render(
        PAGE,
        status=422,
        has_errors=True,
        open="thread",
        **inbox(current=found),
        **thread_of(found),
        **composer(form),
        **beside(found, note=note),
    )


def _confirm(found: ConversationRow, form: PortalForm) -> Rendered:
    return render(
        CONFIRM,
        status=200 if form.accepted else 422,
        form=form,
        name=found.contact_name or filters.phone_number(found.contact),
        back_url=url_for(".conversation", public_id=found.public_id),
        post_url=url_for(".conversation_delete", public_id=found.public_id),
    )
