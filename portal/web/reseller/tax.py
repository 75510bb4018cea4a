"""Taxes and invoices: which taxes, what clients get, how papers are numbered, and a sample."""

from __future__ import annotations

import uuid

from flask import request, url_for
from flask_babel import gettext

from portal import branding, invoices, reports
from portal.branding import Purpose
from portal.core.db import transaction
from portal.invoices import TaxRow
from portal.reports import ReportKind
from portal.web import filters
from portal.web.forms.invoices import InvoiceSettingsForm, TaxForm
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render, saved
from portal.web.i18n import LANGUAGES
from portal.web.reseller.blueprint import bp, own_reseller
from portal.web.reseller.client_words import today
from portal.web.session import person


@bp.get("/configuration/tax")
def tax() -> Rendered:
    """The settings, the taxes, and a sample to look at."""
    return _page(InvoiceSettingsForm(now=invoices.settings()))


@bp.post("/configuration/tax")
@needs("configuration")
def save_tax_settings() -> Rendered:
    """Save what clients get and how papers are written."""
    form = InvoiceSettingsForm(request.form)

    def save() -> bool:
        invoices.save_settings(form.settings(), by=person())
        return True

    if form.submit(save) is None:
        return _page(form, status=422)
    return saved(url_for("reseller.tax"), "#papers", say=gettext("Saved."))


@bp.post("/configuration/tax/sample")
@needs("configuration")
def sample_invoice() -> Rendered:
    """Have a sample made by a worker; the page of the file follows it."""
    asked = request.form.get("language", "")
    language = asked if asked in LANGUAGES else own_reseller().language
    with transaction():
        name = reports.request_file(
            ReportKind.INVOICE_SAMPLE,
            {},
            language=language,
            said=((gettext("Language"), LANGUAGES[language]),),
            asked_by_id=person().person_id,
        )
    return go(url_for("reseller.report_file", public_id=name))


@bp.get("/configuration/tax/new")
@needs("configuration")
def new_tax() -> Rendered:
    """The form of a new tax."""
    return _tax_page(TaxForm(country=own_reseller().country))


@bp.post("/configuration/tax/new")
@needs("configuration")
def add_tax() -> Rendered:
    """Add it."""
    form = TaxForm(request.form)
    if form.submit(lambda: invoices.save_tax(form.details(), by=person())) is None:
        return _tax_page(form, status=422)
    return go(url_for("reseller.tax") + "#taxes", say=gettext("The tax is saved."))


@bp.get("/configuration/tax/<uuid:public_id>")
@needs("configuration")
def edit_tax(public_id: uuid.UUID) -> Rendered:
    """The form of a tax."""
    row = invoices.find_tax(public_id)
    return _tax_page(TaxForm(now=row.details), row)


@bp.post("/configuration/tax/<uuid:public_id>")
@needs("configuration")
def change_tax(public_id: uuid.UUID) -> Rendered:
    """Change it; papers that were issued keep what they say."""
    row, form = invoices.find_tax(public_id), TaxForm(request.form)
    if form.submit(lambda: invoices.save_tax(form.details(), public_id, by=person())) is None:
        return _tax_page(form, row, status=422)
    return go(url_for("reseller.tax") + "#taxes", say=gettext("The tax is saved."))


@bp.post("/configuration/tax/<uuid:public_id>/delete")
@needs("configuration")
def delete_tax(public_id: uuid.UUID) -> Rendered:
    """Forget it."""
    with transaction():
        invoices.delete_tax(public_id, by=person())
    return go(url_for("reseller.tax") + "#taxes", say=gettext("The tax is deleted."))


def _page(form: InvoiceSettingsForm, *, status: int = 200) -> Rendered:
    now, brand = invoices.settings(), branding.current_theme()
    return render(
        "reseller/tax/index.html",
        status=status,
        has_errors=status != 200,
        form=form,
        since=filters.day(now.since) if now.since else "",
        taxes=[_shown(row) for row in invoices.taxes()],
        languages=list(LANGUAGES.items()),
        own_language=own_reseller().language,
        has_logo=brand.paper_logo is not None,
        has_own_logo=Purpose.PAPER_LOGO in brand.pictures,
        example=f"{now.invoice_prefix}{today().year}-0001",
    )


def _shown(row: TaxRow) -> dict[str, object]:
    details = row.details
    since, until = details.valid_from, details.valid_until
    if until is not None and until < today():
        state, tone = gettext("Ended %(day)s", day=filters.day(until)), ""
    elif since is not None and since > today():
        state, tone = gettext("From %(day)s", day=filters.day(since)), "info"
    elif until is not None:
        state, tone = gettext("Until %(day)s", day=filters.day(until)), "ok"
    else:
        state, tone = gettext("In force"), "ok"
    country = filters.country(details.country)
    return {
        "name": details.name,
        "percent": filters.percent(details.percent_e4),
        "number": details.number,
        "whom": f"{country}: {', '.join(details.regions)}" if details.regions else country,
        "state": state,
        "tone": tone,
        "url": url_for("reseller.edit_tax", public_id=row.public_id),
    }


def _tax_page(form: TaxForm, row: TaxRow | None = None, *, status: int = 200) -> Rendered:
    here = url_for("reseller.change_tax", public_id=row.public_id) if row else ""
    return render(
        "reseller/tax/tax.html",
        status=status,
        has_errors=status != 200,
        form=form,
        name=row.details.name if row else "",
        save_url=here or url_for("reseller.add_tax"),
        delete_url=url_for("reseller.delete_tax", public_id=row.public_id) if row else "",
    )
