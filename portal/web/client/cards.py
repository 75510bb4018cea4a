"""Cards: added on the gateway's own page, chosen, removed. Their numbers never come here."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from flask import request, url_for
from flask_babel import gettext

from portal import identity, payments
from portal.core.db import finish_reading, transaction
from portal.core.errors import DomainError, NotFound
from portal.core.queue import enqueue
from portal.core.registry import settings
from portal.entitlements import Service
from portal.payments import Addresses, Card, CardSaved, GatewayAway, GatewayRefuses, Saving
from portal.tasks import READ_CARD
from portal.web.client.blueprint import bp
from portal.web.guards import managers, own_account, while_suspended
from portal.web.htmx import Rendered, go, render, wants_fragment
from portal.web.rights import client_id, need
from portal.web.session import person

ADDING, PRACTICE = "client/top_up/adding.html", "client/top_up/practice.html"


@bp.post("/balance/cards")
@own_account
@managers
@while_suspended
def add_card() -> Rendered:
    """Open a page of the gateway on which a card is typed, and go there."""
    need(Service.BALANCE)
    with transaction():
        saving = payments.begin_saving(client_id())
    gateway = payments.open_card_gateway(saving.gateway)
    me = identity.client_facts(client_id())
    finish_reading()
    try:  # no transaction is open while the gateway thinks
        mark = f"{me.public_id}"
        customer = saving.customer_ref or gateway.new_customer(
            name=me.title[:100], email=me.details.email, mark=mark
        )
        there = gateway.begin_saving(
            customer, mark=str(saving.public_id), addresses=_addresses(saving)
        )
    except (GatewayAway, GatewayRefuses) as problem:
        return go(url_for(".top_up"), say=gettext(problem.message))
    with transaction():
        payments.saving_began(saving, customer, there)
    if wants_fragment() or there.url.startswith(settings().portal_url):
        return go(there.url)
    # A form may not lead to another site: the page has the link.
    return render(ADDING, card_url=there.url, check_url="", top_up_url=url_for(".top_up"))


@bp.get("/balance/cards/added/<uuid:public_id>")
@own_account
@managers
def card_back(public_id: uuid.UUID) -> Rendered:
    """The gateway sends the client back: which card it was is asked, never believed."""
    saving = _own(public_id)
    if saving.is_done:
        return go(url_for(".top_up"))
    return render(
        ADDING,
        card_url="",
        check_url=url_for(".check_card", public_id=saving.public_id),
        top_up_url=url_for(".top_up"),
    )


@bp.post("/balance/cards/added/<uuid:public_id>/check")
@own_account
@managers
@while_suspended
def check_card(public_id: uuid.UUID) -> Rendered:
    """Ask the gateway for the card and keep it; whoever gets no answer is asked for later."""
    saving = _own(public_id)
    card = _typed(saving)
    if card is None:
        with transaction():
            enqueue(READ_CARD, saving_id=saving.id)
        say = gettext("No card was added. If you typed one, it appears here in a minute.")
        return go(url_for(".top_up"), say=say)
    with transaction():
        payments.keep_card(saving, card, by=person())
    return go(url_for(".top_up"), say=gettext("The card is added."))


@bp.post("/balance/cards/<uuid:public_id>/default")
@own_account
@managers
@while_suspended
def choose_card(public_id: uuid.UUID) -> Rendered:
    """Charge this card from now on."""
    return _change(public_id, payments.make_default, gettext("This card is charged from now on."))


@bp.post("/balance/cards/<uuid:public_id>/remove")
@own_account
@managers
@while_suspended
def remove_card(public_id: uuid.UUID) -> Rendered:
    """Charge this card no more."""
    return _change(public_id, payments.remove_card, gettext("The card is removed."))


@bp.get("/balance/cards/added/<uuid:public_id>/practice")
@own_account
@managers
def practice_card(public_id: uuid.UUID) -> Rendered:
    """A page of ours that plays the gateway's, where the operator lets it."""
    saving = _practised(public_id)
    return render(
        PRACTICE,
        post_url=url_for(".press_practice_card", public_id=saving.public_id),
        cancel_url=url_for(".top_up"),
    )


@bp.post("/balance/cards/added/<uuid:public_id>/practice")
@own_account
@managers
@while_suspended
def press_practice_card(public_id: uuid.UUID) -> Rendered:
    """One of its cards: the gateway keeps it, and sends the client back."""
    saving, last4 = _practised(public_id), request.form.get("card", "")
    if last4 not in payments.PRACTICE_CARDS:
        return go(url_for(".practice_card", public_id=saving.public_id))
    with transaction():
        payments.choose_practice_card(saving.gateway_ref, last4)
    return go(url_for(".card_back", public_id=saving.public_id))


def _change(public_id: uuid.UUID, action: Callable[..., Card], say: str) -> Rendered:
    need(Service.BALANCE)
    with transaction():
        action(client_id(), public_id, by=person())
    return go(url_for(".top_up"), say=say)


def _typed(saving: Saving) -> CardSaved | None:
    if not saving.gateway_ref:
        return None
    gateway = payments.open_card_gateway(saving.gateway)
    finish_reading()
    try:
        return gateway.saved(saving.gateway_ref)
    except DomainError:
        return None


def _own(public_id: uuid.UUID) -> Saving:
    need(Service.BALANCE)
    found = payments.saving(public_id)
    if found.client_id != client_id():
        raise NotFound("This card was not begun.")
    return found


def _practised(public_id: uuid.UUID) -> Saving:
    found = _own(public_id)
    if found.gateway != payments.PRACTICE or not settings().practice_payments:
        raise NotFound("There is no practice gateway here.")
    return found


def _addresses(saving: Saving) -> Addresses:
    def to(endpoint: str) -> str:
        return url_for(f".{endpoint}", public_id=saving.public_id, _external=True)

    return Addresses(
        back=to("card_back"),
        cancel=url_for(".top_up", _external=True),
        notify="",
        practice=to("practice_card"),
    )
