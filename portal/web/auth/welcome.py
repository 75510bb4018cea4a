"""The link in a mail to a client whom staff added: choose the first password."""

from __future__ import annotations

from flask import request, url_for
from flask_babel import gettext

from portal import identity
from portal.core.db import transaction
from portal.core.scope import Scope, bind
from portal.identity import LinkIsSpent
from portal.web.auth.blueprint import bp
from portal.web.forms.auth import NewPasswordForm
from portal.web.htmx import Rendered, go, render
from portal.web.places import reseller
from portal.web.session import address

PAGE = "auth/welcome.html"


@bp.get("/welcome/<token>")
def welcome_link(token: str) -> Rendered:
    """The form, while the link is good."""
    with bind(Scope(reseller().id)):
        if not identity.welcome_is_open(token):
            raise LinkIsSpent
    return render(PAGE, form=NewPasswordForm())


@bp.post("/welcome/<token>")
def welcome_save(token: str) -> Rendered:
    """Save the password; then everybody logs in by the same door."""
    here = reseller()
    form = NewPasswordForm(request.form)
    chosen = form.check(lambda: identity.choose_password(form.password.data or ""))
    if chosen is None:
        return render(PAGE, status=422, form=form, has_errors=True)
    with bind(Scope(here.id)), transaction():
        identity.finish_welcome(token, chosen, address=address())
    return go(url_for("auth.login"), say=gettext("Your password is set. Log in with it."))
