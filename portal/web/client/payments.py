"""Adding funds: choose an amount and a way, pay at the gateway, come back and see the balance."""

from __future__ import annotations

import uuid
from typing import Any

from flask import make_response, redirect, request, url_for
from flask_babel import gettext

from portal import invoices, payments
from portal.core.db import finish_reading, transaction
from portal.core.errors import NotFound
from portal.core.money import Money
from portal.core.queue import enqueue
from portal.core.registry import settings
from portal.entitlements import Service
from portal.payments import Addresses, GatewayAway, GatewayRefuses, Intent
from portal.tasks import LOOK_AT_PAYMENT
from portal.web import payment_words
from portal.web.client import balance_tabs
from portal.web.client.blueprint import bp
from portal.web.forms.add_funds import AddFundsForm
from portal.web.guards import while_suspended
from portal.web.htmx import Rendered, go, render, wants_fragment
from portal.web.places import reseller
from portal.web.rights import client_id, need, standing
from portal.web.session import person

PAGE = "client/payments/add.html"
TOTAL = "client/payments/_total.html"
ONE, STATE = "client/payments/one.html", "client/payments/_state.html"


@bp.get("/balance/add")
def add_funds() -> Rendered:
    """Which amount, and by which way."""
    need(Service.BALANCE)
    return _page(_form())


@bp.post("/balance/add")
@while_suspended
def begin_payment() -> Rendered:
    """Write the payment down, tell the gateway, and go there."""
    need(Service.BALANCE)
    form = _form(request.form)
    begun = form.submit(
        lambda: payments.begin(
            client_id(),
            form.wanted(),
            form.gateway.data or "",
            by=person(),
            taxes=invoices.taxes_on_top(client_id(), form.wanted()),
            description=gettext("Funds for %(name)s", name=reseller().name),
        )
    )
    if begun is None:
        return _page(form, status=422)
    gateway, addresses = payments.open_gateway(begun.gateway), _addresses(begun)
    finish_reading()
    try:  # no transaction is open while the gateway thinks
        there = gateway.begin(begun, addresses)
    except (GatewayAway, GatewayRefuses) as problem:
        with transaction():
            payments.not_begun(begun.id, problem.message)
        form.refuse(problem)
        return _page(form, status=422, away=True)
    with transaction():
        payments.began(begun.id, there)
    if not wants_fragment():
        # A form may not lead to another site: the page has the link, and the way back.
        return make_response(redirect(_url("payment", begun), 303))
    return go(there.url)


@bp.get("/balance/add/total")
def funds_total() -> Rendered:
    """What the chosen amount comes to with its taxes: the part of the form that htmx asks for."""
    need(Service.BALANCE)
    if not wants_fragment():
        return go(url_for(".add_funds"))
    return render(TOTAL, **_sums(_form(request.args)))


@bp.get("/balance/payments/<uuid:public_id>")
def payment(public_id: uuid.UUID) -> Rendered:
    """How far a payment is; the page renews itself until that is decided."""
    need(Service.BALANCE)
    found = _own(public_id)
    return render(
        ONE,
        STATE,
        payment=found,
        state_text=payment_words.state(found.state),
        tone=payment_words.TONES.get(found.state, ""),
        problem=payment_words.problem(found.problem),
        gateway_name=payment_words.gateway(found.gateway),
        sums=payment_words.sums(found),
        standing=standing(),
        here_url=_url("payment", found),
        again_url=url_for(".add_funds"),
        balance_url=url_for(".balance"),
        posting_url=_posting_url(found),
    )


@bp.get("/balance/payments/<uuid:public_id>/back")
def payment_back(public_id: uuid.UUID) -> Rendered:
    """The gateway sends the payer back: what became of it is asked, never believed."""
    need(Service.BALANCE)
    found = _own(public_id)
    if found.is_open and _may_act():
        with transaction():
            enqueue(LOOK_AT_PAYMENT, intent_id=found.id)
    return go(_url("payment", found))


@bp.get("/balance/payments/<uuid:public_id>/cancelled")
def payment_cancelled(public_id: uuid.UUID) -> Rendered:
    """The payer turned round at the gateway."""
    need(Service.BALANCE)
    found = _own(public_id)
    if _may_act():
        with transaction():
            payments.cancel(found.id)
    return go(_url("payment", found))


@bp.get("/balance/payments/<uuid:public_id>/practice")
def practice(public_id: uuid.UUID) -> Rendered:
    """A page of ours that plays the gateway, where the operator lets it."""
    found = _practised(public_id)
    return render(
        "client/payments/practice.html",
        payment=found,
        sums=payment_words.sums(found),
        post_url=_url("press_practice", found),
        cancel_url=_url("payment_cancelled", found),
    )


@bp.post("/balance/payments/<uuid:public_id>/practice")
@while_suspended
def press_practice(public_id: uuid.UUID) -> Rendered:
    """One of its buttons: the gateway decides, rings, and sends the payer back."""
    found, outcome = _practised(public_id), request.form.get("outcome", "")
    if outcome not in payments.PRACTICE_OUTCOMES:
        return go(_url("practice", found))
    with transaction():
        payments.press_practice(found, outcome)
    return go(_url("payment_back", found))


def _may_act() -> bool:
    """Staff who only look press no button for the client, on the way back either."""
    return not person().acting or person().may_change


def _posting_url(found: Intent) -> str:
    """Where it stands in the books, once it was credited."""
    sheet = payments.payment_named(found.client_id, str(found.public_id))
    if sheet is None or sheet.transfer is None:
        return ""
    return url_for(".posting", public_id=sheet.transfer)


def _own(public_id: uuid.UUID) -> Intent:
    found = payments.intent(public_id)
    if found.client_id != client_id():
        raise NotFound("This payment does not exist.")
    return found


def _practised(public_id: uuid.UUID) -> Intent:
    need(Service.BALANCE)
    found = _own(public_id)
    if found.gateway != payments.PRACTICE or not settings().practice_payments:
        raise NotFound("There is no practice gateway here.")
    return found


def to_choose() -> dict[str, Any]:
    """The amounts and the ways to pay them, for the pages that ask for both."""
    return _choice(_form())


def _choice(form: AddFundsForm) -> dict[str, Any]:
    return {
        "form": form,
        "terms": form.terms,
        "gateways": form.gateways,
        **_sums(form),
    }


def _sums(form: AddFundsForm) -> dict[str, Any]:
    """What the amount comes to, and the balance after it; none while there is no amount."""
    wanted = form.wanted()
    if not Money(0) < wanted <= payments.LARGEST:
        return {"price": None, "after": None}
    price = invoices.price_of(client_id(), wanted)
    credited = price.net if price.on_top else price.total
    taxed = price.taxes or price.exemptions
    return {"price": price if taxed else None, "after": standing().balance + credited}


def _form(formdata: Any = None) -> AddFundsForm:
    return AddFundsForm(formdata, terms=payments.payment_terms(), gateways=payments.gateways_on())


def _page(form: AddFundsForm, *, status: int = 200, away: bool = False) -> Rendered:
    return render(
        PAGE,
        status=status,
        has_errors=status != 200,
        away=away,
        **_choice(form),
        standing=standing(),
        recent=[
            (row, payment_words.gateway(row.gateway), payment_words.state(row.state),
             payment_words.TONES.get(row.state, ""))
            for row in payments.last_payments(client_id())
        ],
        balance_tabs=balance_tabs.tabs("add_funds"),
        support_phone=reseller().support_phone,
        reseller_name=reseller().name,
    )  # fmt: skip


def _addresses(of: Intent) -> Addresses:
    account = payments.gateway_account(of.gateway)
    assert account is not None
    return Addresses(
        back=_url("payment_back", of, _external=True),
        cancel=_url("payment_cancelled", of, _external=True),
        notify=f"{settings().portal_url}/hooks/paypal/{account.hook}",
        practice=_url("practice", of, _external=True),
    )


def _url(endpoint: str, of: Intent, **more: Any) -> str:
    return url_for(f"client.{endpoint}", public_id=of.public_id, **more)
