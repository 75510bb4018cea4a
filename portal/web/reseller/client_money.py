"""A client's transactions: the history, payments and charges by hand, and undoing them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

from flask import request, url_for
from flask_babel import gettext

from portal import identity, ledger, payments
from portal.core.db import transaction
from portal.core.money import Money
from portal.identity import ClientFacts
from portal.ledger import HistoryFilter, HistoryKind, Posted
from portal.web import filters
from portal.web.forms.payments import MoneyForm
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render
from portal.web.reseller import client_words
from portal.web.reseller.blueprint import bp
from portal.web.reseller.overview import line_shown
from portal.web.session import person

_KINDS = tuple(kind.value for kind in HistoryKind)


@bp.get("/clients/<uuid:public_id>/transactions")
def client_transactions(public_id: uuid.UUID) -> Rendered:
    """The history with its filters and the running balance."""
    client = identity.client_by_public_id(public_id)
    chosen = _chosen()
    found = ledger.history(client.id, chosen, cursor=request.args.get("cursor"))
    return render(
        "reseller/client/transactions.html",
        "reseller/client/_lines.html",
        client=client_words.head(client),
        client_tabs=client_words.tabs(client, "client_transactions"),
        clients_url=url_for("reseller.clients"),
        entries=[line_shown(client, line) for line in found.page.rows],
        totals=found.totals,
        kinds=[(_kind(kind), _url(client, kind=kind), kind == chosen.kind) for kind in _KINDS],
        chosen=chosen,
        is_filtered=chosen != HistoryFilter(),
        plain_url=url_for("reseller.client_transactions", public_id=public_id),
        newer_url=_url(client, cursor=found.page.newer) if found.page.newer else "",
        older_url=_url(client, cursor=found.page.older) if found.page.older else "",
    )


@bp.get("/clients/<uuid:public_id>/payment")
@needs("money")
def new_payment(public_id: uuid.UUID) -> Rendered:
    """The form of a payment, as a page of its own."""
    return _money_page(identity.client_by_public_id(public_id), MoneyForm(), "payment")


@bp.post("/clients/<uuid:public_id>/payment")
@needs("money")
def add_payment(public_id: uuid.UUID) -> Rendered:
    """Write down money that a client paid."""
    return _add(public_id, "payment", payments.add_payment)


@bp.get("/clients/<uuid:public_id>/charge")
@needs("money")
def new_charge(public_id: uuid.UUID) -> Rendered:
    """The form of a charge, as a page of its own."""
    return _money_page(identity.client_by_public_id(public_id), MoneyForm(), "charge")


@bp.post("/clients/<uuid:public_id>/charge")
@needs("money")
def add_charge(public_id: uuid.UUID) -> Rendered:
    """Charge a client by hand."""
    return _add(public_id, "charge", payments.add_charge)


@bp.get("/clients/<uuid:public_id>/transactions/<uuid:transaction>/reverse")
@needs("money")
def confirm_reversal(public_id: uuid.UUID, transaction: uuid.UUID) -> Rendered:
    """Say what undoing means, before it happens."""
    client = identity.client_by_public_id(public_id)
    return render(
        "reseller/client/confirm.html",
        client=client_words.head(client),
        clients_url=url_for("reseller.clients"),
        title=gettext("Reverse this transaction"),
        text=gettext(
            "Its mirror image is added to the history; the line itself stays. "
            "The balance is %(balance)s now. A reversal cannot be undone.",
            balance=filters.money(ledger.balance_of(client.id)),
        ),
        button=gettext("Reverse"),
        post_url=url_for("reseller.reverse", public_id=public_id, transaction=transaction),
        cancel_url=url_for("reseller.client_transactions", public_id=public_id),
    )


@bp.post("/clients/<uuid:public_id>/transactions/<uuid:transaction>/reverse")
@needs("money")
def reverse(public_id: uuid.UUID, transaction: uuid.UUID) -> Rendered:
    """Undo a payment, a charge or a fee by its mirror image; twice is once."""
    client = identity.client_by_public_id(public_id)
    _reverse(client, transaction)
    return go(
        url_for("reseller.client_transactions", public_id=public_id), say=gettext("Reversed.")
    )


def _reverse(client: ClientFacts, which: uuid.UUID) -> None:
    with transaction():
        payments.reverse(client.id, which, by=person())


def _add(public_id: uuid.UUID, kind: str, action: Callable[..., Posted]) -> Rendered:
    client = identity.client_by_public_id(public_id)
    form = MoneyForm(request.form)
    done = form.submit(
        lambda: action(
            client.id,
            form.amount.data or Money(0),
            reference=form.reference.data or "",
            description=form.description.data or "",
            by=person(),
        )
    )
    if done is None:
        return _money_page(client, form, kind, status=422)
    balance = filters.money(ledger.balance_of(client.id))
    amount = filters.money(done.amount)
    sentence = (
        gettext("%(amount)s added. The balance is %(balance)s now.", amount=amount, balance=balance)
        if kind == "payment"
        else gettext(
            "%(amount)s charged. The balance is %(balance)s now.", amount=amount, balance=balance
        )
    )
    return go(url_for("reseller.client", public_id=public_id), say=sentence)


def _money_page(client: ClientFacts, form: MoneyForm, kind: str, *, status: int = 200) -> Rendered:
    return render(
        "reseller/client/money.html",
        status=status,
        has_errors=status != 200,
        form=form,
        is_payment=kind == "payment",
        client=client_words.head(client),
        clients_url=url_for("reseller.clients"),
        balance=ledger.balance_of(client.id),
        save_url=url_for(f"reseller.add_{kind}", public_id=client.public_id),
        symbol=client_words.currency_symbol(),
    )


def _chosen() -> HistoryFilter:
    kind = request.args.get("kind", "all")
    return HistoryFilter(
        first=_day("first"),
        last=_day("last"),
        kind=HistoryKind(kind if kind in _KINDS else "all"),
        fold_reversed=request.args.get("fold") == "1",
    )


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def _url(client: ClientFacts, **changed: str | None) -> str:
    kept = {name: request.args.get(name) for name in ("kind", "first", "last", "fold")}
    values: dict[str, Any] = {
        name: word for name, word in (kept | changed).items() if word and word != "all"
    }
    return url_for("reseller.client_transactions", public_id=client.public_id, **values)


def _kind(kind: str) -> str:
    return {
        "all": gettext("All"),
        "payments": gettext("Payments"),
        "charges": gettext("Charges"),
        "usage": gettext("Usage"),
        "fees": gettext("Fees"),
    }[kind]
