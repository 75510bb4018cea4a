"""A package's own rates per area, and its free zones: added and ended, never edited."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import request, url_for
from flask_babel import get_locale, gettext

from portal import pricing
from portal.core import clock
from portal.core.db import transaction
from portal.core.errors import InvalidInput, NotFound
from portal.core.period import day_start
from portal.pricing import PackageRow
from portal.web.forms.packages import AreaForm, ZoneForm
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render
from portal.web.reseller import client_words
from portal.web.reseller.blueprint import bp, own_reseller
from portal.web.reseller.packages import head


@bp.get("/packages/<uuid:public_id>/rates")
def package_rates(public_id: uuid.UUID) -> Rendered:
    """Areas with a rate of their own, and those sold below cost."""
    return _rates_page(pricing.find_package(public_id), AreaForm())


@bp.post("/packages/<uuid:public_id>/rates")
@needs("packages")
def add_rate(public_id: uuid.UUID) -> Rendered:
    """Give an area its own rate; the one before ends then."""
    row = pricing.find_package(public_id)
    form = AreaForm(request.form)

    def add() -> uuid.UUID:
        return pricing.set_area_rate(
            public_id,
            form.kind.data,
            form.area,
            rate_e8=form.rate.data,
            valid_from=_moment(form.valid_from.data),
        )

    if form.submit(add) is None:
        return _rates_page(row, form, status=422)
    return go(
        url_for("reseller.package_rates", public_id=public_id), say=gettext("The rate is set.")
    )


@bp.post("/packages/<uuid:public_id>/rates/<uuid:rate>/end")
@needs("packages")
def end_rate(public_id: uuid.UUID, rate: uuid.UUID) -> Rendered:
    """Let the area follow the markup again from now on."""
    if rate not in {one.public_id for one in pricing.area_rates(public_id)}:
        raise NotFound("There is no such rate.")
    with transaction():
        pricing.end_area_rate(rate)
    return go(
        url_for("reseller.package_rates", public_id=public_id),
        say=gettext("The area follows the markup again."),
    )


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
            valid_from=_moment(form.valid_from.data),
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


def _rates_page(row: PackageRow, form: AreaForm, *, status: int = 200) -> Rendered:
    return render(
        "reseller/packages/rates.html",
        status=status,
        has_errors=status != 200,
        form=form,
        package=row,
        rates=[(one, area_name(one.kind, one.area)) for one in pricing.area_rates(row.public_id)],
        below_cost=pricing.below_cost(row.details, package=row.public_id) if row.area_rates else [],
        now=clock.now(),
        symbol=client_words.currency_symbol(),
        **head(row, "package_rates"),
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


def _moment(day: date | None) -> datetime | None:
    """The start of a day in the reseller's zone; today and nothing are now."""
    if day is None or day == client_words.today():
        return None
    if day < client_words.today():
        raise InvalidInput("Rates cannot begin in the past.", field="valid_from")
    return day_start(day, ZoneInfo(own_reseller().time_zone))
