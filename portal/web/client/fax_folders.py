"""A client's own fax folders: made, renamed, removed."""

from __future__ import annotations

import uuid

from flask import request, url_for
from flask_babel import gettext

from portal import fax
from portal.core.db import transaction
from portal.entitlements import Service
from portal.fax import Place
from portal.web.client.blueprint import bp
from portal.web.client.fax_lists import folders_of, list_of
from portal.web.client.faxes import PAGE
from portal.web.forms.fax import FolderForm
from portal.web.htmx import Rendered, go, render
from portal.web.rights import client_id, need


@bp.post("/faxes/folders")
def fax_folder_add() -> Rendered:
    """A new folder; it opens."""
    need(Service.FAX)
    form, own = FolderForm(request.form), client_id()
    made = form.submit(lambda: fax.make_folder(own, form.name.data or ""))
    if made is None:
        place = Place.INBOX
        parts = folders_of(place, form) | list_of(place)
        return render(PAGE, status=422, has_errors=True, open="folders", **parts)
    return go(url_for(".faxes", folder=made), say=gettext("The folder is there."))


@bp.post("/faxes/folders/<uuid:public_id>")
def fax_folder_rename(public_id: uuid.UUID) -> Rendered:
    """Call a folder something else."""
    need(Service.FAX)
    form, own = FolderForm(request.form, kind="rename"), client_id()
    form.submit(lambda: fax.rename_folder(own, public_id, form.name.data or ""))
    if not form.accepted:
        parts = folders_of(public_id) | list_of(public_id, rename=form)
        return render(PAGE, status=422, has_errors=True, open="list", **parts)
    return go(url_for(".faxes", folder=public_id), say=gettext("The folder has its new name."))


@bp.post("/faxes/folders/<uuid:public_id>/drop")
def fax_folder_drop(public_id: uuid.UUID) -> Rendered:
    """Remove a folder; its faxes go back to where they came from."""
    need(Service.FAX)
    with transaction():
        fax.drop_folder(client_id(), public_id)
    return go(
        url_for(".faxes"),
        say=gettext("The folder is removed; its faxes are back in the inbox or in Sent."),
    )
