"""Templates of messages: what the team begins with, and what the composer offers."""

from __future__ import annotations

import uuid
from typing import Any

from flask import request, url_for
from flask_babel import gettext

from portal import contacts, identity, prepared
from portal.core import phone
from portal.core.db import transaction
from portal.entitlements import Service
from portal.prepared import TemplateRow
from portal.web import filters
from portal.web.client.blueprint import bp
from portal.web.forms.prepared import TemplateForm
from portal.web.htmx import Rendered, go, render
from portal.web.rights import client_id, hidden_words, need
from portal.web.session import person

PAGE, EDIT = "client/messages/templates.html", "client/messages/template.html"


@bp.get("/messages/templates")
def message_templates() -> Rendered:
    """All of them, in their order, each with how it reads to somebody."""
    need(Service.SMS_MMS)
    values = _example()
    return render(
        PAGE,
        templates=[
            (one, hidden_words() or prepared.fill(one.text, values))
            for one in prepared.templates(client_id())
        ],
        may_change=person().may_change,
    )


@bp.get("/messages/templates/new")
def message_template_new() -> Rendered:
    """The form of a new one."""
    need(Service.SMS_MMS)
    return _edit_page(TemplateForm(), None)


@bp.post("/messages/templates/new")
def message_template_add() -> Rendered:
    """Keep it, or show how it reads."""
    need(Service.SMS_MMS)
    form, own_id = TemplateForm(request.form), client_id()
    made = form.submit(
        lambda: prepared.add_template(own_id, form.name.data or "", form.body.data or "")
    )
    if made is None:
        return _edit_page(form, None, status=422)
    return go(url_for(".message_templates"), say=gettext("Saved."))


@bp.get("/messages/templates/<uuid:public_id>")
def message_template(public_id: uuid.UUID) -> Rendered:
    """The form of one."""
    need(Service.SMS_MMS)
    found = prepared.template(client_id(), public_id)
    return _edit_page(TemplateForm(data={"name": found.name, "body": found.text}), found)


@bp.post("/messages/templates/<uuid:public_id>")
def message_template_save(public_id: uuid.UUID) -> Rendered:
    """Change it."""
    need(Service.SMS_MMS)
    form, own_id = TemplateForm(request.form), client_id()
    found = prepared.template(own_id, public_id)

    def save() -> bool:
        name, body = form.name.data or "", form.body.data or ""
        prepared.save_template(own_id, public_id, name, body)
        return True

    if form.submit(save) is None:
        return _edit_page(form, found, status=422)
    return go(url_for(".message_templates"), say=gettext("Saved."))


@bp.post("/messages/templates/<uuid:public_id>/delete")
def message_template_delete(public_id: uuid.UUID) -> Rendered:
    """Take it away."""
    need(Service.SMS_MMS)
    with transaction():
        gone = prepared.delete_template(client_id(), public_id)
    return go(
        url_for(".message_templates"),
        say=gettext("The template “%(name)s” is deleted.", name=gone.name),
    )


@bp.post("/messages/templates/<uuid:public_id>/move")
def message_template_move(public_id: uuid.UUID) -> Rendered:
    """One place up or down."""
    need(Service.SMS_MMS)
    with transaction():
        prepared.move_template(client_id(), public_id, up=request.form.get("up") == "1")
    return go(url_for(".message_templates"))


def composer_tools(*, sender: str, recipient: str, current: str) -> dict[str, Any]:
    """What the composer's menu wants: templates as they read to this recipient, and texts for later."""
    number = phone.normalise(recipient) or recipient
    found = [] if hidden_words() else prepared.templates(client_id())
    card = contacts.by_number(client_id(), number) if found and number else None
    values = _mine(sender) | prepared.of_contact(
        card.name if card else "",
        card.company if card else "",
        filters.phone_number(number) if number else "",
    )
    return {
        "templates": [
            {
                "name": one.name,
                "text": prepared.fill(one.text, values),
                "url": _use_url(one, recipient, current),
            }
            for one in found
        ],
        "manage_url": url_for(".message_templates"),
        "later_url": url_for(".message_later_begin"),
        "later_list_url": url_for(".messages_later"),
    }


def template_text(*, sender: str, recipient: str) -> str:
    """What the address says to begin with: ``template`` names one; empty without scripts' need of it."""
    try:
        public_id = uuid.UUID(request.args.get("template", ""))
    except ValueError:
        return ""
    tools = composer_tools(sender=sender, recipient=recipient, current="")
    wanted = f"template={public_id}"
    return next((one["text"] for one in tools["templates"] if wanted in one["url"]), "")


def _use_url(one: TemplateRow, recipient: str, current: str) -> str:
    if current:
        return url_for(".conversation", public_id=current, template=one.public_id)
    return url_for(".message_new", to=recipient or None, template=one.public_id)


def _mine(sender: str) -> dict[str, str]:
    return {
        "my name": person().name,
        "my company": identity.client_facts(client_id()).title,
        "my number": filters.phone_number(sender) if sender else "",
    }


def _example() -> dict[str, str]:
    """Somebody whom every template is read to."""
    return _mine("+16135550142") | prepared.of_contact(
        "Nadia Okafor", "Rideau Press", filters.phone_number("+16135550155")
    )


def _edit_page(form: TemplateForm, found: TemplateRow | None, *, status: int = 200) -> Rendered:
    return render(
        EDIT,
        status=status,
        has_errors=status != 200,
        form=form,
        template=found,
        variables=prepared.VARIABLES,
        preview=(found and hidden_words()) or prepared.fill(form.body.data or "", _example()),
    )
