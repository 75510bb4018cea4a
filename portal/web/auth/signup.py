"""Asking for an account: the page, the link of the mail, and the wait."""

from __future__ import annotations

from flask import abort, request, url_for
from flask_babel import get_locale

from portal import identity, ledger, mail
from portal.core import live
from portal.core.db import transaction
from portal.core.errors import DomainError
from portal.core.scope import Scope, bind
from portal.identity import BalanceMode, LinkIsSpent, ResellerFacts, SignUpRules
from portal.web.auth.blueprint import bp
from portal.web.forms.signup import SignUpForm
from portal.web.htmx import Rendered, render
from portal.web.places import place, reseller
from portal.web.session import address

PAGE, CONFIRM = "auth/signup.html", "auth/signup_confirm.html"


def sign_up_url() -> str:
    """Where strangers ask for an account at the portal of this request; empty when they may not."""
    here = place().reseller
    if here is None:
        return ""
    with bind(Scope(here.id)):
        is_on = identity.sign_up_rules().is_on
    return url_for("auth.sign_up") if is_on else ""


@bp.get("/signup")
def sign_up() -> Rendered:
    """The fields that this reseller chose."""
    here, rules = _open_door()
    return _page(SignUpForm(rules=rules, country=here.country), rules)


@bp.post("/signup")
def sign_up_ask() -> Rendered:
    """Send a link to prove the e-mail; the answer is the same whoever it belongs to."""
    here, rules = _open_door()
    form = SignUpForm(request.form, rules=rules)
    details = form.details(
        country=here.country, language=str(get_locale())[:2], time_zone=here.time_zone
    )
    known = (details.email, details.first_name, details.last_name)
    # Hashed for everybody: the time it takes must not tell who is known.
    chosen = form.check(lambda: identity.choose_password(form.password.data or "", known=known))
    if chosen is None:
        return _page(form, rules, status=422)
    if not form.is_trapped:
        try:
            with bind(Scope(here.id)), transaction():
                mail.answer_sign_up(identity.begin_sign_up(details, chosen, address=address()))
        except DomainError as refusal:
            form.refuse(refusal)
            return _page(form, rules, status=429 if refusal.code == "throttled" else 422)
    return _page(form, rules, asked=True)


@bp.get("/signup/<token>")
def sign_up_link(token: str) -> Rendered:
    """A button: mail programs open links by themselves, people press buttons."""
    here, _ = _open_door()
    with bind(Scope(here.id)):
        if not identity.sign_up_is_open(token):
            raise LinkIsSpent
    return render(CONFIRM, done=False, log_in_url=url_for("auth.login"))


@bp.post("/signup/<token>")
def sign_up_confirm(token: str) -> Rendered:
    """The e-mail is proved: a client who waits, and a mail that says so."""
    here, _ = _open_door()
    with bind(Scope(here.id)), transaction():
        client = identity.finish_sign_up(token, address=address())
        ledger.open_wallet(client.id, mode=BalanceMode.SOFT)
        mail.queue_mail(mail.MailName.SIGN_UP_RECEIVED, client_id=client.id, values={})
        live.tell("attention-changed", client_id=None)
    return render(CONFIRM, done=True, log_in_url=url_for("auth.login"))


def _open_door() -> tuple[ResellerFacts, SignUpRules]:
    here = reseller()
    with bind(Scope(here.id)):
        rules = identity.sign_up_rules()
    if not rules.is_on:
        abort(404)
    return here, rules


def _page(
    form: SignUpForm, rules: SignUpRules, *, status: int = 200, asked: bool = False
) -> Rendered:
    return render(
        PAGE,
        status=status,
        form=form,
        has_errors=status != 200,
        asked=asked,
        required=rules.required,
        log_in_url=url_for("auth.login"),
    )
