"""Is the portal open to clients, and which version of it do they see."""

from __future__ import annotations

from flask import request, url_for
from flask_babel import gettext

from portal import identity
from portal.core.db import transaction
from portal.identity import Interface
from portal.web.forms.access import InterfaceForm
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render, saved
from portal.web.reseller import access_tabs
from portal.web.reseller.blueprint import bp, own_reseller
from portal.web.session import person


@bp.get("/configuration/access/version")
def version() -> Rendered:
    """Activated or not, and new or classic."""
    return _page(InterfaceForm(data={"interface": own_reseller().interface.value}))


@bp.post("/configuration/access/activate")
@needs("configuration")
def activate() -> Rendered:
    """Let clients in."""
    with transaction():
        identity.open_portal(True, by=person())
    return go(url_for("reseller.version"), say=gettext("The portal is open to your clients."))


@bp.post("/configuration/access/deactivate")
@needs("configuration")
def deactivate() -> Rendered:
    """Answer clients that the portal is not open yet."""
    with transaction():
        identity.open_portal(False, by=person())
    return go(url_for("reseller.version"), say=gettext("The portal is closed to your clients."))


@bp.post("/configuration/access/version")
@needs("configuration")
def save_interface() -> Rendered:
    """Clients see it on the next page they open."""
    form, visitor = InterfaceForm(request.form), person()

    def save() -> bool:
        identity.set_interface(form.interface.data or "", by=visitor)
        return True

    if form.submit(save) is None:
        return _page(form, status=422)
    return saved(
        url_for("reseller.version"),
        "#interface-form",
        say=gettext("Clients see it from the next page on that they open."),
    )


def _page(form: InterfaceForm, *, status: int = 200) -> Rendered:
    return render(
        "reseller/access/version.html",
        status=status,
        has_errors=status != 200,
        access_tabs=access_tabs.tabs("version"),
        form=form,
        is_open=own_reseller().is_open,
        classic=Interface.CLASSIC.value,
    )
