"""What clients owe for fees, and what falls due in the next 30 days."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from flask import request, url_for
from flask_babel import gettext

from portal import billing, identity
from portal.billing import FeeRow, FeeState
from portal.core.db import transaction
from portal.core.errors import NotFound
from portal.web.fee_words import SYMBOLS, kind_words
from portal.web.forms.billing import RulesForm, WaiveForm
from portal.web.forms.filters import text_of
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render, saved
from portal.web.places import is_own_path
from portal.web.reseller import access_tabs, client_words
from portal.web.reseller.blueprint import bp
from portal.web.session import person

DAYS_AHEAD = 30


@bp.get("/fees")
def due_fees() -> Rendered:
    """What is unpaid, the oldest first."""
    wanted = text_of(request.args)
    page = billing.unpaid_fees(search=wanted, after=request.args.get("after"))
    count, amount = billing.unpaid_total()
    return _page(
        "due_fees", wanted, page,
        fees=[(row, SYMBOLS[row.kind], kind_words(row.kind)) for row in page.rows],
        unpaid_count=count, unpaid_amount=amount,
    )  # fmt: skip


@bp.get("/fees/coming")
def coming_fees() -> Rendered:
    """What falls due by 30 days from now, the nearest first."""
    wanted = text_of(request.args)
    until = client_words.today() + timedelta(days=DAYS_AHEAD)
    page = billing.coming_fees(until, search=wanted, after=request.args.get("after"))
    count, amount = billing.unpaid_total()
    return _page(
        "coming_fees", wanted, page,
        fees=[(row, SYMBOLS[row.kind], kind_words(row.kind)) for row in page.rows],
        unpaid_count=count, unpaid_amount=amount,
    )  # fmt: skip


@bp.post("/fees/<uuid:fee>/try")
@needs("money")
def try_fee(fee: uuid.UUID) -> Rendered:
    """Charge an unpaid fee now, if the balance is enough."""
    row = billing.find_fee(fee)
    with transaction():
        paid = billing.pay_again(fee, by=person())
    sentence = gettext("%(fee)s is charged.", fee=row.description)
    if not paid:
        sentence = gettext("The balance is still not enough for %(fee)s.", fee=row.description)
    return go(_back_to(row), say=sentence)


@bp.get("/fees/<uuid:fee>/waive")
@needs("money")
def confirm_waive(fee: uuid.UUID) -> Rendered:
    """Say what waiving means, and ask why."""
    return _waive_page(billing.find_fee(fee), WaiveForm())


@bp.post("/fees/<uuid:fee>/waive")
@needs("money")
def waive_fee(fee: uuid.UUID) -> Rendered:
    """Let the client off."""
    row, form = billing.find_fee(fee), WaiveForm(request.form)
    form.submit(lambda: billing.waive(fee, form.words.data or "", by=person()))
    if not form.accepted:
        return _waive_page(row, form, status=422)
    return go(_back_to(row), say=gettext("%(fee)s is waived.", fee=row.description))


@bp.get("/configuration/billing")
def billing_rules() -> Rendered:
    """How far back missed fees are charged, and what a suspension leaves open."""
    return _rules_page(RulesForm(obj=billing.rules()))


@bp.post("/configuration/billing")
@needs("configuration")
def save_billing_rules() -> Rendered:
    """Let this hold from now on."""
    form = RulesForm(request.form)
    form.submit(lambda: billing.save_rules(form.rules(), by=person()))
    if not form.accepted:
        return _rules_page(form, status=422)
    return saved(url_for("reseller.billing_rules"), "#billing-rules", say=gettext("Saved."))


def _rules_page(form: RulesForm, *, status: int = 200) -> Rendered:
    return render(
        "reseller/due/rules.html",
        status=status,
        has_errors=status != 200,
        form=form,
        access_tabs=access_tabs.tabs("billing_rules"),
    )


def _page(endpoint: str, wanted: str, page: Any, **more: Any) -> Rendered:
    clients = identity.clients_by_id({row.client_id for row in page.rows})
    index = f"reseller.{endpoint}"
    words: dict[str, Any] = {"q": wanted} if wanted else {}
    return render(
        "reseller/due/index.html",
        "reseller/due/_list.html",
        is_coming=endpoint == "coming_fees",
        today=client_words.today(),
        clients={
            row_id: (one.title, url_for("reseller.client_fees", public_id=one.public_id))
            for row_id, one in clients.items()
        },
        wanted=wanted,
        index_url=url_for(index),
        here_url=url_for(index, **words),
        fee_tabs=_tabs(endpoint, more["unpaid_count"]),
        older_url=url_for(index, after=page.older, **words) if page.older else "",
        newer_url=url_for(index, **words) if request.args.get("after") else "",
        **more,
    )


def _tabs(current: str, unpaid: int) -> list[tuple[str, str, bool, int | None]]:
    return [
        (gettext("Unpaid"), url_for("reseller.due_fees"), current == "due_fees", unpaid),
        (
            gettext("Next 30 days"),
            url_for("reseller.coming_fees"),
            current == "coming_fees",
            None,
        ),
    ]


def _waive_page(row: FeeRow, form: WaiveForm, *, status: int = 200) -> Rendered:
    if row.state is not FeeState.UNPAID and status == 200:
        raise NotFound("There is no such fee.")
    client = identity.client_facts(row.client_id)
    return render(
        "reseller/due/waive.html",
        status=status,
        has_errors=status != 200,
        form=form,
        fee=row,
        client=client_words.head(client),
        clients_url=url_for("reseller.clients"),
        post_url=url_for("reseller.waive_fee", fee=row.public_id),
        back_url=_back_to(row),
    )


def _back_to(row: FeeRow) -> str:
    """The page it was pressed on, or the client's own."""
    back = request.values.get("back", "")[:500]
    if is_own_path(back):
        return back
    client = identity.client_facts(row.client_id)
    return url_for("reseller.client_fees", public_id=client.public_id)
