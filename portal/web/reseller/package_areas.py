"""A package's free zones: added and ended, never edited; and the words that areas share."""

from __future__ import annotations

import uuid

from flask import request, url_for
from flask_babel import get_locale, gettext

from portal import pricing
from portal.core import clock
from portal.core.db import transaction
from portal.core.errors import NotFound
from portal.pricing import PackageRow
from portal.web.forms.packages import ZoneForm
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render
from portal.web.reseller import client_words
from portal.web.reseller.blueprint import bp
from portal.web.reseller.packages import head


@bp.get("/packages/<uuid:public_id>/free-zones")
def package_zones(public_id: uuid.UUID) -> Rendered:
    """Where calls are free."""
    return _zones_page(pricing.find_package(public_id), ZoneForm())


@bp.post("/packages/<uuid:public_id>/free-zones")
@needs("packages")
def add_zone(public_id: uuid.UUID) -> Rendered:
    """Give the calls to somewhere away."""
    row = pricing.find_package(public_id)
    form = ZoneForm(request.form)

    def add() -> uuid.UUID:
        return pricing.add_free_zone(
            public_id,
            form.kind.data,
            form.area,
            max_cost_e8=form.max_cost.data,
            valid_from=client_words.moment_of(form.valid_from.data),
        )

    if form.submit(add) is None:
        return _zones_page(row, form, status=422)
    return go(
        url_for("reseller.package_zones", public_id=public_id),
        say=gettext("The free zone is added."),
    )


@bp.post("/packages/<uuid:public_id>/free-zones/<uuid:zone>/end")
@needs("packages")
def end_zone(public_id: uuid.UUID, zone: uuid.UUID) -> Rendered:
    """Charge for these calls again from now on."""
    if zone not in {one.public_id for one in pricing.free_zones(public_id)}:
        raise NotFound("There is no such free zone.")
    with transaction():
        pricing.end_free_zone(zone)
    return go(
        url_for("reseller.package_zones", public_id=public_id),
        say=gettext("These calls are charged again."),
    )


def _zones_page(row: PackageRow, form: ZoneForm, *, status: int = 200) -> Rendered:
    return render(
        "reseller/packages/zones.html",
        status=status,
        has_errors=status != 200,
        form=form,
        package=row,
        zones=[(one, area_name(one.kind, one.zone)) for one in pricing.free_zones(row.public_id)],
        now=clock.now(),
        symbol=client_words.currency_symbol(),
        **head(row, "package_zones"),
    )


def area_name(kind: str, area: str) -> str:
    """An area in words."""
    names = get_locale().territories
    if kind == "country":
        return str(names.get(area, area))
    if kind == "prefix":
        return f"+{area}" if area else gettext("Everywhere")
    if kind == "max_cost":
        return gettext("Every destination up to this cost")
    return {"usa": str(names["US"]), "canada": str(names["CA"])}.get(kind, kind)
