"""The reseller's pictures, to be put into texts."""

from __future__ import annotations

import uuid

from flask import request
from flask_babel import gettext

from portal import branding, wording
from portal.branding import Purpose
from portal.core import storage
from portal.core.errors import Refused
from portal.core.sentences import N_
from portal.web.forms.base import PortalForm
from portal.web.guards import needs
from portal.web.htmx import Rendered, render
from portal.web.reseller.blueprint import bp, own_reseller
from portal.web.reseller.wording_words import LABELS
from portal.web.security import takes_uploads

PART = "reseller/wording/_pictures.html"


@bp.get("/configuration/messages/pictures")
def text_pictures() -> Rendered:
    """Every picture to choose from."""
    return _part(PortalForm())


@bp.post("/configuration/messages/pictures")
@needs("branding")
@takes_uploads(branding.MOST_PICTURE_BYTES + 100_000)
def add_text_picture() -> Rendered:
    """Keep one more; it is the one that is chosen."""
    form = PortalForm()
    name, data = _sent()
    picture = form.check(lambda: branding.read_picture(data, purpose=Purpose.TEXT))
    kept = None
    if picture is not None:
        kept = form.submit(lambda: branding.keep_picture(picture, name=name or gettext("Picture")))
    return _part(form, chosen=str(kept.public_id) if kept else "", status=200 if kept else 422)


@bp.post("/configuration/messages/pictures/delete")
@needs("branding")
def delete_text_picture() -> Rendered:
    """Forget the chosen picture; refused while a text or the brand in use shows it."""
    form = PortalForm()
    chosen = request.form.get("text-picture", "")
    stored_as = form.submit(lambda: _delete(chosen))
    if stored_as is None:
        return _part(PortalForm(), chosen=chosen, status=422, refusal=form.form_errors[0])
    storage.discard(stored_as)
    return _part(form)


def _delete(chosen: str) -> str:
    try:
        picture = uuid.UUID(chosen)
    except ValueError:
        raise Refused(N_("Choose a picture first.")) from None
    if where := wording.texts_showing(picture):
        names = ", ".join(f"{LABELS[name][0]} ({language.upper()})" for name, language in where)
        raise Refused(
            gettext(
                "These texts show the picture. Take it out there first: %(names)s.", names=names
            )
        )
    return branding.delete_picture(picture)


def _sent() -> tuple[str, bytes]:
    """The name and the content of the file; nothing where none was chosen."""
    file = request.files.get("picture")
    if file is None:
        return "", b""
    data = file.read(branding.MOST_PICTURE_BYTES + 1)
    file.close()
    return file.filename or "", data


def _part(form: PortalForm, *, chosen: str = "", status: int = 200, refusal: str = "") -> Rendered:
    return render(
        PART,
        PART,
        status=status,
        pictures=[
            {
                "id": str(one.public_id),
                "name": one.name,
                "url": f"/r/{own_reseller().uid}{one.path}",
                "width": one.width,
                "height": one.height,
                "ending": one.ending,
            }
            for one in branding.list_pictures()
        ],
        chosen=chosen,
        sentences=form.form_errors,
        refusal=refusal,
    )
