"""A person's own account: details, password, language, where they are logged in, who looked."""

from __future__ import annotations

import re
import uuid
from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext

from portal import identity, ledger, messaging
from portal.core.db import transaction
from portal.entitlements import Service
from portal.identity import ClientFacts
from portal.web.client.blueprint import bp
from portal.web.forms.auth import ChangePasswordForm
from portal.web.forms.base import PortalForm
from portal.web.forms.profile import LowBalanceForm, PreferencesForm
from portal.web.guards import managers, own_account, while_suspended
from portal.web.htmx import Rendered, go, render
from portal.web.rights import allowed, client_id, need
from portal.web.session import address, browser, person, remember

PAGE = "client/profile/index.html"
# What browsers say of themselves, most telling word first: Edge and Opera also say Chrome.
_BROWSERS = ("Edg", "OPR", "Firefox", "Chrome", "Safari")
_SYSTEMS = ("iPhone", "iPad", "Android", "Windows", "Mac OS", "Linux")
_NAMES = {"Edg": "Edge", "OPR": "Opera", "Mac OS": "macOS"}


@bp.get("/profile")
def profile() -> Rendered:
    """Everything about the account and the person on one page."""
    return _page()


@bp.post("/profile/preferences")
def profile_preferences() -> Rendered:
    """Language and time zone of this person."""
    form = PreferencesForm(request.form)
    person_id = person().person_id

    def save() -> bool:
        identity.set_language(person_id, form.language.data)
        identity.set_time_zone(person_id, form.time_zone.data)
        return True

    if form.submit(save) is None:
        return _page(preferences=form)
    return go(url_for(".profile"), say=gettext("Saved."))


@bp.post("/profile/password")
@while_suspended
def profile_password() -> Rendered:
    """A new password ends every session but this one."""
    form = ChangePasswordForm(request.form)
    visitor = person()
    chosen = form.check(
        lambda: identity.choose_password(
            form.password.data or "",
            known=(visitor.name, visitor.email),
            with_code=visitor.has_second_step,
        )
    )
    if chosen is None:
        return _page(password=form)
    with transaction():
        attempt = identity.begin_change(visitor, address=address())
    proof = identity.prove(attempt, form.current_password.data or "")
    entered = form.submit(lambda: _change(visitor, proof, chosen))
    if entered is None:
        return _page(password=form)
    # The new session comes first: it empties what the browser kept for forms, flashes too.
    done = remember(go(url_for(".profile")), entered.token, expires_at=entered.cookie_expires_at)
    flash(gettext("Your password was changed. Other sessions have ended."), "ok")
    return done


@bp.post("/profile/low-balance")
@managers
def profile_low_balance() -> Rendered:
    """When to be warned of a low balance."""
    need(Service.BALANCE)
    form, own_id, visitor = LowBalanceForm(request.form), client_id(), person()

    def save() -> ClientFacts:
        saved = identity.set_low_balance(
            own_id, form.threshold.data, email=form.email.data or "", by=visitor
        )
        ledger.review_crossed([own_id])
        return saved

    if form.submit(save) is None:
        return _page(low_balance=form)
    return go(url_for(".profile"), say=gettext("Saved."))


@bp.post("/profile/privacy")
@own_account
@managers
def profile_privacy() -> Rendered:
    """Whether the reseller's staff may read this account's texts."""
    need(Service.SMS_MMS)
    visitor, on = person(), request.form.get("staff_may_read") == "1"
    with transaction():
        messaging.let_staff_read(client_id(), on, by=visitor)
    return go(url_for(".profile"), say=gettext("Saved."))


@bp.post("/profile/sessions/<uuid:public_id>/end")
@while_suspended
def profile_end_session(public_id: uuid.UUID) -> Rendered:
    """Log out another browser, at once."""
    with transaction():
        identity.revoke_session(person(), public_id)
    return go(url_for(".profile"), say=gettext("That browser is logged out."))


def _change(
    visitor: identity.Visitor, proof: Any, chosen: identity.ChosenPassword
) -> identity.Entered:
    entered = identity.change_password(visitor, proof, chosen, browser=browser())
    return entered


def _page(**forms: PortalForm) -> Rendered:
    visitor = person()
    client = identity.client_facts(client_id())
    preferences = forms.get("preferences") or PreferencesForm(
        data={"language": visitor.language or "en", "time_zone": visitor.time_zone}
    )
    low_balance = forms.get("low_balance") or LowBalanceForm(
        data={
            "threshold": client.details.low_balance_threshold,
            "email": client.details.low_balance_email,
        }
    )
    return render(
        PAGE,
        status=422 if forms else 200,
        has_errors=bool(forms),
        details=_details(client) if visitor.may_manage else _own_details(client),
        preferences=preferences,
        password=forms.get("password") or ChangePasswordForm(),
        low_balance=low_balance if visitor.may_manage and Service.BALANCE in allowed() else None,
        sessions=[_session(row) for row in identity.sessions_of(visitor)],
        may_manage=visitor.may_manage,
        viewers=identity.viewers_of(client.id, limit=20) if visitor.may_manage else [],
        is_acting=visitor.acting,
        staff_may_read=messaging.staff_may_read(client.id)
        if visitor.may_manage and Service.SMS_MMS in allowed()
        else None,
        has_second_step=visitor.has_second_step,
    )


def _details(client: ClientFacts) -> list[tuple[str, str]]:
    details = client.details
    place = ", ".join(
        part for part in (details.address, details.city, details.state, details.zip) if part
    )
    found = [
        (gettext("Company"), details.company),
        (gettext("Name"), client.name),
        (gettext("Account"), client.number),
        (gettext("E-mail"), details.email),
        (gettext("Phone"), details.phone),
        (gettext("Address"), place),
    ]
    return [(label, text) for label, text in found if text]


def _own_details(client: ClientFacts) -> list[tuple[str, str]]:
    """What one of the team sees of the account: whose it is, and themselves."""
    return [
        (gettext("Account"), f"{client.title}, {client.number}"),
        (gettext("Name"), person().name),
        (gettext("E-mail"), person().email),
    ]


def _session(row: identity.SessionRow) -> dict[str, Any]:
    return {
        "name": _browser_name(row.browser),
        "row": row,
        "end_url": url_for(".profile_end_session", public_id=row.public_id),
    }


def _browser_name(said: str) -> str:
    """Firefox, Windows: the two words of a user agent that a person knows."""
    which = next((word for word in _BROWSERS if word in said), "")
    system = next((word for word in _SYSTEMS if word in said), "")
    names = [_NAMES.get(word, word) for word in (which, system) if word]
    return ", ".join(names) or re.sub(r"[^\w ./;()-]", "", said)[:40] or gettext("Unknown browser")
