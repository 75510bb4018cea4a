"""Stripe's section of the page of payments: saved, tried out."""

from __future__ import annotations

from flask import request, url_for
from flask_babel import gettext

from portal import identity, payments
from portal.core.db import finish_reading, transaction
from portal.core.errors import DomainError, InvalidInput
from portal.identity import Door
from portal.payments import GatewayAccount
from portal.web.forms.stripe_settings import StripeForm
from portal.web.guards import needs
from portal.web.htmx import Rendered, go
from portal.web.reseller.blueprint import bp
from portal.web.reseller.payment_settings import page_of_stripe
from portal.web.session import person


@bp.post("/configuration/payments/stripe")
@needs("configuration")
def save_stripe() -> Rendered:
    """Keep the login once Stripe has said whose it is; clients may pay by card from now on."""
    form = StripeForm(request.form)
    account = form.check(lambda: _typed(form))
    name = "" if account is None else form.check(lambda: _whose(account))
    if account is None or name is None:
        return page_of_stripe(form, status=422)
    hook = (form.webhook_secret.data or "").strip()

    def save() -> bool:
        payments.save_gateway(
            payments.STRIPE, on=bool(form.on.data), live=account.live, public={"account": name},
            secrets={"secret_key": account.secrets["secret_key"], "webhook_secret": hook},
        )  # fmt: skip
        identity.record(
            "payments.stripe_saved", by=person(), on=bool(form.on.data), live=account.live,
            account=name,
        )  # fmt: skip
        return True

    if form.submit(save) is None:
        return page_of_stripe(form, status=422)
    return go(url_for("reseller.payments"), say=gettext("Stripe is saved."))


@bp.post("/configuration/payments/stripe/test")
@needs("configuration")
def test_stripe() -> Rendered:
    """Ask Stripe with what is typed, and keep nothing."""
    form = StripeForm(request.form)
    account = form.check(lambda: _typed(form))
    if account is None:
        return page_of_stripe(form, status=422)
    me = person()
    with transaction():
        identity.throttle.take(Door.TRIAL, reseller_id=me.reseller_id)
    problem = ""
    try:
        _whose(account)
    except DomainError as refusal:
        problem = refusal.message
    with transaction():
        identity.record("payments.tested", by=me, gateway=payments.STRIPE, problem=problem)
    return page_of_stripe(form, trial=problem or "ok")


def _typed(form: StripeForm) -> GatewayAccount:
    """What is typed as a login, with the kept key where none was typed. InvalidInput by field."""
    known = payments.gateway_account(payments.STRIPE)
    kept = dict(known.secrets) if known else {}
    key = (form.secret_key.data or "").strip() or kept.get("secret_key", "")
    if not key:
        raise InvalidInput("Enter the secret key of your Stripe account.", field="secret_key")
    secrets = {"secret_key": key}
    return GatewayAccount(payments.STRIPE, True, key[3:].startswith("live_"), {}, secrets, "")


def _whose(account: GatewayAccount) -> str:
    """Whose account the key opens, as Stripe says. No transaction is open meanwhile."""
    gateway = payments.gateway_of(account)
    finish_reading()
    return gateway.try_out()
