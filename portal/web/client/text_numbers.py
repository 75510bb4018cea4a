"""What happens to the texts that arrive at each number: copies, forwarding, and the client's own system."""

from __future__ import annotations

import uuid
from typing import Any

from flask import request, url_for
from flask_babel import gettext

from portal import identity, messaging
from portal.core.db import transaction
from portal.core.errors import InvalidInput
from portal.entitlements import Service
from portal.identity import Door, Throttled
from portal.messaging import RelayRow, RelayState, Way
from portal.web import filters, text_words
from portal.web.client.blueprint import bp
from portal.web.client.text_tabs import tabs
from portal.web.forms.text_numbers import TextNumberForm
from portal.web.guards import managers
from portal.web.htmx import Rendered, go, render
from portal.web.rights import client_id, need
from portal.web.session import person

PAGE = "client/messages/number.html"


@bp.get("/messages/numbers")
@managers
def text_numbers() -> Rendered:
    """The numbers that can text."""
    need(Service.SMS_MMS)
    return render(
        "client/messages/numbers.html",
        tabs_of_texts=tabs("numbers"),
        numbers=[
            (did, *text_words.switched(did, wish), url_for(".text_number", public_id=did.public_id))
            for did, wish in messaging.every_number(client_id())
        ],
    )


@bp.get("/messages/numbers/<uuid:public_id>")
@managers
def text_number(public_id: uuid.UUID) -> Rendered:
    """The settings of one number, and the log of what went on from it."""
    need(Service.SMS_MMS)
    return _page(public_id)


@bp.post("/messages/numbers/<uuid:public_id>")
@managers
def save_text_number(public_id: uuid.UUID) -> Rendered:
    """Keep what is wished."""
    need(Service.SMS_MMS)
    form, own_id, by = TextNumberForm(request.form), client_id(), person()
    form.submit(lambda: messaging.save_number_settings(own_id, public_id, form.wish(), by=by))
    if not form.accepted:
        return _page(public_id, form)
    return go(url_for(".text_number", public_id=public_id), say=gettext("Saved."))


@bp.post("/messages/numbers/<uuid:public_id>/test")
@managers
def test_text_number(public_id: uuid.UUID) -> Rendered:
    """Tell the client's system of a made-up text."""
    need(Service.SMS_MMS)
    try:
        _not_too_often(public_id)
        with transaction():
            messaging.send_test(client_id(), public_id)
    except Throttled as refusal:
        return _page(public_id, wait=refusal.seconds)
    except InvalidInput as refusal:
        form = _filled(public_id)
        form.refuse(refusal)
        return _page(public_id, form)
    return go(
        url_for(".text_number", public_id=public_id, _anchor="relays"),
        say=gettext("A test is on its way. Its answer appears in the log."),
    )


@bp.post("/messages/numbers/<uuid:public_id>/secret")
@managers
def renew_text_secret(public_id: uuid.UUID) -> Rendered:
    """Another secret, at once."""
    need(Service.SMS_MMS)
    with transaction():
        messaging.renew_callback_secret(client_id(), public_id)
    return go(url_for(".text_number", public_id=public_id), say=gettext("There is a new secret."))


@bp.post("/messages/numbers/<uuid:public_id>/again")
@managers
def relay_again(public_id: uuid.UUID) -> Rendered:
    """Begin anew with one line of the log."""
    need(Service.SMS_MMS)
    try:
        relay = uuid.UUID(request.form.get("relay", ""))
    except ValueError:
        relay = uuid.UUID(int=0)
    try:
        _not_too_often(public_id)
        with transaction():
            messaging.try_again(client_id(), public_id, relay)
    except Throttled as refusal:
        return _page(public_id, wait=refusal.seconds)
    return go(url_for(".text_number", public_id=public_id, _anchor="relays"))


def _not_too_often(public_id: uuid.UUID) -> None:
    """Each press calls a system that somebody named; Throttled says how long to wait.

    For a number that is not the client's nothing is counted: NotFound.
    """
    with transaction():
        messaging.number_settings(client_id(), public_id)
        identity.throttle.take(Door.CALLBACK, account=f"client:{client_id()}")


def _filled(public_id: uuid.UUID) -> TextNumberForm:
    return TextNumberForm(obj=messaging.number_settings(client_id(), public_id))


def _page(public_id: uuid.UUID, form: TextNumberForm | None = None, *, wait: int = 0) -> Rendered:
    """The number's page; ``wait`` are the seconds until the client's system may be called again."""
    wish = messaging.number_settings(client_id(), public_id)
    page = messaging.relays(client_id(), public_id, after=request.args.get("after"))
    own: dict[str, Any] = {"public_id": public_id}
    return render(
        PAGE,
        status=429 if wait else 422 if form else 200,
        wait=wait,
        has_errors=form is not None,
        tabs_of_texts=tabs("numbers"),
        number=wish.number,
        form=form or TextNumberForm(obj=wish),
        has_secret=bool(wish.secret),
        secret="" if person().acting else wish.secret,  # the client's own, and no staff's
        can_test=bool(wish.callback_url),
        save_url=url_for(".save_text_number", **own),
        test_url=url_for(".test_text_number", **own, _anchor="wait"),
        secret_url=url_for(".renew_text_secret", **own),
        again_url=url_for(".relay_again", **own, _anchor="wait"),
        relays=[(row, *_words(row)) for row in page.rows],
        older_url=url_for(".text_number", **own, after=page.older) if page.older else "",
        newer_url=url_for(".text_number", **own) if request.args.get("after") else "",
        conversation_of=lambda row: url_for(".conversation", public_id=row.conversation),
    )


def _words(row: RelayRow) -> tuple[str, str, str, str]:
    """How, state and its tone, and what was answered."""
    ways = {
        Way.EMAIL.value: gettext("E-mail"),
        Way.FORWARD.value: gettext("Forwarded"),
        Way.URL.value: gettext("Your system"),
    }
    states = {
        RelayState.WAITING.value: (gettext("Waiting"), "warn"),
        RelayState.TRYING.value: (gettext("Being tried"), "info"),
        RelayState.UNWANTED.value: (gettext("No longer wanted"), ""),
        RelayState.DONE.value: (gettext("Done"), "ok"),
        RelayState.FAILED.value: (gettext("Given up"), "bad"),
    }
    said = (
        row.last_answer
        if row.way == Way.URL
        else gettext(row.last_answer)
        if row.last_answer
        else ""
    )
    return ways[row.way], *states[row.state], said or filters.NOTHING
