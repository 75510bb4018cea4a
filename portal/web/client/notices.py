"""The bell, and how a person wants to be told: by mail, in the browser, and when not."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response, jsonify, request, url_for
from flask_babel import gettext

from portal import notices
from portal.core.db import transaction
from portal.core.errors import InvalidInput
from portal.entitlements import Service
from portal.notices import NoticeRow, wording
from portal.web.client.blueprint import bp
from portal.web.forms.notices import WishForm
from portal.web.guards import own_account, while_suspended
from portal.web.htmx import Rendered, go, render
from portal.web.rights import allowed, client_id
from portal.web.session import browser, person

PAGE, LIST = "client/notices/wish.html", "client/notices/index.html"


@bp.get("/notices")
@own_account
def bell() -> Rendered:
    """The latest notices of this person."""
    rows = notices.listing(person().person_id)
    return render(
        LIST,
        rows=[_shown(row) for row in rows],
        has_new=any(not row.is_read for row in rows),
    )


@bp.post("/notices/read")
@own_account
@while_suspended
def bell_read() -> Rendered:
    """This person has looked at all of them."""
    with transaction():
        notices.mark_all_read(person().person_id)
    return go(url_for(".bell"))


@bp.get("/profile/notifications")
@own_account
def notifications() -> Rendered:
    """How this person wants to be told."""
    return _page(WishForm(data=asdict(notices.wish_of(person().person_id))))


@bp.post("/profile/notifications")
@own_account
@while_suspended
def notifications_save() -> Rendered:
    """Keep it."""
    form, own_id, me = WishForm(request.form), client_id(), person().person_id

    def save() -> bool:
        notices.save_wish(own_id, me, form.wish())
        return True

    if form.submit(save) is None:
        return _page(form, status=422)
    return go(url_for(".notifications"), say=gettext("Saved."))


@bp.post("/profile/notifications/key")
@own_account
@while_suspended
def push_key() -> Response:
    """The key that a browser binds its subscription to."""
    with transaction():
        return jsonify(key=notices.public_key())


@bp.post("/profile/notifications/browser")
@own_account
@while_suspended
def push_subscribe() -> Response:
    """Show notices in this browser from now on, or no longer."""
    given = {name: request.form.get(name, "")[:1_200] for name in ("endpoint", "key", "secret")}
    try:
        with transaction():
            if request.form.get("on") == "0":
                notices.unsubscribe(person().person_id, endpoint=given["endpoint"])
            else:
                notices.subscribe(client_id(), person().person_id, browser=browser(), **given)
    except InvalidInput as refusal:
        return _said(gettext(refusal.message), 422)
    return _said(gettext("Saved."), 200)


def _said(sentence: str, status: int) -> Response:
    answer = jsonify(said=sentence)
    answer.status_code = status
    return answer


def _page(form: WishForm, *, status: int = 200) -> Rendered:
    return render(
        PAGE,
        status=status,
        has_errors=status == 422,
        form=form,
        has_texts=Service.SMS_MMS in allowed(),
        has_faxes=Service.FAX in allowed(),
        browsers=len(notices.subscriptions_of(person().person_id)),
    )


def _shown(row: NoticeRow) -> dict[str, Any]:
    return {
        "title": wording.title(row.kind, row.who, row.times),
        "text": row.text,
        "at": row.at,
        "is_read": row.is_read,
        "icon": "message-square" if row.kind == notices.NoticeKind.TEXT else "printer",
        "url": f"{request.script_root}/{wording.place(row.kind, row.about)}",
    }
