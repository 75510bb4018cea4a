"""The second page of a login: a code of the person's telephone, or one of the recovery codes."""

from __future__ import annotations

from flask import abort, redirect, request, url_for
from flask_babel import gettext

from portal import identity
from portal.core.db import transaction
from portal.core.registry import settings
from portal.core.scope import unscoped
from portal.identity import Entered, LoginProblem, LoginRefusal, NeedsCode
from portal.web.auth.arriving import safe_target, sentence, welcome
from portal.web.auth.blueprint import bp
from portal.web.forms.auth import CodeForm
from portal.web.htmx import Rendered, render
from portal.web.places import place, reseller
from portal.web.session import address, browser, session_token


@bp.get("/login/code")
def login_code() -> Rendered:
    """Ask a client's person for the code."""
    reseller()
    return _ask(CodeForm())


@bp.post("/login/code")
def give_code() -> Rendered:
    """Check it."""
    return _check(reseller().id, "client.dashboard")


@bp.get("/staff/login/code")
def staff_login_code() -> Rendered:
    """The same for staff."""
    _installation_only()
    return _ask(CodeForm())


@bp.post("/staff/login/code")
def staff_give_code() -> Rendered:
    """The same for staff."""
    _installation_only()
    return _check(None, "reseller.dashboard")


def ask_for_code(needed: NeedsCode) -> Rendered:
    """Lead to the page of the code, with a cookie that opens it and nothing else."""
    staff = place().is_installation
    page = url_for(
        "auth.staff_login_code" if staff else "auth.login_code", next=request.values.get("next")
    )
    response: Rendered = redirect(page, 303)  # type: ignore[assignment]
    response.set_cookie(
        _cookie(),
        needed.token,
        max_age=needed.cookie_seconds,
        path="/",
        secure=settings().https,
        httponly=True,
        samesite="Lax",
    )
    return response


def _check(reseller_id: int | None, target: str) -> Rendered:
    form = CodeForm(request.form)
    if not form.validate():
        return _ask(form, status=422)
    token = request.cookies.get(_cookie(), "")
    with unscoped("nobody is logged in yet"), transaction():
        attempt = identity.begin_code(reseller_id, token, address=address())
    with unscoped("nobody is logged in yet"), transaction():
        entered = identity.enter_code(
            attempt, form.code.data or "", browser=browser(), replaces=session_token()
        )
    if isinstance(entered, Entered):
        return _without_cookie(welcome(entered, safe_target(target)))
    return _refuse(form, entered)


def _refuse(form: CodeForm, refusal: LoginRefusal) -> Rendered:
    if refusal.problem is LoginProblem.OVER:
        return _begin_again()
    if refusal.problem is LoginProblem.THROTTLED:
        response = _ask(form, status=429, error=sentence(refusal))
        response.headers["Retry-After"] = str(refusal.retry_after_seconds)
        return response
    form.code.errors = [gettext("This code is not right. Wait for the next one and try again.")]
    return _ask(form, status=422)


def _ask(form: CodeForm, *, status: int = 200, error: str = "") -> Rendered:
    if not request.cookies.get(_cookie()):
        return _begin_again()
    staff = place().is_installation
    onwards = request.values.get("next")
    page = "auth.staff_login_code" if staff else "auth.login_code"
    on_paper = "paper" in request.values
    return render(
        "auth/code.html",
        status=status,
        has_errors=status != 200,
        form=form,
        error=error,
        staff=staff,
        on_paper=on_paper,
        code_url=url_for(
            "auth.staff_give_code" if staff else "auth.give_code",
            next=onwards,
            paper=1 if on_paper else None,
        ),
        other_url=url_for(page, next=onwards, paper=None if on_paper else 1),
        log_in_url=_log_in(),
    )


def _begin_again() -> Rendered:
    response: Rendered = redirect(_log_in(), 303)  # type: ignore[assignment]
    return _without_cookie(response)


def _without_cookie(response: Rendered) -> Rendered:
    response.delete_cookie(
        _cookie(), path="/", secure=settings().https, httponly=True, samesite="Lax"
    )
    return response


def _cookie() -> str:
    """The short-lived cookie of a login that waits for its code."""
    return f"{settings().session_cookie}-code"


def _log_in() -> str:
    staff = place().is_installation
    return url_for("auth.staff_login" if staff else "auth.login", next=request.values.get("next"))


def _installation_only() -> None:
    if not place().is_installation:
        abort(404)
