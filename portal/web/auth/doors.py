"""The two login pages: a client's portal, and the back-office."""

from __future__ import annotations

from flask import abort, redirect, request, url_for

from portal import identity
from portal.core.db import transaction
from portal.core.scope import unscoped
from portal.identity import LoginProblem, LoginRefusal, NeedsCode
from portal.web.auth.arriving import safe_target, sentence, welcome
from portal.web.auth.blueprint import bp
from portal.web.auth.codes import ask_for_code
from portal.web.auth.signup import sign_up_url
from portal.web.forms.auth import LogInForm
from portal.web.htmx import Rendered, render
from portal.web.places import place, reseller
from portal.web.session import address, browser, session_token, visitor

PAGE = "auth/login.html"


@bp.get("/login")
def login() -> Rendered:
    """The client's login page; somebody who is logged in goes on."""
    reseller()
    if visitor() is not None:
        return _go_on("client.dashboard")
    return _page(LogInForm(), "")


@bp.post("/login")
def log_in() -> Rendered:
    """Check a client's e-mail and password."""
    return _enter(reseller().id, "client.dashboard")


@bp.get("/staff/login")
def staff_login() -> Rendered:
    """The back-office's login page."""
    _installation_only()
    if visitor() is not None:
        return _go_on("reseller.dashboard")
    if identity.setup_is_open():
        return redirect(url_for("auth.setup"), 303)  # type: ignore[return-value]
    return _page(LogInForm(), "")


@bp.post("/staff/login")
def staff_log_in() -> Rendered:
    """Check a staff member's e-mail and password."""
    _installation_only()
    return _enter(None, "reseller.dashboard")


@bp.get("/")
def start() -> Rendered:
    """The first page of a portal, or of the installation; of an empty one the setup page."""
    if place().is_installation and visitor() is None and identity.setup_is_open():
        return redirect(url_for("auth.setup"), 303)  # type: ignore[return-value]
    if place().is_installation:
        return redirect(url_for("reseller.dashboard"), 303)  # type: ignore[return-value]
    return redirect(url_for("client.dashboard"), 303)  # type: ignore[return-value]


def _enter(reseller_id: int | None, target: str) -> Rendered:
    form = LogInForm(request.form)
    if not form.validate():
        return _page(form, "", status=422)
    with unscoped("nobody is logged in yet"), transaction():
        attempt = identity.begin_login(reseller_id, form.email.data or "", address=address())
    proof = identity.prove(attempt, form.password.data or "")
    with unscoped("nobody is logged in yet"), transaction():
        entered = identity.log_in(
            proof, browser=browser(), keep=form.keep.data, replaces=session_token()
        )
    if isinstance(entered, LoginRefusal):
        status = 429 if entered.problem is LoginProblem.THROTTLED else 422
        return _page(form, sentence(entered), status=status)
    if isinstance(entered, NeedsCode):
        return ask_for_code(entered)
    return welcome(entered, safe_target(target))


def _page(form: LogInForm, error: str, *, status: int = 200) -> Rendered:
    here = place().reseller
    staff = here is None
    forgot = (
        ""
        if here and not here.show_forgot_password
        else url_for("auth.staff_forgot" if staff else "auth.forgot")
    )
    return render(
        PAGE,
        status=status,
        form=form,
        error=error,
        has_errors=status != 200,
        staff=staff,
        log_in_url=url_for(_post_of(staff), next=request.values.get("next")),
        forgot_url=forgot,
        sign_up_url=sign_up_url(),
    )


def _post_of(staff: bool) -> str:
    return "auth.staff_log_in" if staff else "auth.log_in"


def _go_on(target: str) -> Rendered:
    return redirect(safe_target(target), 303)  # type: ignore[return-value]


def _installation_only() -> None:
    if not place().is_installation:
        abort(404)
