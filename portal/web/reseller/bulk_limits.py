"""How fast clients may text to many, under the limits of the account at the carrier."""

from __future__ import annotations

from flask import request, url_for
from flask_babel import gettext

from portal import prepared
from portal.prepared import Limits
from portal.web.forms.prepared import LimitsForm
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render
from portal.web.reseller.blueprint import bp
from portal.web.session import person

PAGE = "reseller/carrier/limits.html"


@bp.get("/configuration/carrier/limits")
def bulk_limits() -> Rendered:
    """What holds now."""
    found = prepared.bulk_limits()
    return _page(LimitsForm(data={"a_minute": found.a_minute, "a_day": found.a_day}))


@bp.post("/configuration/carrier/limits")
@needs("configuration")
def save_bulk_limits() -> Rendered:
    """Say what the carrier allows."""
    form, me = LimitsForm(request.form), person()

    def save() -> bool:
        prepared.save_bulk_limits(Limits(form.a_minute.data or 0, form.a_day.data or 0), by=me)
        return True

    if form.submit(save) is None:
        return _page(form, status=422)
    return go(url_for("reseller.bulk_limits"), say=gettext("Saved."))


def _page(form: LimitsForm, *, status: int = 200) -> Rendered:
    return render(PAGE, status=status, has_errors=status != 200, form=form)
