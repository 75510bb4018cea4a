"""Display elements: what clients see of passwords."""

from __future__ import annotations

from flask import request, url_for
from flask_babel import gettext

from portal import identity
from portal.web.forms.display import DisplayForm
from portal.web.guards import needs
from portal.web.htmx import Rendered, render, saved
from portal.web.reseller import sign_up
from portal.web.reseller.blueprint import bp, own_reseller
from portal.web.session import person


@bp.get("/configuration/display")
def display() -> Rendered:
    """The sections of the page, each with a form of its own."""
    return render(
        "reseller/display/index.html", form=DisplayForm(obj=own_reseller()), **sign_up.sections()
    )


@bp.post("/configuration/display")
@needs("configuration")
def save_display() -> Rendered:
    """Show or hide from now on."""
    form, visitor = DisplayForm(request.form), person()

    def save() -> bool:
        identity.set_display(
            show_sip_password=form.show_sip_password.data,
            show_forgot_password=form.show_forgot_password.data,
            by=visitor,
        )
        return True

    form.submit(save)
    return saved(url_for("reseller.display"), "#display", say=gettext("Saved."))
