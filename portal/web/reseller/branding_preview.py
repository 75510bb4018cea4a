"""The editor's frames: the real pages of a client's portal with a draft's look and invented data."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, abort, make_response, request, url_for
from flask_babel import get_locale, gettext

from portal import branding, identity, wording
from portal.branding import Look
from portal.web.brands import brand_of
from portal.web.context import PersonShown
from portal.web.filters import initials, phone_number
from portal.web.forms.auth import LogInForm
from portal.web.forms.filters import read_calls
from portal.web.htmx import Rendered, render
from portal.web.navigation import Entry, Group
from portal.web.reseller import branding_samples as samples
from portal.web.reseller.blueprint import bp, own_reseller
from portal.web.reseller.branding_drafts import look_of, theme_of
from portal.web.rich import RichText, rich_text
from portal.web.security import FRAMED_POLICY
from portal.web.session import person
from portal.wording import WELCOME

SHADES = ("light", "dark")


def framed(view: Callable[[], Rendered]) -> Callable[[], Rendered]:
    """Let our own pages show this one in a frame."""

    @wraps(view)
    def answer() -> Rendered:
        response = view()
        response.headers["Content-Security-Policy"] = FRAMED_POLICY
        return response

    return answer


@bp.get("/configuration/branding/preview/login")
@framed
def preview_login() -> Rendered:
    """The page where clients log in."""
    form = LogInForm(email=samples.EMAIL)
    here = _links()["here"]
    forgot = here if own_reseller().show_forgot_password else ""
    return render(
        "auth/login.html", form=form, staff=False, error="", log_in_url=here, forgot_url=forgot,
        sign_up_url="", **_frame(),
    )  # fmt: skip


@bp.get("/configuration/branding/preview/dashboard")
@framed
def preview_dashboard() -> Rendered:
    """A client's first page."""
    return render(
        "client/dashboard/index.html",
        **_inside() | samples.dashboard(_links()) | {"welcome": _welcome()},
    )


@bp.get("/configuration/branding/preview/calls")
@framed
def preview_calls() -> Rendered:
    """A list."""
    return render(
        "client/calls/index.html",
        chosen=read_calls({}, ZoneInfo(person().time_zone)),
        **_inside() | samples.calls(_links()),
    )


@bp.get("/configuration/branding/preview/brand.css")
def preview_sheet() -> Response:
    """The style sheet of colours that are named in the address, and stored nowhere."""
    published = branding.current_theme().theme.word
    theme = theme_of(request.args.get("theme", published))
    if theme is None:
        abort(404)
    response = make_response(branding.sheet_of(theme).text)
    response.mimetype = "text/css"
    return response


def _look() -> Look:
    """The draft in the address; without one what is published."""
    if "draft" not in request.args:
        return branding.current_theme().look
    return look_of(request.args["draft"])


def _welcome() -> RichText | None:
    """The reseller's own text, for somebody invented."""
    reseller = own_reseller()
    text = wording.text_for(WELCOME.name, str(get_locale()), reseller.language)
    if text is None:
        return None
    first, _, last = samples.NAME.partition(" ")
    values = {
        "firstname": first,
        "lastname": last,
        "company": samples.COMPANY,
        "brand": _look().title or reseller.name,
        "portal_url": identity.portal_address(reseller),
    }
    return rich_text(text, values, portal=f"/r/{reseller.uid}")


def _frame() -> dict[str, Any]:
    """What every framed page has: the draft's brand, nobody's session, no scripts."""
    look, reseller = _look(), own_reseller()
    shade = request.args.get("shade", "")
    support = reseller.support_phone
    return {
        "still": True,
        "shade": shade if shade in SHADES else "",
        "brand": brand_of(look, f"/r/{reseller.uid}", otherwise=reseller.name),
        "brand_css_url": url_for(".preview_sheet", theme=look.theme.word),
        "home_url": _links()["dashboard"],
        "person": None,
        "navigation": [],
        "flashed": [],
        "live_url": "",
        "search_url": "",
        "language_url": "",
        "support": [{"text": phone_number(support), "url": f"tel:{support}"}] if support else [],
    }


def _inside() -> dict[str, Any]:
    """What pages behind the login have besides."""
    return _frame() | {
        "person": PersonShown(samples.NAME, samples.EMAIL, initials(samples.NAME)),
        "navigation": _menu(),
        "balance_text": samples.balance_text(),
        "balance_url": _links()["here"],
    }


def _menu() -> list[Group]:
    links = _links()
    here = request.endpoint

    def entry(label: str, icon: str, page: str = "", *, badge: int = 0) -> Entry:
        current = here == f"reseller.preview_{page}"
        return Entry(
            label, links.get(page, links["here"]), icon, current, badge, tab=label, name=icon
        )

    everyday = (
        entry(gettext("Dashboard"), "home", "dashboard"),
        entry(gettext("Messages"), "message-square", badge=4),
        entry(gettext("Calls"), "phone", "calls"),
    )
    account = (entry(gettext("Balance"), "wallet"), entry(gettext("Profile"), "user"))
    return [Group("", everyday), Group(gettext("Account"), account)]


def _links() -> dict[str, str]:
    """Where links of a framed page lead: to another framed page of this draft, or nowhere."""
    words: dict[str, Any] = {
        name: request.args[name] for name in ("draft", "shade") if name in request.args
    }
    pages = {name: url_for(f".preview_{name}", **words) for name in ("login", "dashboard", "calls")}
    return pages | {"here": "#main"}
