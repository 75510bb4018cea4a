"""Groups of contacts: made, renamed, dropped."""

from __future__ import annotations

import uuid

from flask import request, url_for
from flask_babel import gettext

from portal import contacts as book
from portal.contacts import GroupRow
from portal.core.db import transaction
from portal.entitlements import Service
from portal.web.client.blueprint import bp
from portal.web.forms.contacts import GroupForm
from portal.web.htmx import Rendered, go, render
from portal.web.rights import client_id, need
from portal.web.session import person

PAGE, EDIT = "client/contacts/groups.html", "client/contacts/group.html"


@bp.get("/contacts/groups")
def contact_groups() -> Rendered:
    """All of them, with the form for another."""
    need(Service.CONTACTS)
    return _page(GroupForm())


@bp.post("/contacts/groups")
def contact_group_add() -> Rendered:
    """Make one."""
    need(Service.CONTACTS)
    form, own_id = GroupForm(request.form), client_id()
    if form.submit(lambda: book.make_group(own_id, form.name.data or "")) is None:
        return _page(form, status=422)
    return go(url_for(".contact_groups"), say=gettext("The group is there."))


@bp.get("/contacts/groups/<uuid:public_id>")
def contact_group(public_id: uuid.UUID) -> Rendered:
    """What one is called."""
    need(Service.CONTACTS)
    found = book.group(client_id(), public_id)
    return _edit_page(GroupForm(data={"name": found.name}), found)


@bp.post("/contacts/groups/<uuid:public_id>")
def contact_group_save(public_id: uuid.UUID) -> Rendered:
    """Rename it."""
    need(Service.CONTACTS)
    form, own_id = GroupForm(request.form), client_id()
    found = book.group(own_id, public_id)

    def save() -> bool:
        book.rename_group(own_id, public_id, form.name.data or "")
        return True

    if form.submit(save) is None:
        return _edit_page(form, found, status=422)
    return go(url_for(".contact_groups"), say=gettext("Saved."))


@bp.post("/contacts/groups/<uuid:public_id>/delete")
def contact_group_delete(public_id: uuid.UUID) -> Rendered:
    """Drop the word; its contacts stay."""
    need(Service.CONTACTS)
    with transaction():
        book.drop_group(client_id(), public_id)
    return go(
        url_for(".contact_groups"),
        say=gettext("The group is deleted. Its contacts are still there."),
    )


def _page(form: GroupForm, *, status: int = 200) -> Rendered:
    found = book.groups(client_id())
    return render(
        PAGE,
        status=status,
        has_errors=status != 200,
        form=form,
        groups=[(one, url_for(".contacts", group=one.public_id)) for one in found],
        may_change=person().may_change,
    )


def _edit_page(form: GroupForm, found: GroupRow, *, status: int = 200) -> Rendered:
    return render(EDIT, status=status, has_errors=status != 200, form=form, group=found)
