"""Automatic top-up: when, by how much, with which card, and how the last tries went."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import request, url_for
from flask_babel import get_locale, gettext

from portal import invoices, payments
from portal.core import formats
from portal.entitlements import Service
from portal.web import card_words, filters
from portal.web.client import balance_tabs
from portal.web.client.blueprint import bp
from portal.web.forms.top_up import TopUpForm
from portal.web.guards import managers, own_account, while_suspended
from portal.web.htmx import Rendered, go, render
from portal.web.places import reseller
from portal.web.rights import client_id, need, standing
from portal.web.session import person

PAGE, TRIES = "client/top_up/index.html", "client/top_up/_tries.html"


@bp.get("/balance/top-up")
def top_up() -> Rendered:
    """The choice, the cards and the last tries, which htmx asks for alone."""
    need(Service.BALANCE)
    return _page(TopUpForm(obj=payments.top_up_terms(client_id())))


@bp.post("/balance/top-up")
@own_account
@managers
@while_suspended
def save_top_up() -> Rendered:
    """Keep the choice; whoever is below the threshold is topped up right away."""
    need(Service.BALANCE)
    form = TopUpForm(request.form)

    def save() -> bool:
        payments.save_top_up(client_id(), form.terms(), by=person(), taxes=invoices.taxes_on_top)
        return True

    if form.submit(save) is None:
        return _page(form, status=422)
    say = gettext("Saved.") if form.on.data else gettext("Automatic top-up is off.")
    return go(url_for(".top_up"), say=say)


def _page(form: TopUpForm, *, status: int = 200) -> Rendered:
    terms = payments.top_up_terms(client_id())
    spent = payments.spent_this_month(client_id(), ZoneInfo(reseller().time_zone))
    tries = payments.attempts(client_id())
    waits = payments.next_step_at(client_id())
    total = invoices.price_of(client_id(), terms.amount).total
    return render(
        PAGE,
        TRIES if request.method == "GET" else None,
        status=status,
        has_errors=status != 200,
        form=form,
        terms=terms,
        stopped=card_words.problem(terms.stopped),
        cards=[card_words.shown(card) for card in payments.cards_of(client_id())],
        can_add=payments.card_gateway() is not None,
        may_change=not person().acting and person().may_manage,
        tries=[card_words.tried(one) for one in tries],
        waits_until=filters.daytime(waits) if waits else "",
        symbol=formats.currency_symbol(reseller().currency, str(get_locale() or "en")),
        spent=spent,
        is_at_ceiling=waits is not None and spent + total > terms.ceiling,
        standing=standing(),
        starts_now=not terms.on and standing().balance < terms.threshold,
        balance_tabs=balance_tabs.tabs("top_up"),
        tries_url=url_for(".top_up"),
    )
