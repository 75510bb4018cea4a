"""The setup page: there while the installation is empty, and gone for ever afterwards."""

from __future__ import annotations

from flask import abort, request, url_for
from flask_babel import get_locale, gettext

from portal import identity
from portal.core.db import transaction
from portal.core.scope import unscoped
from portal.identity import ChosenPassword, Door, Entered
from portal.web.auth.blueprint import bp
from portal.web.forms.first_run import FirstRunForm
from portal.web.htmx import Rendered, go, render
from portal.web.places import place
from portal.web.session import address, browser, remember


@bp.get("/setup")
def setup() -> Rendered:
    """Ask for the company and its owner."""
    _while_empty()
    return _page(FirstRunForm(language=str(get_locale())))


@bp.post("/setup")
def set_up() -> Rendered:
    """Make them, log the owner in, and go on with the carrier."""
    _while_empty()
    form = FirstRunForm(request.form)
    with unscoped("there is no reseller yet"), transaction():
        taken = identity.throttle.take(Door.SETUP, address=address())
    known = (form.name.data or "", form.owner_name.data or "", form.email.data or "")
    chosen = form.check(lambda: identity.choose_password(form.password.data or "", known=known))

    def make(password: ChosenPassword) -> Entered:
        entered = identity.set_up(
            form.token.data or "", form.company(), password, address=address(), browser=browser()
        )
        identity.throttle.succeeded(taken)
        return entered

    entered = None
    if chosen is not None:
        with unscoped("there is no reseller yet"):
            entered = form.submit(lambda: make(chosen))
    if entered is None:
        return _page(form, status=422)
    response = go(
        url_for("reseller.carrier"),
        say=gettext("Welcome. Connect the carrier now, or later under Configuration."),
    )
    return remember(response, entered.token, expires_at=entered.cookie_expires_at)


def _while_empty() -> None:
    if not place().is_installation or not identity.setup_is_open():
        abort(404)


def _page(form: FirstRunForm, *, status: int = 200) -> Rendered:
    return render("auth/setup.html", status=status, has_errors=status != 200, form=form)
