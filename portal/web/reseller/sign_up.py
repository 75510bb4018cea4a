"""What strangers are asked on the sign-up page, and how long closed clients keep their names."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import gettext

from portal import identity
from portal.web.forms.signup import FIELD_NAMES, KeepClosedForm, SignUpRulesForm
from portal.web.guards import needs
from portal.web.htmx import Rendered, render, saved
from portal.web.reseller.blueprint import bp, own_reseller
from portal.web.session import person


def sections() -> dict[str, Any]:
    """What the two sections on the display page need."""
    rules, reseller = identity.sign_up_rules(), own_reseller()
    return _words() | {
        "sign_up": SignUpRulesForm(
            is_on=rules.is_on, shown=list(rules.shown), required=list(rules.required)
        ),
        "keep_closed": KeepClosedForm(keep_closed_years=reseller.keep_closed_years),
    }


@bp.post("/configuration/display/sign-up")
@needs("configuration")
def save_sign_up() -> Rendered:
    """Switch the page on or off and choose its fields, from now on."""
    form, visitor = SignUpRulesForm(request.form), person()
    done = form.submit(
        lambda: identity.save_sign_up_rules(
            is_on=form.is_on.data,
            shown=form.shown.data or (),
            required=form.required.data or (),
            by=visitor,
        )
    )
    if done is None:
        return _again("_sign_up.html", sign_up=form)
    return saved(url_for("reseller.display"), "#sign-up", say=gettext("Saved."))


@bp.post("/configuration/display/closed-clients")
@needs("configuration")
def save_keep_closed() -> Rendered:
    """How many years the names of closed clients stay."""
    form, visitor = KeepClosedForm(request.form), person()

    def save() -> bool:
        identity.set_keep_closed_years(form.keep_closed_years.data or 0, by=visitor)
        return True

    if form.submit(save) is None:
        return _again("_closed_clients.html", keep_closed=form)
    return saved(url_for("reseller.display"), "#closed-clients", say=gettext("Saved."))


def _again(part: str, **forms: Any) -> Rendered:
    """The section with what is wrong; without htmx it stands alone."""
    return render(
        "reseller/display/section.html",
        f"reseller/display/{part}",
        status=422,
        has_errors=True,
        part=f"reseller/display/{part}",
        **(_words() | forms),
    )


def _words() -> dict[str, Any]:
    return {
        "sign_up_fields": [(name, str(label)) for name, label in FIELD_NAMES.items()],
        "sign_up_url": f"{identity.portal_address(own_reseller())}/signup",
    }
