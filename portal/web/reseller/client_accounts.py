"""A client's sub-accounts: creating one at the carrier, and giving one to another client."""

from __future__ import annotations

import uuid

from flask import request, url_for
from flask_babel import gettext

from portal import identity, numbers, pbx, upstream
from portal.core.db import transaction
from portal.core.errors import InvalidInput, NotFound, Refused
from portal.identity import ClientFacts, ClientFilter, ClientStatus
from portal.pbx import SubAccountRow
from portal.web.forms.sub_accounts import MoveForm, NewAccountForm
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render
from portal.web.reseller import client_words
from portal.web.reseller.blueprint import bp
from portal.web.reseller.client_links import chosen_package, offer_packages
from portal.web.session import person


@bp.get("/clients/<uuid:public_id>/sub-accounts/new")
@needs("clients")
def new_account(public_id: uuid.UUID) -> Rendered:
    """The form that creates one at the carrier, a good password filled in."""
    client = identity.client_by_public_id(public_id)
    return _new_page(client, NewAccountForm(charge_setup=True))


@bp.post("/clients/<uuid:public_id>/sub-accounts/new")
@needs("clients")
def create_account(public_id: uuid.UUID) -> Rendered:
    """Accept its creation; the carrier gets it in the background."""
    client = identity.client_by_public_id(public_id)
    form = NewAccountForm(request.form)
    offer_packages(form)
    order = form.submit(
        lambda: pbx.order_account(
            form.new(),
            client.id,
            chosen_package(form),
            reference=form.reference.data or "",
            next_billing_day=form.next_billing_day.data,
            charge_setup=form.charge_setup.data,
            by=person(),
        )
    )
    if order is None:
        return _new_page(client, form, status=422)
    return go(url_for("reseller.client_accounts", public_id=public_id))


@bp.post("/clients/<uuid:public_id>/sub-accounts/orders/<uuid:order>/stop")
@needs("clients")
def stop_account(public_id: uuid.UUID, order: uuid.UUID) -> Rendered:
    """Do not create it after all."""
    client = identity.client_by_public_id(public_id)
    with transaction():
        pbx.stop_account_order(order, client.id, by=person())
    return go(url_for("reseller.client_accounts", public_id=public_id))


@bp.post("/clients/<uuid:public_id>/sub-accounts/orders/<uuid:order>/try")
@needs("clients")
def try_account(public_id: uuid.UUID, order: uuid.UUID) -> Rendered:
    """Ask the carrier again now."""
    client = identity.client_by_public_id(public_id)
    with transaction():
        pbx.try_account_order_now(order, client.id)
    return go(url_for("reseller.client_accounts", public_id=public_id))


@bp.get("/clients/<uuid:public_id>/sub-accounts/<uuid:account>/move")
@needs("clients")
def move_account(public_id: uuid.UUID, account: uuid.UUID) -> Rendered:
    """The form that gives a sub-account to another client."""
    client = identity.client_by_public_id(public_id)
    return _move_page(client, _own(client, account), MoveForm(charge_setup=True))


@bp.post("/clients/<uuid:public_id>/sub-accounts/<uuid:account>/move")
@needs("clients")
def save_move(public_id: uuid.UUID, account: uuid.UUID) -> Rendered:
    """Give it away from now on; calls that started earlier stay this client's."""
    client = identity.client_by_public_id(public_id)
    row = _own(client, account)
    form = MoveForm(request.form)
    offer_packages(form)

    def move() -> ClientFacts:
        other = _other(client, form.number.data or "")
        if numbers.by_sub_account(client.id).get(row.id):
            raise Refused("Unlink the numbers of this sub-account first.", code="has_numbers")
        pbx.assign_package(
            account,
            other.id,
            chosen_package(form),
            next_billing_day=form.next_billing_day.data,
            charge_setup=form.charge_setup.data,
            held_by=client.id,
        )
        identity.record("account.unlinked", by=person(), client_id=client.id, account=row.account)
        identity.record("account.linked", by=person(), client_id=other.id, account=row.account)
        return other

    other = form.submit(move)
    if other is None:
        return _move_page(client, row, form, status=422)
    return go(
        url_for("reseller.client", public_id=other.public_id),
        say=gettext("%(account)s is this client's from now on.", account=row.account),
    )


def _own(client: ClientFacts, account: uuid.UUID) -> SubAccountRow:
    row = pbx.find_sub_account(account)
    if row.client_id != client.id:
        raise NotFound("There is no such sub-account.")
    return row


def _other(client: ClientFacts, number: str) -> ClientFacts:
    found = identity.find_clients(ClientFilter(text=number.strip()), rows=50)
    row = next((one for one in found.rows if one.number == number.strip()), None)
    if row is None or row.public_id == client.public_id or row.status is ClientStatus.CLOSED:
        raise InvalidInput("Enter the user ID of another client.", field="number")
    return identity.client_by_public_id(row.public_id)


def _new_page(client: ClientFacts, form: NewAccountForm, *, status: int = 200) -> Rendered:
    offer_packages(form)
    return render(
        "reseller/client/new_account.html",
        status=status,
        has_errors=status != 200,
        form=form,
        is_connected=upstream.is_connected(),
        advanced_open=any(form[name].errors for name in ("ip", "codecs", "extension")),
        client=client_words.head(client),
        clients_url=url_for("reseller.clients"),
    )


def _move_page(
    client: ClientFacts, row: SubAccountRow, form: MoveForm, *, status: int = 200
) -> Rendered:
    offer_packages(form)
    return render(
        "reseller/client/link.html",
        status=status,
        has_errors=status != 200,
        form=form,
        title=gettext("Move %(account)s", account=row.account),
        button_text=gettext("Move sub-account"),
        save_url=url_for("reseller.save_move", public_id=client.public_id, account=row.public_id),
        client=client_words.head(client),
        clients_url=url_for("reseller.clients"),
    )
