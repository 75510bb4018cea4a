"""The texts of one client, and who stopped them: cost, price, profit; the words only where allowed."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext

from portal import identity, reports
from portal.identity import ClientFacts
from portal.reports import ReportKind
from portal.web import consents
from portal.web.forms.consents import ConsentForm
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render
from portal.web.reseller import client_words, report_pages
from portal.web.reseller.blueprint import bp
from portal.web.reseller.reports import draw


@bp.get("/clients/<uuid:public_id>/messages")
def client_texts(public_id: uuid.UUID) -> Rendered:
    """The texts of one client."""
    client = identity.client_by_public_id(public_id)
    frame = report_pages.frame_of_client(
        reports.by_kind(ReportKind.MESSAGES), "reseller.client_texts", client
    )
    return draw(
        frame,
        "reseller/texts/client.html",
        client=client_words.head(client),
        client_tabs=client_words.tabs(client, "client_texts"),
        clients_url=url_for("reseller.clients"),
        numbers_url=url_for(".client_text_numbers", public_id=public_id),
        limits_url=url_for(".client_text_limits", public_id=public_id),
        consents_url=url_for(".client_consents", public_id=public_id),
    )


@bp.get("/clients/<uuid:public_id>/consent")
def client_consents(public_id: uuid.UUID) -> Rendered:
    """Who stopped this client's texts, and who allowed them again."""
    client = identity.client_by_public_id(public_id)
    return _consents(client, consents.form_of(client.id))


@bp.post("/clients/<uuid:public_id>/consent")
@needs("clients")
def enter_client_consent(public_id: uuid.UUID) -> Rendered:
    """Write down what somebody told us, for the client."""
    client = identity.client_by_public_id(public_id)
    form = consents.form_of(client.id, request.form)
    if not consents.enter(client.id, form):
        return _consents(client, form, status=422)
    return go(url_for(".client_consents", public_id=public_id), say=gettext("Written down."))


@bp.get("/clients/<uuid:public_id>/consent.csv")
def client_consents_csv(public_id: uuid.UUID) -> Response:
    """Everything the filter finds."""
    return consents.csv_of(identity.client_by_public_id(public_id).id)


def _consents(client: ClientFacts, form: ConsentForm, *, status: int = 200) -> Rendered:
    own: dict[str, Any] = {"public_id": client.public_id}
    return render(
        "reseller/texts/consents.html",
        "partials/_consents.html" if request.method == "GET" else None,
        status=status,
        has_errors=status != 200,
        client=client_words.head(client),
        client_tabs=client_words.tabs(client, "client_texts"),
        clients_url=url_for("reseller.clients"),
        form=form,
        enter_url=url_for(".enter_client_consent", **own),
        back_url=url_for(".client_texts", **own),
        conversation_of=None,
        **consents.log_of(
            client.id,
            index=lambda **words: url_for("reseller.client_consents", **own, **words),
            export=lambda **words: url_for("reseller.client_consents_csv", **own, **words),
        ),
    )
