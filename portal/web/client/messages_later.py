"""Texts for later: begun in the composer, given their moment, changed, called off."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, request, url_for
from flask_babel import gettext

from portal import numbers, prepared
from portal.core import clock, phone
from portal.core.wall import Moment, moment
from portal.entitlements import Service
from portal.prepared import LaterDraft, LaterRow, LaterState
from portal.web import filters
from portal.web.client.blueprint import bp
from portal.web.forms.base import PortalForm
from portal.web.forms.choices import choices
from portal.web.forms.moments import comes_twice
from portal.web.forms.prepared import LaterForm
from portal.web.htmx import Rendered, go, render
from portal.web.places import reseller
from portal.web.rights import client_id, hidden_words, need
from portal.web.session import person

PAGE, EDIT = "client/messages/later.html", "client/messages/later_edit.html"
_SEND_AS = {"", "sms", "mms", "parts"}
_TOMORROW_AT = 9


@bp.get("/messages/later")
def messages_later() -> Rendered:
    """Those that wait, or those that are over."""
    need(Service.SMS_MMS)
    past = request.args.get("show") == "past"
    page = prepared.later_listing(client_id(), past=past, after=request.args.get("after"))
    show: dict[str, Any] = {"show": "past"} if past else {}
    older_url = url_for(".messages_later", after=page.older, **show) if page.older else ""
    return render(
        PAGE,
        rows=[_shown(row) for row in page.rows],
        past=past,
        older_url=older_url,
        shows=[
            (gettext("Waiting"), url_for(".messages_later"), not past),
            (gettext("Past"), url_for(".messages_later", show="past"), past),
        ],
        zone=person().time_zone,
        may_change=person().may_change,
    )


@bp.post("/messages/later")
def message_later_begin() -> Rendered:
    """Keep what stands in the composer, and ask when it is to go out."""
    need(Service.SMS_MMS)
    form, me, own_id = PortalForm(), person(), client_id()
    send_as = request.form.get("send_as", "")
    files = [_uuid(one) for one in request.form.getlist("file")[:3]]
    draft = LaterDraft(
        sender=request.form.get("sender", "")[:20],
        recipient=request.form.get("recipient", "")[:40],
        text=request.form.get("body", ""),
        due_at=_tomorrow(),
        files=tuple(one for one in files if one is not None),
        send_as=send_as if send_as in _SEND_AS else "",  # type: ignore[arg-type]
    )
    made = form.submit(
        lambda: prepared.begin_later(
            own_id, draft, person_id=me.person_id, country=reseller().country
        )
    )
    if made is None:
        return go(url_for(".messages"), say=form.form_errors[0])
    return go(url_for(".message_later", public_id=made))


@bp.get("/messages/later/<uuid:public_id>")
def message_later(public_id: uuid.UUID) -> Rendered:
    """What it says, to whom and when."""
    need(Service.SMS_MMS)
    row = prepared.find_later(client_id(), public_id)
    at = row.due_at.astimezone(ZoneInfo(person().time_zone))
    form = LaterForm(
        data={
            "sender": row.sender,
            "recipient": phone.international(row.contact),
            "body": row.text,
            "send_as": row.send_as if row.send_as != "sms" else "",
            "day": at.date(),
            "time": at.time().replace(second=0, microsecond=0),
        }
    )
    return _edit_page(form, row)


@bp.post("/messages/later/<uuid:public_id>")
def message_later_save(public_id: uuid.UUID) -> Rendered:
    """Let it go out then."""
    need(Service.SMS_MMS)
    form, own_id = LaterForm(request.form), client_id()
    _offer(form)
    row = prepared.find_later(own_id, public_id)

    def save() -> Moment:
        zone = ZoneInfo(person().time_zone)
        due = moment(form.day.data, form.time.data, zone, now=clock.now())
        draft = LaterDraft(
            form.sender.data, form.recipient.data or "", form.body.data or "", due.at,
            send_as=form.send_as.data,
        )  # fmt: skip
        prepared.change_later(own_id, public_id, draft, country=reseller().country)
        return due

    saved = form.submit(save)
    if saved is None:
        return _edit_page(form, row, status=422)
    said = gettext("The text goes out %(when)s.", when=filters.daytime(saved.at))
    if saved.comes_twice:
        said += " " + comes_twice()
    return go(url_for(".messages_later"), say=said)


@bp.post("/messages/later/<uuid:public_id>/cancel")
def message_later_cancel(public_id: uuid.UUID) -> Rendered:
    """It is not to go out."""
    need(Service.SMS_MMS)
    own_id = client_id()
    return _do(lambda: prepared.call_off(own_id, public_id), gettext("The text will not go out."))


@bp.post("/messages/later/<uuid:public_id>/now")
def message_later_now(public_id: uuid.UUID) -> Rendered:
    """It is to go out at once."""
    need(Service.SMS_MMS)
    own_id = client_id()
    return _do(lambda: prepared.send_now(own_id, public_id), gettext("The text is on its way."))


def _do(deed: Any, said: str) -> Rendered:
    form = PortalForm()

    def done() -> bool:
        deed()
        return True

    if form.submit(done) is None:
        flash(form.form_errors[0], "bad")
        return go(url_for(".messages_later"))
    return go(url_for(".messages_later"), say=said)


def _edit_page(form: LaterForm, row: LaterRow, *, status: int = 200) -> Rendered:
    _offer(form)
    return render(
        EDIT,
        status=status,
        has_errors=status != 200,
        form=form,
        row=row,
        text=hidden_words() or row.text,
        is_open=row.state in {LaterState.WAITING, LaterState.DRAFT} and not hidden_words(),
        is_draft=row.state is LaterState.DRAFT,
        to=row.name or filters.phone_number(row.contact),
        zone=person().time_zone,
        may_change=person().may_change,
    )


def _offer(form: LaterForm) -> None:
    form.sender.choices = choices(
        (one.number, f"{one.label}, {filters.phone_number(one.number)}" if one.label else filters.phone_number(one.number))
        for one in numbers.sms_choices(client_id())
    )  # fmt: skip


def _shown(row: LaterRow) -> dict[str, Any]:
    words, tone = {
        LaterState.SENT: (gettext("Sent"), "ok"),
        LaterState.FAILED: (gettext("Not sent"), "bad"),
        LaterState.CANCELLED: (gettext("Called off"), ""),
    }.get(row.state, (gettext("Waiting"), "info"))
    return {
        "public_id": str(row.public_id),
        "name": row.name or filters.phone_number(row.contact),
        "number": filters.phone_number(row.contact),
        "text": hidden_words() or row.text,
        "files": len(row.files),
        "when": filters.daytime(row.due_at),
        "state_text": words,
        "tone": tone,
        "problem": gettext(row.problem) if row.problem else "",
        "by": row.by or "",
        "url": url_for(".message_later", public_id=row.public_id),
    }


def _tomorrow() -> Any:
    zone = ZoneInfo(person().time_zone)
    local = clock.now().astimezone(zone) + timedelta(days=1)
    return local.replace(hour=_TOMORROW_AT, minute=0, second=0, microsecond=0)


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
