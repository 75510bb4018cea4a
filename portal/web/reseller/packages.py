"""Packages: the list, the editor with its live preview, versions."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import request, url_for
from flask_babel import gettext, ngettext

from portal import entitlements, identity, pbx, pricing
from portal.core import clock
from portal.core.db import transaction
from portal.pricing import PackageDetails, PackageRow
from portal.web import filters
from portal.web.forms.packages import CopyForm, PackageForm, values_of
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render, wants_fragment
from portal.web.reseller import client_words, package_preview
from portal.web.reseller.blueprint import bp
from portal.web.session import address, person

_LONGEST_SEARCH = 80


@bp.get("/packages")
def packages() -> Rendered:
    """Every package with who uses it."""
    query = request.args.get("q", "").strip()[:_LONGEST_SEARCH]
    retired = request.args.get("retired") == "1"
    return render(
        "reseller/packages/index.html",
        "reseller/packages/_rows.html",
        packages=pricing.list_packages(query, retired=retired),
        query=query,
        retired=retired,
        index_url=url_for("reseller.packages"),
    )


@bp.get("/packages/new")
@needs("packages")
def new_package() -> Rendered:
    """The editor of a package that is not there yet."""
    return editor(PackageForm(data=values_of(_first_terms())), None)


@bp.post("/packages")
@needs("packages")
def add_package() -> Rendered:
    """Save a new package."""
    form = PackageForm(request.form)

    def save() -> uuid.UUID:
        made = pricing.save_package(
            form.details(), saved_by_id=person().person_id, valid_from=_begins(form)
        )
        _note("package.saved", form.name.data or "")
        return made

    saved = form.submit(save)
    if saved is None:
        return editor(form, None, status=422)
    return go(url_for("reseller.package", public_id=saved), say=gettext("The package is saved."))


@bp.get("/packages/<uuid:public_id>")
def package(public_id: uuid.UUID) -> Rendered:
    """The editor of a package; for those who may not save, its fields to read."""
    row = pricing.find_package(public_id)
    return editor(PackageForm(data=_values(row)), row)


@bp.post("/packages/<uuid:public_id>")
@needs("packages")
def save_package(public_id: uuid.UUID) -> Rendered:
    """Save new terms for calls that start from now on."""
    row = pricing.find_package(public_id)
    form = PackageForm(request.form, data=_values(row))

    def save() -> uuid.UUID:
        made = pricing.save_package(
            form.details(), package=public_id, saved_by_id=person().person_id,
            valid_from=_begins(form), seen=form.seen_from,
        )  # fmt: skip
        _note("package.saved", form.name.data or "")
        return made

    if form.submit(save) is None:
        return editor(form, _told(form, public_id), status=422)
    if form.valid_from.data and form.valid_from.data > client_words.today():
        return go(
            url_for("reseller.package_versions", public_id=public_id),
            say=gettext(
                "Saved. The prices hold for calls from %(day)s on.",
                day=filters.day(form.valid_from.data),
            ),
        )
    return go(
        url_for("reseller.package", public_id=public_id),
        say=gettext("Saved. The prices hold for calls that start from now on."),
    )


@bp.post("/packages/preview")
@needs("packages")
def preview_new() -> Rendered:
    """The draft of a new package under its own prices."""
    return editor(PackageForm(request.form), None, fragment=_fragment(), drafted=True)


@bp.post("/packages/<uuid:public_id>/preview")
@needs("packages")
def preview(public_id: uuid.UUID) -> Rendered:
    """The draft of a package under its own prices; nothing is saved."""
    row = pricing.find_package(public_id)
    form = PackageForm(request.form, data=_values(row))
    return editor(form, row, fragment=_fragment(), drafted=True)


@bp.get("/packages/<uuid:public_id>/versions")
def package_versions(public_id: uuid.UUID) -> Rendered:
    """What held when."""
    row = pricing.find_package(public_id)
    return render(
        "reseller/packages/versions.html",
        package=row,
        versions=pricing.versions_of(public_id),
        now=clock.now(),
        **head(row, "package_versions"),
    )


@bp.post("/packages/<uuid:public_id>/versions/withdraw")
@needs("packages")
def withdraw_versions(public_id: uuid.UUID) -> Rendered:
    """Forget the terms that were to begin later."""
    row = pricing.find_package(public_id)
    with transaction():
        pricing.withdraw_planned(public_id)
        _note("package.withdrawn", row.details.name)
    return go(
        url_for("reseller.package_versions", public_id=public_id),
        say=gettext("The planned prices are withdrawn."),
    )


@bp.get("/packages/<uuid:public_id>/users")
def package_users(public_id: uuid.UUID) -> Rendered:
    """Which sub-accounts of which clients are on it now."""
    row = pricing.find_package(public_id)
    query = request.args.get("q", "").strip()[:_LONGEST_SEARCH]
    page = pbx.sub_accounts_on(
        public_id, search=query, after=request.args.get("after", "")[:_LONGEST_SEARCH]
    )
    clients = identity.clients_by_id({one.client_id for one in page.rows if one.client_id})
    index_url = url_for("reseller.package_users", public_id=public_id)
    more = {"q": query, "after": page.older}
    return render(
        "reseller/packages/users.html",
        "reseller/packages/_users.html",
        package=row,
        users=[(one, clients.get(one.client_id or 0)) for one in page.rows],
        query=query,
        index_url=index_url,
        older_url=url_for("reseller.package_users", public_id=public_id, **_kept(more))
        if page.older
        else "",
        **head(row, "package_users"),
    )


@bp.get("/packages/<uuid:public_id>/copy")
@needs("packages")
def copy_form(public_id: uuid.UUID) -> Rendered:
    """Ask for the copy's name."""
    row = pricing.find_package(public_id)
    form = CopyForm(name=gettext("%(name)s copy", name=row.details.name))
    return _copy_page(row, form)


@bp.post("/packages/<uuid:public_id>/copy")
@needs("packages")
def copy_package(public_id: uuid.UUID) -> Rendered:
    """Make a package with the same terms, rates and zones."""
    row = pricing.find_package(public_id)
    form = CopyForm(request.form)

    def copy() -> uuid.UUID:
        _note("package.saved", form.name.data or "")
        return pricing.copy_package(public_id, form.name.data or "", saved_by_id=person().person_id)

    made = form.submit(copy)
    if made is None:
        return _copy_page(row, form, status=422)
    return go(url_for("reseller.package", public_id=made), say=gettext("The copy is made."))


@bp.post("/packages/<uuid:public_id>/retire")
@needs("packages")
def retire_package(public_id: uuid.UUID) -> Rendered:
    """Take it out of the choices."""
    row = pricing.find_package(public_id)
    with transaction():
        pricing.retire_package(public_id)
        _note("package.retired", row.details.name)
    return go(
        url_for("reseller.package", public_id=public_id),
        say=gettext("Retired. Who has it keeps it."),
    )


@bp.post("/packages/<uuid:public_id>/restore")
@needs("packages")
def restore_package(public_id: uuid.UUID) -> Rendered:
    """Offer it again."""
    row = pricing.find_package(public_id)
    with transaction():
        pricing.restore_package(public_id)
        _note("package.restored", row.details.name)
    return go(url_for("reseller.package", public_id=public_id), say=gettext("Offered again."))


@bp.post("/packages/<uuid:public_id>/delete")
@needs("packages")
def delete_package(public_id: uuid.UUID) -> Rendered:
    """Remove one that nobody ever had."""
    row = pricing.find_package(public_id)
    with transaction():
        pricing.delete_package(public_id)
        _note("package.deleted", row.details.name)
    return go(url_for("reseller.packages"), say=gettext("The package is deleted."))


def head(row: PackageRow, current: str) -> dict[str, Any]:
    """What stands above every page of one package."""
    pages = [
        ("package", gettext("Details"), None),
        ("package_rates", gettext("Rates per area"), row.area_rates),
        ("package_zones", gettext("Free zones"), row.free_zones),
        ("package_users", gettext("Used by"), row.users),
        ("package_versions", gettext("Versions"), None),
        ("package_runs", gettext("Past calls"), None),
    ]
    return {
        "package_tabs": [
            (text, url_for(f"reseller.{page}", public_id=row.public_id), page == current, count)
            for page, text, count in pages
        ],
        "packages_url": url_for("reseller.packages"),
        "in_use": _in_use(row),
    }


def editor(
    form: PackageForm,
    row: PackageRow | None,
    *,
    status: int = 200,
    fragment: str | None = None,
    drafted: bool = False,
) -> Rendered:
    """The editor with what follows from the terms in it."""
    part = _part() if fragment and wants_fragment() else ""
    shown = package_preview.of(form, row, drafted=drafted or status != 200, part=part)
    more = head(row, "package") if row else {
        "package_tabs": [], "packages_url": url_for("reseller.packages"),
        "in_use": gettext("Changes apply to calls that start after you save."),
    }  # fmt: skip
    key: dict[str, Any] = {"public_id": row.public_id} if row else {}
    return render(
        "reseller/packages/edit.html",
        fragment,
        status=status,
        has_errors=status != 200,
        form=form,
        package=row,
        save_url=url_for("reseller.save_package" if row else "reseller.add_package", **key),
        preview_url=url_for("reseller.preview" if row else "reseller.preview_new", **key),
        preview=shown.preview,
        destinations=shown.destinations,
        below_cost=shown.below_cost,
        month=shown.month,
        planned_from=row.newest_from if row and row.newest_from > clock.now() else None,
        symbol=client_words.currency_symbol(),
        compare_days=client_words.last_month(),
        **more,
    )


def _fragment() -> str:
    return f"reseller/packages/_{_part()}.html"


def _part() -> str:
    wanted = request.args.get("part", "")
    return wanted if wanted in {"destinations", "month"} else "preview"


def _values(row: PackageRow) -> dict[str, Any]:
    """What the editor shows first, and from which terms it was filled."""
    details = row.details if row.details.own_services else _as_default(row.details)
    return values_of(details) | {"seen": row.newest_from.isoformat()}


def _begins(form: PackageForm) -> datetime | None:
    return client_words.moment_of(form.valid_from.data)


def _told(form: PackageForm, public_id: uuid.UUID) -> PackageRow:
    """The package as it is now; when somebody else has saved it, what is typed stays and can be saved."""
    row = pricing.find_package(public_id)
    if form.refusal is not None and form.refusal.code == "changed":
        form.seen.data = row.newest_from.isoformat()
        names = ", ".join(form.differences(row.details))
        if names:
            sentence = gettext("Different from what is saved now: %(names)s.", names=names)
            form.form_errors = [*form.form_errors, sentence]
    return row


def _note(action: str, name: str) -> None:
    """What staff do to packages stands in the log, within the caller's transaction."""
    identity.record(action, by=person(), address=address(), package=name)


def _kept(words: dict[str, str | None]) -> dict[str, Any]:
    return {name: word for name, word in words.items() if word}


def _first_terms() -> PackageDetails:
    """A new package follows the reseller's services."""
    return _as_default(PackageDetails(name=""))


def _as_default(details: PackageDetails) -> PackageDetails:
    """Terms that show the reseller's services: what a package's own configuration begins with."""
    default = entitlements.default_configuration()
    return replace(
        details, view=default.view, services=tuple(sorted(default.services)),
        hide_money=default.hide_money,
    )  # fmt: skip


def _copy_page(row: PackageRow, form: CopyForm, *, status: int = 200) -> Rendered:
    return render(
        "reseller/packages/copy.html",
        status=status,
        has_errors=status != 200,
        form=form,
        package=row,
        packages_url=url_for("reseller.packages"),
    )


def _in_use(row: PackageRow) -> str:
    if not row.users:
        used = gettext("Nobody uses it.")
    else:
        used = gettext(
            "On %(accounts)s of %(clients)s.",
            accounts=ngettext("%(num)d sub-account", "%(num)d sub-accounts", row.users),
            clients=ngettext("%(num)d client", "%(num)d clients", row.clients),
        )
    return f"{used} {gettext('Changes apply to calls that start after you save.')}"
