"""The company: what its clients read on statements and under mails, and where its days begin."""

from __future__ import annotations

from dataclasses import asdict

from flask import request, url_for
from flask_babel import gettext

from portal import calls, identity, ledger
from portal.web.forms.company import CompanyForm
from portal.web.guards import needs
from portal.web.htmx import Rendered, render, saved
from portal.web.reseller import company_tabs
from portal.web.reseller.blueprint import bp, own_reseller
from portal.web.session import person


@bp.get("/configuration/company")
def company() -> Rendered:
    """Name, address, tax numbers, support; zone, currency, language."""
    return _page(CompanyForm(data=asdict(identity.company_of(own_reseller()))))


@bp.post("/configuration/company")
@needs("configuration")
def save_company() -> Rendered:
    """Save it; statements and mails that are made from now on show it."""
    form = CompanyForm(request.form)

    def save() -> bool:
        identity.save_company(form.details(), by=person(), books_have_begun=books_have_begun)
        return True

    if form.submit(save) is None:
        return _page(form, status=422)
    return saved(url_for("reseller.company"), "#company", say=gettext("The company is saved."))


def books_have_begun() -> bool:
    """From then on zone and currency stay: roll-ups and balances are kept in them."""
    return ledger.has_begun() or calls.last_id() > 0


def _page(form: CompanyForm, *, status: int = 200) -> Rendered:
    fixed = books_have_begun()
    if fixed:  # what cannot be changed is shown as it is, whatever was sent
        form.time_zone.data, form.currency.data = own_reseller().time_zone, own_reseller().currency
    return render(
        "reseller/company/index.html",
        status=status,
        has_errors=status != 200,
        form=form,
        fixed=fixed,
        company_tabs=company_tabs.tabs("company"),
        uid=own_reseller().uid,
    )
