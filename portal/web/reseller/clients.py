"""The list of clients: find, judge, act; adding and editing one."""

from __future__ import annotations

import uuid

from flask import request, url_for
from flask_babel import gettext

from portal import identity, ledger, mail, pbx, pricing
from portal.core import live
from portal.identity import (
    BalanceMode,
    ChosenPassword,
    ClientFacts,
)
from portal.web.forms.choices import choices
from portal.web.forms.clients import ClientForm, NewClientForm, values_of
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render
from portal.web.reseller import client_words
from portal.web.reseller.blueprint import bp, own_reseller
from portal.web.session import person


@bp.get("/clients/new")
@needs("clients")
def new_client() -> Rendered:
    """The form for a new client."""
    reseller = own_reseller()
    form = NewClientForm(
        country=reseller.country,
        language=reseller.language,
        time_zone=reseller.time_zone,
        balance_mode="soft",
        charge_setup=True,
    )
    return _form_page(form, None)


@bp.post("/clients")
@needs("clients")
def add_client() -> Rendered:
    """Add the client with a wallet and, where chosen, the first sub-account."""
    form = NewClientForm(request.form)
    _offer(form)
    password: ChosenPassword | None = None
    if form.password.data:
        typed = form.password.data
        known = (form.email.data or "", form.first_name.data or "", form.last_name.data or "")
        password = form.check(lambda: identity.choose_password(typed, known=known))
    made = form.submit(lambda: _add(form, password)) if form.accepted else None
    if made is None:
        return _form_page(form, None, status=422)
    return go(
        url_for("reseller.client", public_id=made.public_id),
        say=gettext("%(name)s was added.", name=made.title),
    )


@bp.get("/clients/<uuid:public_id>/edit")
@needs("clients")
def edit_client(public_id: uuid.UUID) -> Rendered:
    """The form of a client."""
    client = identity.client_by_public_id(public_id)
    return _form_page(ClientForm(data=values_of(client.details)), client)


@bp.post("/clients/<uuid:public_id>/edit")
@needs("clients")
def save_client(public_id: uuid.UUID) -> Rendered:
    """Save it; SOFT or HARD also moves the wallet's floor."""
    client = identity.client_by_public_id(public_id)
    form = ClientForm(request.form)
    saved = form.submit(lambda: _save(client, form))
    if saved is None:
        if form.refusal is not None and form.refusal.code == "changed":
            client = identity.client_by_public_id(public_id)
            form.seen.data = identity.details_mark(client.details)
            names = ", ".join(form.differences(client.details))
            sentence = gettext("Different from what is saved now: %(names)s.", names=names)
            form.form_errors = [*form.form_errors, sentence]
        return _form_page(form, client, status=422)
    return go(url_for("reseller.client", public_id=public_id), say=gettext("Saved."))


def _add(form: NewClientForm, password: ChosenPassword | None) -> ClientFacts:
    made = identity.add_client(form.details(), password=password, by=person())
    ledger.open_wallet(made.id, mode=BalanceMode(made.details.balance_mode))
    if form.sub_account.data:
        pbx.assign_package(
            uuid.UUID(form.sub_account.data),
            made.id,
            uuid.UUID(form.package.data) if form.package.data else None,
            next_billing_day=form.next_billing_day.data,
            charge_setup=form.charge_setup.data,
            only_free=True,
        )
    if form.invite.data and password is None:
        mail.send_welcome(identity.invite_client(made.id))
    live.tell("attention-changed", client_id=None)
    return made


def _save(client: ClientFacts, form: ClientForm) -> ClientFacts:
    saved = identity.edit_client(client.id, form.details(), seen=form.seen.data or "", by=person())
    ledger.set_floor(client.id, saved.details.balance_mode == BalanceMode.HARD)
    ledger.review_crossed([client.id])
    return saved


def _form_page(form: ClientForm, client: ClientFacts | None, *, status: int = 200) -> Rendered:
    if isinstance(form, NewClientForm):
        _offer(form)
        save_url, cancel_url = url_for("reseller.add_client"), url_for("reseller.clients")
    else:
        assert client is not None
        save_url = url_for("reseller.save_client", public_id=client.public_id)
        cancel_url = url_for("reseller.client", public_id=client.public_id)
    return render(
        "reseller/clients/edit.html",
        status=status,
        has_errors=status != 200,
        form=form,
        client=client_words.head(client) if client else None,
        save_url=save_url,
        cancel_url=cancel_url,
        clients_url=url_for("reseller.clients"),
        symbol=client_words.currency_symbol(),
    )


def _offer(form: NewClientForm) -> None:
    form.sub_account.choices = choices(
        [
            ("", gettext("None yet")),
            *((str(row.public_id), _account(row)) for row in pbx.free_sub_accounts()),
        ]
    )
    form.package.choices = choices(
        [
            ("", gettext("No package")),
            *((str(one.public_id), one.name) for one in pricing.package_choices()),
        ]
    )


def _account(row: pbx.SubAccountRow) -> str:
    return f"{row.account} · {row.description}" if row.description else row.account
