"""Default fees, and the exchange rate where the reseller's currency is not the carrier's."""

from __future__ import annotations

from flask import request, url_for
from flask_babel import gettext

from portal import pricing
from portal.web import filters
from portal.web.forms.fees import ExchangeForm, FeesForm
from portal.web.guards import needs
from portal.web.htmx import Rendered, render, saved
from portal.web.reseller import access_tabs, client_words
from portal.web.reseller.blueprint import bp
from portal.web.worksheets import CARRIER_CURRENCY


@bp.get("/configuration/fees")
def fees() -> Rendered:
    """What numbers, texts and recordings cost where nothing else is said."""
    return _page(FeesForm(obj=pricing.default_fees()), ExchangeForm())


@bp.post("/configuration/fees")
@needs("packages")
def save_fees() -> Rendered:
    """Let these fees hold from now on."""
    form = FeesForm(request.form)

    def save() -> bool:
        pricing.save_default_fees(form.fees())
        return True

    if form.submit(save) is None:
        return _page(form, ExchangeForm(), status=422)
    return saved(url_for("reseller.fees"), "#fees", say=gettext("The fees hold from now on."))


@bp.post("/configuration/exchange-rate")
@needs("packages")
def save_exchange() -> Rendered:
    """Let an exchange rate hold from now on."""
    form = ExchangeForm(request.form)

    def save() -> bool:
        pricing.save_exchange_rate(form.rate.data or 0)
        return True

    if form.submit(save) is None:
        return _page(FeesForm(obj=pricing.default_fees()), form, status=422)
    return saved(
        url_for("reseller.fees"), "#exchange", say=gettext("The exchange rate holds from now on.")
    )


def _page(form: FeesForm, exchange: ExchangeForm, *, status: int = 200) -> Rendered:
    return render(
        "reseller/fees/index.html",
        access_tabs=access_tabs.tabs("fees"),
        status=status,
        has_errors=status != 200,
        form=form,
        exchange=exchange if filters.currency() != CARRIER_CURRENCY else None,
        rate=pricing.exchange_rate(),
        currency=filters.currency(),
        carrier_currency=CARRIER_CURRENCY,
        symbol=client_words.currency_symbol(),
    )
