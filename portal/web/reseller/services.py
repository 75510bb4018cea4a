"""Services: what clients see where their package says nothing of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from flask_babel import gettext

from portal import entitlements, pricing
from portal.entitlements import Configuration
from portal.pricing import PackageRow
from portal.web.forms.packages import SERVICE_NAMES, VIEW_NAMES
from portal.web.forms.services import GROUPS, ServicesForm
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render, toast, wants_fragment
from portal.web.reseller.blueprint import bp
from portal.web.session import person

PAGE, FORM = "reseller/services/index.html", "reseller/services/_form.html"
_NAMED = 4


@dataclass(frozen=True, slots=True)
class Differing:
    """A package that shows something else: what, in words, beside the default."""

    name: str
    url: str
    view: str
    differs: list[str]
    users: int


@bp.get("/configuration/services")
def services() -> Rendered:
    """The default view, a switch for each service, and the packages that differ."""
    return _page(_form_of(entitlements.default_configuration()))


@bp.post("/configuration/services")
@needs("configuration")
def save_services() -> Rendered:
    """Let it hold from the next page on that a client opens."""
    form, visitor = ServicesForm(request.form), person()

    def save() -> bool:
        entitlements.save_default_configuration(
            form.view.data or "",
            form.services.data or [],
            hide_money=form.hide_money.data,
            by=visitor,
        )
        return True

    if form.submit(save) is None:
        return _page(form, status=422)
    said = gettext("Clients see it from the next page on that they open.")
    if wants_fragment():
        return _page(_form_of(entitlements.default_configuration()), events=toast(said))
    return go(url_for("reseller.services"), say=said)


def _form_of(default: Configuration) -> ServicesForm:
    return ServicesForm(
        data={
            "view": default.view.value,
            "services": [service.value for service in default.services],
            "hide_money": default.hide_money,
        }
    )


def _page(form: ServicesForm, *, status: int = 200, **more: Any) -> Rendered:
    default = entitlements.default_configuration()
    packages = pricing.list_packages()
    return render(
        PAGE,
        FORM,
        status=status,
        has_errors=status != 200,
        form=form,
        groups=form.groups(),
        exceptions=[_exception(row, default) for row in packages if row.details.own_services],
        following=sum(not row.details.own_services for row in packages),
        **more,
    )


def _exception(row: PackageRow, default: Configuration) -> Differing:
    own = entitlements.configuration_of(row.details)
    assert own is not None
    offered = [service for _, services in GROUPS for service in services]
    less = [service for service in offered if service in default.services - own.services]
    more = [service for service in offered if service in own.services - default.services]
    differs = []
    if less:
        differs.append(gettext("Without %(services)s", services=_named(less)))
    if more:
        differs.append(gettext("With %(services)s", services=_named(more)))
    if own.hide_money != default.hide_money:
        differs.append(gettext("Money hidden") if own.hide_money else gettext("Money shown"))
    return Differing(
        row.details.name,
        url_for("reseller.package", public_id=row.public_id),
        str(VIEW_NAMES[own.view.value]),
        differs or [gettext("The same as this page now")],
        row.users,
    )


def _named(services: list[entitlements.Service]) -> str:
    names = ", ".join(str(SERVICE_NAMES[service]) for service in services[:_NAMED])
    left = len(services) - _NAMED
    return gettext("%(names)s and %(count)s more", names=names, count=left) if left > 0 else names
