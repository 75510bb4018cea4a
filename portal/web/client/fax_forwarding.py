"""Forwarding a fax: by e-mail to an address, or as a new fax."""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path

from flask import request, url_for
from flask_babel import gettext

from portal import fax, mail
from portal.core import storage
from portal.core.db import finish_reading
from portal.mail import Attachment
from portal.web.client.blueprint import bp
from portal.web.client.fax_composing import usual_paper
from portal.web.client.fax_lists import name_of
from portal.web.client.fax_viewing import line_of
from portal.web.forms.base import PortalForm
from portal.web.forms.fax import MailFaxForm
from portal.web.htmx import Rendered, go, render
from portal.web.rights import client_id, need_documents
from portal.web.session import person

MOST_MAILED_BYTES = 15_000_000
PAGE = "client/fax/forward.html"


@bp.get("/faxes/<uuid:public_id>/forward")
def fax_forward(public_id: uuid.UUID) -> Rendered:
    """Ask for the address."""
    need_documents()
    fax.pdf_file(client_id(), public_id)  # not found, while there is no document
    return _shown(public_id, MailFaxForm())


@bp.post("/faxes/<uuid:public_id>/forward")
def fax_mail_on(public_id: uuid.UUID) -> Rendered:
    """Mail the fax as a PDF."""
    need_documents()
    form, own_id = MailFaxForm(request.form), client_id()
    row = fax.one(own_id, public_id)
    stored_as = fax.pdf_file(own_id, public_id)
    if storage.path_of(stored_as).stat().st_size > MOST_MAILED_BYTES:
        form.form_errors = [gettext("This fax is too large for an e-mail. Download it instead.")]
        return _shown(public_id, form, status=422)
    subject = gettext("Fax of %(name)s", name=name_of(row))
    said = [
        form.note.data or "",
        gettext("%(name)s sends you this fax: %(line)s.", name=person().name, line=line_of(row)),
    ]
    form.submit(
        lambda: mail.tell_address(
            form.email.data or "",
            client_id=own_id,
            subject=subject,
            text="\n\n".join(filter(None, said)),
            attachment=Attachment(stored_as, f"fax-{row.at:%Y-%m-%d-%H%M}.pdf"),
        )
    )
    if not form.accepted:
        return _shown(public_id, form, status=422)
    said_now = gettext("The fax is on its way to %(email)s.", email=form.email.data)
    return go(url_for(".fax_one", public_id=public_id), say=said_now)


@bp.post("/faxes/<uuid:public_id>/again")
def fax_again(public_id: uuid.UUID) -> Rendered:
    """Forward a fax as a new one: its pages are the document of a draft."""
    need_documents()
    own_id, form = client_id(), PortalForm()
    path = _copied(fax.pdf_file(own_id, public_id))
    finish_reading()

    def begin() -> uuid.UUID:
        draft = fax.new_draft(own_id, paper=usual_paper(), person_id=person().person_id)
        fax.add_file(own_id, draft, name=gettext("Forwarded fax") + ".pdf", path=path)
        return draft

    made = form.submit(begin)
    if made is None:
        path.unlink(missing_ok=True)
        said = form.form_errors[0] if form.form_errors else gettext("Nothing was done.")
        return go(url_for(".fax_one", public_id=public_id), say=str(said))
    return go(url_for(".fax_draft", public_id=made))


def _shown(public_id: uuid.UUID, form: MailFaxForm, *, status: int = 200) -> Rendered:
    row = fax.one(client_id(), public_id)
    return render(
        PAGE,
        status=status,
        has_errors=status == 422,
        form=form,
        fax={
            "name": name_of(row),
            "line": line_of(row),
            "url": url_for(".fax_one", public_id=public_id),
        },
        faxes_url=url_for(".faxes"),
        send_url=url_for(".fax_mail_on", public_id=public_id),
    )


def _copied(stored_as: str) -> Path:
    path = storage.draft(ending="pdf")
    shutil.copyfile(storage.path_of(stored_as), path)
    return path
