"""The guide's tab Payment: which gateways are on, and which amounts clients may pay."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import gettext

from portal import identity, payments
from portal.core import money as amounts
from portal.core.db import finish_reading, transaction
from portal.core.errors import DomainError, InvalidInput
from portal.core.money import Money
from portal.core.registry import settings
from portal.identity import Door
from portal.payments import GatewayAccount, PaymentTerms
from portal.web.forms.payment_settings import API, EMAIL, OFF, AmountsForm, PayPalForm
from portal.web.forms.stripe_settings import StripeForm
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render
from portal.web.reseller import client_words, stripe_login
from portal.web.reseller.blueprint import bp, can
from portal.web.session import person

PAGE, TRIAL = "reseller/payments/settings.html", "reseller/payments/_trial.html"
_TRIALS = {
    "reseller.test_paypal": TRIAL,
    "reseller.test_stripe": "reseller/payments/_stripe_trial.html",
}


@bp.get("/configuration/payments", endpoint="payments")
def payments_configuration() -> Rendered:
    """PayPal, the amounts, and the practice gateway where there is one."""
    return _page(_saved_paypal(), _saved_amounts())


@bp.post("/configuration/payments/paypal")
@needs("configuration")
def save_paypal() -> Rendered:
    """Keep the login; clients may pay this way from now on."""
    form = PayPalForm(request.form)
    if form.submit(lambda: _keep_paypal(form)) is None:
        return _page(form, _saved_amounts(), status=422)
    return go(url_for("reseller.payments"), say=gettext("PayPal is saved."))


@bp.post("/configuration/payments/paypal/test")
@needs("configuration")
def test_paypal() -> Rendered:
    """Ask PayPal with what is typed, and keep nothing."""
    form = PayPalForm(request.form)
    account = form.check(lambda: _typed(form))
    if account is None:
        return _page(form, _saved_amounts(), status=422)
    me = person()
    with transaction():
        identity.throttle.take(Door.TRIAL, reseller_id=me.reseller_id)
    gateway = payments.gateway_of(account)
    finish_reading()
    problem = ""
    try:
        gateway.try_out()
    except DomainError as refusal:
        problem = refusal.message
    with transaction():
        identity.record("payments.tested", by=me, gateway=account.name, problem=problem)
    return _page(form, _saved_amounts(), trial=problem or "ok")


@bp.post("/configuration/payments/amounts")
@needs("configuration")
def save_amounts() -> Rendered:
    """Keep which amounts may be paid."""
    form = AmountsForm(request.form)

    def save() -> bool:
        payments.save_payment_terms(
            PaymentTerms(
                amounts=form.listed(),
                free_amount=bool(form.free_amount.data),
                minimum=form.minimum.data or Money(0),
                maximum=form.maximum.data or Money(0),
            )
        )
        identity.record("payments.amounts_saved", by=person(), amounts=form.amounts.data or "")
        return True

    if form.submit(save) is None:
        return _page(_saved_paypal(), form, status=422)
    return go(url_for("reseller.payments"), say=gettext("The amounts are saved."))


@bp.post("/configuration/payments/practice")
@needs("configuration")
def switch_practice() -> Rendered:
    """Offer the practice gateway to clients, or not; only where the operator lets it."""
    on = request.form.get("on") == "1"
    with transaction():
        payments.save_gateway(payments.PRACTICE, on=on, live=False, public={}, secrets={})
        identity.record("payments.practice", by=person(), on=on)
    say = gettext("The practice gateway is on.") if on else gettext("The practice gateway is off.")
    return go(url_for("reseller.payments"), say=say)


def page_of_stripe(form: StripeForm, *, trial: str = "", status: int = 200) -> Rendered:
    """The same page after something was done in Stripe's section."""
    return _page(_saved_paypal(), _saved_amounts(), status=status, stripe=form, stripe_trial=trial)


def _keep_paypal(form: PayPalForm) -> bool:
    way, live = form.way.data, bool(form.live.data)
    if way != OFF:
        _typed(form)
    payments.save_gateway(
        payments.PAYPAL_EMAIL, on=way == EMAIL, live=live, public=_public_email(form), secrets={}
    )
    payments.save_gateway(
        payments.PAYPAL, on=way == API, live=live, public=_public_api(form),
        secrets={"secret": form.secret.data or ""},
    )  # fmt: skip
    identity.record("payments.paypal_saved", by=person(), way=way, live=live)
    return True


def _typed(form: PayPalForm) -> GatewayAccount:
    """What is typed as a login, with the kept secret where none was typed. InvalidInput by field."""
    if form.way.data != API:
        public = _public_email(form)
        if not public["email"]:
            raise InvalidInput("Enter the e-mail address of the PayPal account.", field="email")
        return GatewayAccount(payments.PAYPAL_EMAIL, True, bool(form.live.data), public, {}, "")
    known, public = payments.gateway_account(payments.PAYPAL), _public_api(form)
    secret = form.secret.data or (known.secrets.get("secret", "") if known else "")
    if not public["client_id"]:
        raise InvalidInput("Enter the client ID of your PayPal application.", field="client_id")
    if not secret:
        raise InvalidInput("Enter the secret of your PayPal application.", field="secret")
    return GatewayAccount(
        payments.PAYPAL, True, bool(form.live.data), public, {"secret": secret}, ""
    )


def _public_email(form: PayPalForm) -> dict[str, str]:
    return {"email": (form.email.data or "").strip()}


def _public_api(form: PayPalForm) -> dict[str, str]:
    return {
        "client_id": (form.client_id.data or "").strip(),
        "webhook_id": (form.webhook_id.data or "").strip(),
    }


def _saved_paypal() -> PayPalForm:
    api, email = (
        payments.gateway_account(name) for name in (payments.PAYPAL, payments.PAYPAL_EMAIL)
    )
    way = API if api and api.on else EMAIL if email and email.on else OFF
    data: dict[str, Any] = {"way": way, "live": bool(api and api.live)}
    return PayPalForm(
        data=data | dict(api.public if api else {}) | dict(email.public if email else {})
    )


def _saved_amounts() -> AmountsForm:
    terms = payments.payment_terms()
    return AmountsForm(
        data={
            "amounts": ", ".join(_short(each) for each in terms.amounts),
            "free_amount": terms.free_amount,
            "minimum": terms.minimum,
            "maximum": terms.maximum,
        }
    )


def _short(amount: Money) -> str:
    text = amounts.plain(amount.micros, 6).rstrip("0").rstrip(".")
    whole, _, cents = text.partition(".")
    return f"{whole}.{cents.ljust(2, '0')}" if cents else whole


def _page(
    paypal: PayPalForm,
    terms: AmountsForm,
    *,
    trial: str = "",
    status: int = 200,
    stripe: StripeForm | None = None,
    stripe_trial: str = "",
) -> Rendered:
    api = payments.gateway_account(payments.PAYPAL)
    practice = payments.gateway_account(payments.PRACTICE)
    return render(
        PAGE,
        _TRIALS.get(request.endpoint or ""),
        status=status,
        has_errors=status != 200,
        paypal=paypal,
        amounts=terms,
        trial=trial,
        has_secret=bool(api and api.secrets.get("secret")),
        webhook_url=f"{settings().portal_url}/hooks/paypal/{api.hook}"
        if api and can("configuration")
        else "",
        practice_possible=settings().practice_payments,
        practice_on=bool(practice and practice.on),
        symbol=client_words.currency_symbol(),
        refused=payments.refused_messages() if can("configuration") else [],
        **stripe_login.context(stripe, stripe_trial),
    )
