"""Forgotten passwords, for clients and for staff: the same answer whoever asks."""

from __future__ import annotations

from flask import abort, request, url_for
from flask_babel import gettext

from portal import identity, mail
from portal.core.db import transaction
from portal.core.scope import unscoped
from portal.identity import LinkIsSpent
from portal.web.auth.blueprint import bp
from portal.web.forms.auth import ForgotForm, NewPasswordForm
from portal.web.htmx import Rendered, go, render
from portal.web.places import place, reseller
from portal.web.session import address

FORGOT, RESET = "auth/forgot.html", "auth/reset.html"


@bp.get("/forgot")
def forgot() -> Rendered:
    """Ask for the e-mail address."""
    _client_door()
    return render(
        FORGOT, form=ForgotForm(), asked=False, log_in_url=_log_in(), staff=place().is_installation
    )


@bp.post("/forgot")
def forgot_ask() -> Rendered:
    """Send a link, if the address is somebody's."""
    return _ask(_client_door())


@bp.get("/staff/forgot")
def staff_forgot() -> Rendered:
    """The same for staff."""
    _installation_only()
    return render(
        FORGOT, form=ForgotForm(), asked=False, log_in_url=_log_in(), staff=place().is_installation
    )


@bp.post("/staff/forgot")
def staff_forgot_ask() -> Rendered:
    """The same for staff."""
    _installation_only()
    return _ask(None)


@bp.get("/reset/<token>")
def reset(token: str) -> Rendered:
    """Choose a new password by the link of a mail."""
    return _form(_client_door(), token)


@bp.post("/reset/<token>")
def reset_save(token: str) -> Rendered:
    """Save it; every session of the person ends."""
    return _save(_client_door(), token)


@bp.get("/staff/reset/<token>")
def staff_reset(token: str) -> Rendered:
    """The same for staff."""
    _installation_only()
    return _form(None, token)


@bp.post("/staff/reset/<token>")
def staff_reset_save(token: str) -> Rendered:
    """The same for staff."""
    _installation_only()
    return _save(None, token)


def _client_door() -> int:
    if not reseller().show_forgot_password:
        abort(404)
    return reseller().id


def _installation_only() -> None:
    if not place().is_installation:
        abort(404)


def _ask(reseller_id: int | None) -> Rendered:
    form = ForgotForm(request.form)
    if not form.validate():
        return render(
            FORGOT,
            status=422,
            form=form,
            asked=False,
            log_in_url=_log_in(),
            staff=place().is_installation,
        )
    with unscoped("nobody is logged in yet"), transaction():
        link = identity.begin_reset(reseller_id, form.email.data or "", address=address())
        if link is not None:
            mail.send_reset_link(link)
    return render(
        FORGOT, form=form, asked=True, log_in_url=_log_in(), staff=place().is_installation
    )


def _form(reseller_id: int | None, token: str) -> Rendered:
    if not identity.reset_is_open(reseller_id, token):
        raise LinkIsSpent
    return render(RESET, form=NewPasswordForm(), staff=place().is_installation)


def _save(reseller_id: int | None, token: str) -> Rendered:
    form = NewPasswordForm(request.form)
    with_code = identity.reset_needs_code(reseller_id, token)
    chosen = form.check(
        lambda: identity.choose_password(form.password.data or "", with_code=with_code)
    )
    if chosen is None:
        return render(RESET, status=422, form=form, has_errors=True, staff=place().is_installation)
    with unscoped("the link says whose it is"), transaction():
        person = identity.finish_reset(reseller_id, token, chosen, address=address())
        mail.tell_password_was_reset(person)
    return go(_log_in(), say=gettext("Your password was changed. Log in with the new one."))


def _log_in() -> str:
    return url_for("auth.staff_login" if place().is_installation else "auth.login")
