"""Faxes by e-mail: each number's address, who may write to it, and who gets copies."""

from __future__ import annotations

import uuid

from flask import request, url_for
from flask_babel import gettext

from portal import faxmail
from portal.core.db import transaction
from portal.core.registry import settings
from portal.entitlements import Service
from portal.faxmail import Box
from portal.web.client.blueprint import bp
from portal.web.forms.fax_mail import FaxMailForm
from portal.web.guards import managers
from portal.web.htmx import Rendered, go, render
from portal.web.rights import client_id, need
from portal.web.session import person

INDEX, PAGE = "client/fax/mail.html", "client/fax/mail_box.html"


@bp.get("/faxes/e-mail")
@managers
def fax_mail() -> Rendered:
    """All fax numbers and what is set for each."""
    need(Service.FAX)
    return render(INDEX, boxes=faxmail.boxes(client_id()))


@bp.get("/faxes/e-mail/<uuid:did>")
@managers
def fax_mail_box(did: uuid.UUID) -> Rendered:
    """The settings of one number, and the last mails that came for it."""
    need(Service.FAX)
    box = faxmail.box(client_id(), did)
    return _page(box, FaxMailForm.of(box.wishes))


@bp.post("/faxes/e-mail/<uuid:did>")
@managers
def fax_mail_save(did: uuid.UUID) -> Rendered:
    """Keep them."""
    need(Service.FAX)
    form, own_id, me = FaxMailForm(request.form), client_id(), person()
    form.submit(lambda: faxmail.save(own_id, did, form.wishes(), by=me))
    if not form.accepted:
        return _page(faxmail.box(own_id, did), form, status=422)
    return go(url_for(".fax_mail_box", did=did), say=gettext("Saved."))


@bp.post("/faxes/e-mail/<uuid:did>/renew")
@managers
def fax_mail_renew(did: uuid.UUID) -> Rendered:
    """Another address and another code."""
    need(Service.FAX)
    with transaction():
        faxmail.new_address(client_id(), did, by=person())
    return go(
        url_for(".fax_mail_box", did=did),
        say=gettext("Address and code are new. The old ones no longer work."),
    )


def _page(box: Box, form: FaxMailForm, *, status: int = 200) -> Rendered:
    mail = settings().fax_mail
    return render(
        PAGE,
        status=status,
        has_errors=status != 200,
        form=form,
        box=box,
        mails=faxmail.latest(client_id(), box.did),
        listens=mail is not None,
        may_change=person().may_change,
    )
