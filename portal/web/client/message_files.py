"""Files of messages: added to one that is being written, taken away again, and shown."""

from __future__ import annotations

import uuid

from flask import Response, request, send_file, url_for
from werkzeug.datastructures import FileStorage

from portal import messaging
from portal.core import storage
from portal.core.db import transaction
from portal.core.errors import DomainError
from portal.entitlements import Service
from portal.messaging import FileRow, Room
from portal.rating.messages import MMS_FILES
from portal.web.client.blueprint import bp
from portal.web.client.composing import around, composer, form_of
from portal.web.client.inbox import inbox
from portal.web.forms.messages import SmsForm
from portal.web.htmx import Rendered, go, render, wants_fragment
from portal.web.rights import client_id, need
from portal.web.security import takes_uploads
from portal.web.session import person

PAGE, FILES = "client/messages/index.html", "client/messages/_files.html"
MOST_BYTES = 40_000_000
# Shown in place; everything else is downloaded.
_IN_PLACE = {"image/png", "image/jpeg", "image/webp", "audio/mpeg"}


@bp.get("/messages/files")
def message_files() -> Rendered:
    """The files of a draft that the browser has kept; those sent meanwhile are not among them."""
    need(Service.SMS_MMS)
    if not wants_fragment():
        return go(url_for(".message_new"))
    return render(FILES, FILES, **composer(form_of(request.args)))


@bp.post("/messages/files")
@takes_uploads(MOST_BYTES)
def change_message_files() -> Rendered:
    """Add files to the message that is being written, or take one away."""
    need(Service.SMS_MMS)
    form = form_of(request.form)
    if drop := _uuid(request.form.get("drop", "")):
        with transaction():
            messaging.drop_upload(client_id(), person().person_id, drop)
        form.file.data = [one for one in form.uploads() if one != drop]
    keep_files(form)
    return render(
        PAGE, FILES, open="thread", has_errors=bool(form.file.errors), **inbox(),
        **composer(form, new=not request.form.get("conversation")), **around(form),
    )  # fmt: skip


@bp.get("/messages/files/<uuid:public_id>")
def message_file(public_id: uuid.UUID) -> Response:
    """The file itself: a picture or a sound in place, anything else to be saved."""
    found = _file(public_id)
    in_place = found.mime in _IN_PLACE
    response = send_file(
        storage.path_of(found.stored_as),
        mimetype=found.mime,
        as_attachment=not in_place,
        download_name=f"{public_id.hex[:8]}.{found.stored_as.rpartition('.')[2]}",
        max_age=0,
    )
    return _private(response)


@bp.get("/messages/files/<uuid:public_id>/thumbnail")
def message_thumbnail(public_id: uuid.UUID) -> Response:
    """A small picture of a picture, or of the first page of a PDF."""
    found = _file(public_id)
    return _private(send_file(storage.path_of(found.thumbnail_as), mimetype="image/webp"))


def keep_files(form: SmsForm) -> None:
    """Convert and keep what was uploaded with the form; refusals stand beside the files."""
    own_id, person_id = client_id(), person().person_id
    for upload in request.files.getlist("files")[: MMS_FILES + 1]:
        if not upload.filename:
            continue
        here = messaging.uploads(own_id, person_id, form.uploads())
        try:
            file = _converted(upload, Room.beside(here))
            with transaction():
                messaging.keep_upload(own_id, person_id, file)
        except DomainError as refusal:
            refusal.field = "files"
            form.refuse(refusal)
            continue
        form.file.data = [*form.uploads(), file.public_id]


def _converted(upload: FileStorage, room: Room) -> FileRow:
    draft = storage.draft(ending="in")
    try:
        upload.save(draft)
        return messaging.for_sending(draft, name=upload.filename or "", room=room)
    finally:
        draft.unlink(missing_ok=True)


def _file(public_id: uuid.UUID) -> FileRow:
    need(Service.SMS_MMS)
    return messaging.file(client_id(), public_id, person_id=person().person_id)


def _private(response: Response) -> Response:
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
