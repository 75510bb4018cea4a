"""Payments that came in, whichever way, and giving them back."""

from __future__ import annotations

import uuid
from typing import Any

from flask import request, url_for
from flask_babel import gettext

from portal import payments
from portal.core.errors import NotFound
from portal.core.money import Money
from portal.payments import Intent, PaymentFilter, PaymentRow
from portal.web import payment_words
from portal.web.forms.payments import RefundForm
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render
from portal.web.reseller import client_words
from portal.web.reseller.blueprint import bp
from portal.web.session import person

PAGE, LIST = "reseller/payments/list.html", "reseller/payments/_list.html"
_STATES = ("", "paid", "open", "unpaid", "back", "problem")


@bp.get("/payments")
def payments_received() -> Rendered:
    """Every payment, newest first."""
    state = request.args.get("state", "")
    chosen = PaymentFilter(
        state=state if state in _STATES else "", text=request.args.get("q", "")[:100]
    )
    found = payments.payments_list(chosen, cursor=request.args.get("cursor"))
    return render(
        PAGE,
        LIST,
        rows=[_shown(row) for row in found.rows],
        chosen=chosen,
        is_filtered=chosen != PaymentFilter(),
        states=[(_state_word(each), _url(state=each), each == chosen.state) for each in _STATES],
        list_url=url_for("reseller.payments_received"),
        older_url=_url(state=chosen.state, cursor=found.older) if found.older else "",
        settings_url=url_for("reseller.payments"),
    )


@bp.get("/payments/<uuid:public_id>")
def payment(public_id: uuid.UUID) -> Rendered:
    """One payment: what is known of it, what went back, and the form of a refund."""
    return _page(public_id, RefundForm())


@bp.post("/payments/<uuid:public_id>/refund")
@needs("money")
def refund_payment(public_id: uuid.UUID) -> Rendered:
    """Give part of it back, or all that is left; sent twice it is one refund."""
    found = payments.intent(public_id)
    form = RefundForm(request.form)

    def ask() -> bool:
        payments.refund(
            found.id,
            form.amount.data or Money(0),
            reason=form.reason.data or "",
            reference=uuid.UUID(form.reference.data),
            by=person(),
        )
        return True

    if form.submit(ask) is None:
        return _page(public_id, form, status=422)
    say = (
        gettext("The refund is written down.")
        if found.gateway == payments.MANUAL
        else gettext("The refund is on its way. The balance changes when the gateway has made it.")
    )
    return go(url_for("reseller.payment", public_id=public_id), say=say)


def _page(public_id: uuid.UUID, form: RefundForm, *, status: int = 200) -> Rendered:
    row, intent = payments.payment_row(public_id), payments.intent(public_id)
    if row is None:
        raise NotFound("This payment does not exist.")
    if request.method == "GET":
        form.amount.data = intent.left
    refunds = payments.refunds_of(intent.id)
    reasons = {one.ref: one.reason for one in refunds if one.ref}
    return render(
        "reseller/payments/one.html",
        status=status,
        has_errors=status != 200,
        form=form,
        payment=intent,
        shown=_shown(row),
        sums=payment_words.sums(intent),
        problem=payment_words.problem(row.problem),
        facts=[
            (payment_words.fact(each.kind), reasons.get(each.ref, ""), each)
            for each in payments.facts_of(intent.id)
        ],
        refunds=[
            (payment_words.refund_state(each.state), payment_words.problem(each.problem), each)
            for each in refunds
        ],
        may_refund=bool(intent.left) and intent.gateway != payments.PAYPAL_EMAIL,
        at_paypal=intent.gateway == payments.PAYPAL_EMAIL and bool(intent.left),
        symbol=client_words.currency_symbol(),
        list_url=url_for("reseller.payments_received"),
        posting_url=_posting_url(row, intent),
    )


def _posting_url(row: PaymentRow, intent: Intent) -> str:
    """Where it stands in the books, once it was credited."""
    found = payments.payment_named(intent.client_id, str(row.public_id))
    if found is None or found.transfer is None:
        return ""
    return url_for(
        "reseller.client_posting", public_id=row.client_public_id, posting=found.transfer
    )


def _shown(row: PaymentRow) -> dict[str, Any]:
    return {
        "row": row,
        "gateway": payment_words.gateway(row.gateway),
        "state": payment_words.state(row.state),
        "tone": payment_words.TONES.get(row.state, ""),
        "url": url_for("reseller.payment", public_id=row.public_id),
        "client_url": url_for("reseller.client", public_id=row.client_public_id),
    }


def _state_word(state: str) -> str:
    return {
        "": gettext("All"),
        "paid": gettext("Paid"),
        "open": gettext("Open"),
        "unpaid": gettext("Not paid"),
        "back": gettext("Given back"),
        "problem": gettext("To look at"),
    }[state]


def _url(**changed: str) -> str:
    values: dict[str, Any] = {"q": request.args.get("q", "")[:100]} | changed
    return url_for(
        "reseller.payments_received", **{name: word for name, word in values.items() if word}
    )
