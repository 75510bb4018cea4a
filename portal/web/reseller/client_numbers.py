"""A client's numbers: connecting free ones, one or many, and letting them go."""

from __future__ import annotations

import uuid

from flask import request, url_for
from flask_babel import gettext, ngettext

from portal import identity, numbers, pbx
from portal.core.db import transaction
from portal.core.errors import NotFound
from portal.core.phone import international
from portal.identity import ClientFacts
from portal.numbers import DidRow
from portal.web.forms.choices import choices
from portal.web.forms.links import ConnectForm
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render
from portal.web.reseller import client_words
from portal.web.reseller.blueprint import bp


@bp.get("/clients/<uuid:public_id>/numbers")
def client_numbers(public_id: uuid.UUID) -> Rendered:
    """A client's numbers with their fees and where they ring."""
    client = identity.client_by_public_id(public_id)
    accounts = {row.id: row.account for row in pbx.sub_accounts_of(client.id)}
    dids = numbers.dids_of(client.id)
    return render(
        "reseller/client/numbers.html",
        client=client_words.head(client),
        client_tabs=client_words.tabs(client, "client_numbers"),
        clients_url=url_for("reseller.clients"),
        dids=dids,
        routes={did.public_id: client_words.route_shown(did.routing) for did in dids},
        accounts=accounts,
    )


@bp.get("/clients/<uuid:public_id>/numbers/connect")
@needs("clients")
def connect_numbers(public_id: uuid.UUID) -> Rendered:
    """The form that connects free numbers, its fees prefilled with the defaults."""
    fees = numbers.default_did_fees()
    form = ConnectForm(
        obj=fees,
        sub_account=request.args.get("account", ""),
        charge_setup=True,
        charge_monthly=True,
    )
    return _page(identity.client_by_public_id(public_id), form)


@bp.post("/clients/<uuid:public_id>/numbers/connect")
@needs("clients")
def save_numbers(public_id: uuid.UUID) -> Rendered:
    """Connect them all, or none."""
    client = identity.client_by_public_id(public_id)
    form = ConnectForm(request.form)
    accounts = _offer(client, form)

    def connect() -> int:
        made = numbers.connect_dids(
            [uuid.UUID(one) for one in form.dids.data or ()],
            accounts[form.sub_account.data],
            form.fees(),
            client_id=client.id,
            label=form.label.data or "",
            charge_setup=form.charge_setup.data,
            charge_monthly=form.charge_monthly.data,
        )
        return len(made)

    made = form.submit(connect)
    if made is None:
        return _page(client, form, status=422)
    return go(
        url_for("reseller.client_numbers", public_id=public_id),
        say=ngettext("%(num)d number connected.", "%(num)d numbers connected.", made),
    )


@bp.get("/clients/<uuid:public_id>/numbers/<uuid:link>/unconnect")
@needs("clients")
def confirm_unconnect(public_id: uuid.UUID, link: uuid.UUID) -> Rendered:
    """Say what letting a number go means."""
    client = identity.client_by_public_id(public_id)
    did = _own(client, link)
    return render(
        "reseller/client/confirm.html",
        client=client_words.head(client),
        clients_url=url_for("reseller.clients"),
        title=gettext("Unconnect %(number)s", number=international(did.number)),
        text=gettext(
            "Its calls and texts from now on are nobody's. Earlier ones stay this client's, and no "
            "fee falls due for it any more."
        ),
        button=gettext("Unconnect"),
        post_url=url_for("reseller.unconnect_number", public_id=public_id, link=link),
        cancel_url=url_for("reseller.client_numbers", public_id=public_id),
    )


@bp.post("/clients/<uuid:public_id>/numbers/<uuid:link>/unconnect")
@needs("clients")
def unconnect_number(public_id: uuid.UUID, link: uuid.UUID) -> Rendered:
    """Take a number from this client."""
    client = identity.client_by_public_id(public_id)
    _own(client, link)
    with transaction():
        numbers.unconnect(link)
    return go(
        url_for("reseller.client_numbers", public_id=public_id),
        say=gettext("The number is free now."),
    )


def _own(client: ClientFacts, link: uuid.UUID) -> DidRow:
    for did in numbers.dids_of(client.id):
        if did.link_public_id == link:
            return did
    raise NotFound("This number is not connected any more.")


def _offer(client: ClientFacts, form: ConnectForm) -> dict[str, int]:
    """Fill in the choices; the ids of the client's sub-accounts by public id."""
    accounts = pbx.sub_accounts_of(client.id)
    form.sub_account.choices = choices((str(row.public_id), row.account) for row in accounts)
    form.dids.choices = choices(
        (str(did.public_id), f"{international(did.number)} {did.description}".strip())
        for did in numbers.free_dids()
    )
    return {str(row.public_id): row.id for row in accounts}


def _page(client: ClientFacts, form: ConnectForm, *, status: int = 200) -> Rendered:
    _offer(client, form)
    return render(
        "reseller/client/connect.html",
        status=status,
        has_errors=status != 200,
        form=form,
        client=client_words.head(client),
        clients_url=url_for("reseller.clients"),
        save_url=url_for("reseller.save_numbers", public_id=client.public_id),
        link_url=url_for("reseller.link_account", public_id=client.public_id),
        symbol=client_words.currency_symbol(),
    )
