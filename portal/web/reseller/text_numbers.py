"""What a client wants done with the texts of each number, as staff see it: never a secret, never a text."""

from __future__ import annotations

import uuid
from urllib.parse import urlsplit

from flask import request, url_for
from flask_babel import gettext

from portal import identity, messaging
from portal.core.db import transaction
from portal.messaging import NumberSettings
from portal.web import text_words
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render
from portal.web.reseller import client_words
from portal.web.reseller.blueprint import bp
from portal.web.session import person


@bp.get("/clients/<uuid:public_id>/messages/numbers")
def client_text_numbers(public_id: uuid.UUID) -> Rendered:
    """Which numbers text, and where their texts go on."""
    client = identity.client_by_public_id(public_id)
    return render(
        "reseller/texts/numbers.html",
        client=client_words.head(client),
        client_tabs=client_words.tabs(client, "client_texts"),
        clients_url=url_for("reseller.clients"),
        back_url=url_for(".client_texts", public_id=public_id),
        numbers=[
            (did, wish, *text_words.switched(did, wish), _system(wish), _switch_url(public_id, did.public_id))
            for did, wish in messaging.every_number(client.id)
        ],
    )  # fmt: skip


@bp.post("/clients/<uuid:public_id>/messages/numbers/<uuid:did>")
@needs("clients")
def switch_client_texts(public_id: uuid.UUID, did: uuid.UUID) -> Rendered:
    """Switch the texts of a number on or off, for the client."""
    client, by = identity.client_by_public_id(public_id), person()
    with transaction():
        messaging.switch_number(client.id, did, request.form.get("on") == "1", by=by)
    return go(
        url_for(".client_text_numbers", public_id=public_id),
        say=gettext("Saved. The carrier is told within a minute or two."),
    )


def _switch_url(client: uuid.UUID, did: uuid.UUID) -> str:
    return url_for(".switch_client_texts", public_id=client, did=did)


def _system(wish: NumberSettings) -> str:
    """The host of the client's own system: what else its address holds may be a key."""
    host = urlsplit(wish.callback_url).hostname if wish.callback_url else ""
    return f"{wish.callback_form.value.upper()} {host}" if host else ""
