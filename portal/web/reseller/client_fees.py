"""The fees of one client: what is unpaid, what comes, its add-ons, and what has been."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from flask import request, url_for
from flask_babel import gettext

from portal import billing, identity, ledger, numbers, pricing
from portal.core.db import transaction
from portal.core.errors import NotFound
from portal.core.money import ZERO
from portal.identity import ClientFacts
from portal.numbers import DidRow
from portal.web.fee_words import SYMBOLS, kind_words, state_words
from portal.web.forms.billing import AddOnForm, E911Form, NewAddOnForm
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render
from portal.web.reseller import client_words
from portal.web.reseller.blueprint import bp
from portal.web.reseller.due_fees import DAYS_AHEAD
from portal.web.session import person


@bp.get("/clients/<uuid:public_id>/fees")
def client_fees(public_id: uuid.UUID) -> Rendered:
    """Everything that this client pays every month."""
    client = identity.client_by_public_id(public_id)
    until = client_words.today() + timedelta(days=DAYS_AHEAD)
    fees = billing.client_fees(client.id)
    postings = ledger.postings_of(client.id, ledger.FEE, [fee.source_id for fee in fees])
    return render(
        "reseller/client/fees.html",
        client=client_words.head(client),
        client_tabs=client_words.tabs(client, "client_fees"),
        clients_url=url_for("reseller.clients"),
        coming=[
            (fee, SYMBOLS[fee.kind], kind_words(fee.kind))
            for fee in billing.client_coming(client.id, until)
        ],
        fees=[
            (fee, SYMBOLS[fee.kind], kind_words(fee.kind), *state_words(fee.state, fee.cause))
            for fee in fees
        ],
        posting_urls={
            name: url_for("reseller.client_posting", public_id=public_id, posting=posting)
            for name, posting in postings.items()
        },
        add_ons=billing.add_ons_of(client.id),
        voice=[row for row in numbers.dids_of(client.id) if row.kind == "voice"],
        today=client_words.today(),
    )


@bp.get("/clients/<uuid:public_id>/add-ons/new")
@needs("money")
def new_add_on(public_id: uuid.UUID) -> Rendered:
    """The form of an add-on."""
    client = identity.client_by_public_id(public_id)
    return _form_page(client, NewAddOnForm(first_day=client_words.today()))


@bp.post("/clients/<uuid:public_id>/add-ons")
@needs("money")
def save_new_add_on(public_id: uuid.UUID) -> Rendered:
    """Charge a client for something every month from a day on."""
    client, form = identity.client_by_public_id(public_id), NewAddOnForm(request.form)

    def add() -> None:
        assert form.amount.data is not None
        assert form.first_day.data is not None
        billing.add_add_on(
            client.id, description=form.description.data or "", amount=form.amount.data,
            first_day=form.first_day.data, until=form.until.data,
            reference=form.reference.data or "", by=person(),
        )  # fmt: skip

    form.submit(add)
    if not form.accepted:
        return _form_page(client, form, status=422)
    return _back(client, gettext("The add-on is saved."))


@bp.get("/clients/<uuid:public_id>/add-ons/<uuid:add_on>")
@needs("money")
def edit_add_on(public_id: uuid.UUID, add_on: uuid.UUID) -> Rendered:
    """The form that changes an add-on, or ends it."""
    client = identity.client_by_public_id(public_id)
    row = billing.find_add_on(add_on, client.id)
    return _form_page(client, AddOnForm(obj=row), add_on)


@bp.post("/clients/<uuid:public_id>/add-ons/<uuid:add_on>")
@needs("money")
def save_add_on(public_id: uuid.UUID, add_on: uuid.UUID) -> Rendered:
    """Let it hold for what falls due from now on."""
    client, form = identity.client_by_public_id(public_id), AddOnForm(request.form)
    billing.find_add_on(add_on, client.id)

    def change() -> None:
        assert form.amount.data is not None
        billing.change_add_on(
            add_on, client.id, description=form.description.data or "", amount=form.amount.data,
            until=form.until.data, by=person(),
        )  # fmt: skip

    form.submit(change)
    if not form.accepted:
        return _form_page(client, form, add_on, status=422)
    return _back(client, gettext("The add-on is saved."))


@bp.post("/clients/<uuid:public_id>/add-ons/<uuid:add_on>/end")
@needs("money")
def end_add_on(public_id: uuid.UUID, add_on: uuid.UUID) -> Rendered:
    """Let nothing more of it fall due."""
    client = identity.client_by_public_id(public_id)
    with transaction():
        done = billing.end_add_on(add_on, client.id, by=person())
    return _back(client, gettext("The add-on has ended.") if done else None)


@bp.get("/clients/<uuid:public_id>/numbers/<uuid:link>/e911")
@needs("clients")
def number_e911(public_id: uuid.UUID, link: uuid.UUID) -> Rendered:
    """The form that says whether a number has e911, and for how much."""
    client = identity.client_by_public_id(public_id)
    row, usual = _own_number(client, link), pricing.default_fees()
    has = row.e911_monthly is not None
    form = E911Form(
        has_e911=has,
        e911_setup=row.e911_setup if has else usual.e911_setup,
        e911_monthly=row.e911_monthly if has else usual.e911_monthly,
    )
    return _e911_page(client, row, form)


@bp.post("/clients/<uuid:public_id>/numbers/<uuid:link>/e911")
@needs("clients")
def save_number_e911(public_id: uuid.UUID, link: uuid.UUID) -> Rendered:
    """Let it hold from now on; a number that gets e911 pays its setup now."""
    client = identity.client_by_public_id(public_id)
    row, form = _own_number(client, link), E911Form(request.form)

    def save() -> None:
        monthly = form.e911_monthly.data if form.has_e911.data else None
        numbers.set_e911(link, setup=form.e911_setup.data or ZERO, monthly=monthly)
        identity.record(
            "number.e911", by=person(), client_id=client.id, number=row.number,
            has_e911=form.has_e911.data,
        )  # fmt: skip

    form.submit(save)
    if not form.accepted:
        return _e911_page(client, row, form, status=422)
    return _back(client, gettext("Saved."))


def _own_number(client: ClientFacts, link: uuid.UUID) -> DidRow:
    for row in numbers.dids_of(client.id):
        if row.link_public_id == link and row.kind == "voice":
            return row
    raise NotFound("This number is not connected any more.")


def _e911_page(client: ClientFacts, row: DidRow, form: E911Form, *, status: int = 200) -> Rendered:
    own: dict[str, Any] = {"public_id": client.public_id}
    return render(
        "reseller/client/e911.html",
        status=status,
        has_errors=status != 200,
        form=form,
        number=row,
        client=client_words.head(client),
        clients_url=url_for("reseller.clients"),
        symbol=client_words.currency_symbol(),
        save_url=url_for("reseller.save_number_e911", link=row.link_public_id, **own),
        cancel_url=url_for("reseller.client_fees", **own),
    )


def _form_page(
    client: ClientFacts, form: AddOnForm, add_on: uuid.UUID | None = None, *, status: int = 200
) -> Rendered:
    own: dict[str, Any] = {"public_id": client.public_id}
    save_url = url_for("reseller.save_new_add_on", **own)
    end_url = ""
    if add_on is not None:
        save_url = url_for("reseller.save_add_on", add_on=add_on, **own)
        end_url = url_for("reseller.end_add_on", add_on=add_on, **own)
    return render(
        "reseller/client/add_on.html",
        status=status,
        has_errors=status != 200,
        form=form,
        client=client_words.head(client),
        clients_url=url_for("reseller.clients"),
        symbol=client_words.currency_symbol(),
        save_url=save_url,
        end_url=end_url,
        cancel_url=url_for("reseller.client_fees", **own),
    )


def _back(client: ClientFacts, sentence: str | None) -> Rendered:
    return go(url_for("reseller.client_fees", public_id=client.public_id), say=sentence)
