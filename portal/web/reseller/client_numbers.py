"""A client's numbers: what they cost, where they ring, and letting one go."""

from __future__ import annotations

import uuid

from flask import request, url_for
from flask_babel import gettext

from portal import identity, numbers, pbx, upstream
from portal.core.errors import NotFound
from portal.core.phone import international
from portal.identity import ClientFacts
from portal.numbers import DidRow
from portal.web.forms.numbers import ReleaseForm
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render
from portal.web.reseller import client_words
from portal.web.reseller.blueprint import bp
from portal.web.reseller.number_orders import order_shown
from portal.web.session import person


@bp.get("/clients/<uuid:public_id>/numbers")
def client_numbers(public_id: uuid.UUID) -> Rendered:
    """A client's numbers with their fees and where they ring."""
    client = identity.client_by_public_id(public_id)
    accounts = {row.id: row.account for row in pbx.sub_accounts_of(client.id)}
    dids, targets = numbers.dids_of(client.id), numbers.target_words()
    return render(
        "reseller/client/numbers.html",
        client=client_words.head(client),
        client_tabs=client_words.tabs(client, "client_numbers"),
        clients_url=url_for("reseller.clients"),
        dids=dids,
        routes={did.public_id: client_words.route_shown(did.routing, targets) for did in dids},
        accounts=accounts,
        orders=[order_shown(client, one) for one in numbers.orders_of(client.id)],
    )


@bp.get("/clients/<uuid:public_id>/numbers/<uuid:link>/unconnect")
@needs("clients")
def confirm_unconnect(public_id: uuid.UUID, link: uuid.UUID) -> Rendered:
    """Say what letting a number go means, and ask what becomes of it at the carrier."""
    client = identity.client_by_public_id(public_id)
    did = _own(client, link)
    form = ReleaseForm(silence=True, drop_forwarding=True, drop_mailbox=True)
    at_carrier = upstream.is_connected() and did.kind == "voice" and not did.is_gone
    return render(
        "reseller/client/unconnect.html",
        form=form,
        did=did,
        asked=[
            field
            for field, offered in (
                (form.silence, at_carrier),
                (form.drop_forwarding, at_carrier and did.made_forwarding),
                (form.drop_mailbox, at_carrier and did.made_mailbox),
            )
            if offered
        ],
        client=client_words.head(client),
        clients_url=url_for("reseller.clients"),
        title=gettext("Unconnect %(number)s", number=international(did.number)),
        post_url=url_for("reseller.unconnect_number", public_id=public_id, link=link),
        cancel_url=url_for("reseller.client_numbers", public_id=public_id),
    )


@bp.post("/clients/<uuid:public_id>/numbers/<uuid:link>/unconnect")
@needs("clients")
def unconnect_number(public_id: uuid.UUID, link: uuid.UUID) -> Rendered:
    """Take a number from this client; the carrier follows."""
    client = identity.client_by_public_id(public_id)
    _own(client, link)
    form = ReleaseForm(request.form)
    form.submit(lambda: numbers.order_release(link, form.wish(), client_id=client.id, by=person()))
    if form.refusal is not None:
        raise form.refusal
    return go(
        url_for("reseller.client_numbers", public_id=public_id),
        say=gettext("The number is not this client's any more."),
    )


def _own(client: ClientFacts, link: uuid.UUID) -> DidRow:
    for did in numbers.dids_of(client.id):
        if did.link_public_id == link:
            return did
    raise NotFound("This number is not connected any more.")
