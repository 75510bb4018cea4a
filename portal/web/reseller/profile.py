"""The staff member's own page: password, sessions, language, time zone."""

from __future__ import annotations

import uuid

from flask import request, url_for
from flask_babel import gettext

from portal import identity
from portal.core.db import transaction
from portal.web.browser_words import browser_name
from portal.web.forms.auth import ChangePasswordForm
from portal.web.forms.profile import PreferencesForm
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render
from portal.web.reseller.blueprint import bp
from portal.web.session import address, browser, person, remember


@bp.get("/profile")
def profile() -> Rendered:
    """Who I am here, and where I am logged in."""
    return _page(ChangePasswordForm(), _preferences())


@bp.post("/profile/password")
@needs("own_account")
def change_password() -> Rendered:
    """Change my password; every other browser is logged out."""
    form = ChangePasswordForm(request.form)
    me = person()
    chosen = form.check(
        lambda: identity.choose_password(
            form.password.data or "", known=(me.name, me.email), with_code=me.has_second_step
        )
    )
    entered = None
    if chosen is not None:
        with transaction():
            attempt = identity.begin_change(me, address=address())
        proof = identity.prove(attempt, form.current_password.data or "")
        entered = form.submit(
            lambda: identity.change_password(me, proof, chosen, browser=browser())
        )
    if entered is None:
        return _page(form, _preferences(), status=422)
    response = go(url_for("reseller.profile"), say=gettext("Your password is changed."))
    return remember(response, entered.token, expires_at=entered.cookie_expires_at)


@bp.post("/profile/preferences")
@needs("own_account")
def save_preferences() -> Rendered:
    """Choose the language, and the zone that times are shown in."""
    form = PreferencesForm(request.form)
    me = person()

    def save() -> bool:
        identity.set_language(me.person_id, form.language.data)
        identity.set_time_zone(me.person_id, form.time_zone.data)
        return True

    if form.submit(save) is None:
        return _page(ChangePasswordForm(), form, status=422)
    return go(url_for("reseller.profile"), say=gettext("Saved."))


@bp.post("/profile/sessions/<uuid:public_id>/end")
@needs("own_account")
def end_session(public_id: uuid.UUID) -> Rendered:
    """Log another browser of mine out."""
    with transaction():
        identity.revoke_session(person(), public_id)
    return go(url_for("reseller.profile"), say=gettext("That browser is logged out."))


def _preferences() -> PreferencesForm:
    me = person()
    return PreferencesForm(language=me.language or "en", time_zone=me.time_zone)


def _page(form: ChangePasswordForm, preferences: PreferencesForm, *, status: int = 200) -> Rendered:
    return render(
        "reseller/profile/index.html",
        status=status,
        has_errors=status != 200,
        form=form,
        preferences=preferences,
        me=person(),
        sessions=[(row, browser_name(row.browser)) for row in identity.sessions_of(person())],
    )
