"""The page behind the link of an invitation: a name, a password, and in."""

from __future__ import annotations

from flask import abort, request, url_for

from portal import identity
from portal.core.scope import unscoped
from portal.identity import Invited, LinkIsSpent
from portal.web.auth.arriving import welcome
from portal.web.auth.blueprint import bp
from portal.web.forms.team import JoinForm
from portal.web.htmx import Rendered, render
from portal.web.places import place, reseller
from portal.web.session import address, browser, session_token


@bp.get("/invitation/<token>")
def invitation(token: str) -> Rendered:
    """Somebody joins a client's team."""
    return _ask(reseller().id, token)


@bp.post("/invitation/<token>")
def join(token: str) -> Rendered:
    """They are in."""
    return _join(reseller().id, token, "client.dashboard")


@bp.get("/staff/invitation/<token>")
def staff_invitation(token: str) -> Rendered:
    """Somebody joins the staff."""
    _installation_only()
    return _ask(None, token)


@bp.post("/staff/invitation/<token>")
def staff_join(token: str) -> Rendered:
    """They are in."""
    _installation_only()
    return _join(None, token, "reseller.dashboard")


def _ask(reseller_id: int | None, token: str) -> Rendered:
    found = _invited(reseller_id, token)
    return _page(found, JoinForm(data={"name": found.name}))


def _join(reseller_id: int | None, token: str, target: str) -> Rendered:
    found = _invited(reseller_id, token)
    form = JoinForm(request.form)
    typed = form.password.data or ""
    chosen = form.check(
        lambda: identity.choose_password(typed, known=(form.name.data or "", found.email))
    )
    if chosen is None:
        return _page(found, form, status=422)
    with unscoped("nobody is logged in yet"):
        entered = form.submit(
            lambda: identity.accept_invitation(
                reseller_id,
                token,
                name=form.name.data or "",
                chosen=chosen,
                address=address(),
                browser=browser(),
                replaces=session_token(),
            )
        )
    return _page(found, form, status=422) if entered is None else welcome(entered, url_for(target))


def _invited(reseller_id: int | None, token: str) -> Invited:
    found = identity.invited(reseller_id, token)
    if found is None:
        raise LinkIsSpent
    return found


def _page(found: Invited, form: JoinForm, *, status: int = 200) -> Rendered:
    return render(
        "auth/join.html",
        status=status,
        has_errors=status != 200,
        form=form,
        invited=found,
        staff=place().is_installation,
    )


def _installation_only() -> None:
    if not place().is_installation:
        abort(404)
