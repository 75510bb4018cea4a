"""What the carrier takes for texts, and the limits of sending: for everybody, and for one client."""

from __future__ import annotations

import uuid

from flask import request, url_for
from flask_babel import gettext

from portal import identity, messaging, pricing
from portal.core.db import transaction
from portal.web.forms.text_rules import LimitsForm, TextCostsForm
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render
from portal.web.reseller import access_tabs, client_words
from portal.web.reseller.blueprint import bp
from portal.web.session import person
from portal.web.worksheets import CARRIER_CURRENCY


@bp.get("/configuration/texts")
def text_rules() -> Rendered:
    """Costs and limits on one page."""
    return _page()


@bp.post("/configuration/texts/costs")
@needs("configuration")
def save_text_costs() -> Rendered:
    """Let these costs hold from now on."""
    form, by = TextCostsForm(request.form), person()

    def save() -> bool:
        pricing.save_text_costs(form.costs())
        identity.record("texts.costs", by=by)
        return True

    if form.submit(save) is None:
        return _page(costs=form)
    return go(url_for(".text_rules"), say=gettext("The costs hold from now on."))


@bp.post("/configuration/texts/limits")
@needs("configuration")
def save_text_limits() -> Rendered:
    """The limits of every client without own ones."""
    form, by = LimitsForm(request.form), person()
    form.submit(lambda: messaging.save_limits(form.limits(), by=by))
    if not form.accepted:
        return _page(limits=form)
    return go(url_for(".text_rules"), say=gettext("The limits hold from now on."))


@bp.get("/clients/<uuid:public_id>/text-limits")
def client_text_limits(public_id: uuid.UUID) -> Rendered:
    """What holds for one client."""
    return _client_page(public_id)


@bp.post("/clients/<uuid:public_id>/text-limits")
@needs("clients")
def save_client_text_limits(public_id: uuid.UUID) -> Rendered:
    """Own limits of one client."""
    client, form, by = identity.client_by_public_id(public_id), LimitsForm(request.form), person()
    form.submit(lambda: messaging.save_limits(form.limits(), client_id=client.id, by=by))
    if not form.accepted:
        return _client_page(public_id, form)
    return go(
        url_for(".client_texts", public_id=public_id), say=gettext("The limits hold from now on.")
    )


@bp.post("/clients/<uuid:public_id>/text-limits/drop")
@needs("clients")
def drop_client_text_limits(public_id: uuid.UUID) -> Rendered:
    """The limits of everybody hold for this client again."""
    client, by = identity.client_by_public_id(public_id), person()
    with transaction():
        messaging.drop_limits(client.id, by=by)
    return go(url_for(".client_text_limits", public_id=public_id), say=gettext("Saved."))


def _page(*, costs: TextCostsForm | None = None, limits: LimitsForm | None = None) -> Rendered:
    wrong = costs is not None or limits is not None
    return render(
        "reseller/texts/rules.html",
        status=422 if wrong else 200,
        has_errors=wrong,
        access_tabs=access_tabs.tabs("text_rules"),
        costs=costs or TextCostsForm(obj=pricing.text_costs()),
        limits=limits or LimitsForm.of(messaging.default_limits()),
        currency=CARRIER_CURRENCY,
    )


def _client_page(public_id: uuid.UUID, form: LimitsForm | None = None) -> Rendered:
    client = identity.client_by_public_id(public_id)
    own = messaging.own_limits(client.id)
    return render(
        "reseller/texts/limits.html",
        status=422 if form else 200,
        has_errors=form is not None,
        client=client_words.head(client),
        client_tabs=client_words.tabs(client, "client_texts"),
        clients_url=url_for("reseller.clients"),
        form=form or LimitsForm.of(own or messaging.default_limits()),
        is_own=own is not None,
        save_url=url_for(".save_client_text_limits", public_id=public_id),
        drop_url=url_for(".drop_client_text_limits", public_id=public_id),
        back_url=url_for(".client_texts", public_id=public_id),
    )
