"""A client's transactions: the history, payments and charges by hand, and undoing them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext

from portal import identity, ledger, payments
from portal.core.cells import Cell
from portal.core.money import Money
from portal.identity import ClientFacts
from portal.ledger import HistoryFilter, HistoryKind, Line, Posted
from portal.web import card_words, filters
from portal.web.download import csv_stream
from portal.web.forms.payments import MoneyForm, ReverseForm
from portal.web.guards import needs
from portal.web.history_lines import words
from portal.web.htmx import Rendered, go, render, wants_fragment
from portal.web.reseller import client_words
from portal.web.reseller.blueprint import bp
from portal.web.reseller.overview import line_shown
from portal.web.session import person

_KINDS = tuple(kind.value for kind in HistoryKind)
_CSV_LINES = 1000


@dataclass(slots=True)
class _Place:
    """Where a download goes on."""

    older: str | None = None


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
        is_filtered=chosen != HistoryFilter(fold_reversed=True),
        csv_url=_url(client, endpoint="client_transactions_csv"),
        plain_url=url_for("reseller.client_transactions", public_id=public_id),
        top_up=_top_up(client),
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


@bp.get("/clients/<uuid:public_id>/transactions.csv")
def client_transactions_csv(public_id: uuid.UUID) -> Response:
    """Every line of the filter, newest first, with the balance after each, streamed."""
    client = identity.client_by_public_id(public_id)
    chosen, place = _chosen(), _Place()

    def chunk(last: Line | None) -> Sequence[Line]:
        if last is not None and place.older is None:
            return ()
        page = ledger.history(client.id, chosen, cursor=place.older, page_size=_CSV_LINES).page
        place.older = page.older
        return page.rows

    def cells(line: Line) -> Sequence[Cell]:
        return [
            line.day.isoformat(), line.reason.value, words(line), line.description,
            f"{line.amount.decimal:f}", f"{line.balance.decimal:f}",
        ]  # fmt: skip

    head = (
        gettext("Date"), gettext("Kind"), gettext("Entry"), gettext("Description"),
        gettext("Amount"), gettext("Balance"),
    )  # fmt: skip
    return csv_stream(f"transactions-{client.number}.csv", head, chunk, cells)


@bp.get("/clients/<uuid:public_id>/transactions/<uuid:transaction>/reverse")
@needs("money")
def confirm_reversal(public_id: uuid.UUID, transaction: uuid.UUID) -> Rendered:
    """Say what undoing means, before it happens, and ask why."""
    client = identity.client_by_public_id(public_id)
    ledger.require_transfer(client.id, transaction)
    return _reversal_page(client, transaction, ReverseForm())


@bp.post("/clients/<uuid:public_id>/transactions/<uuid:transaction>/reverse")
@needs("money")
def reverse(public_id: uuid.UUID, transaction: uuid.UUID) -> Rendered:
    """Undo a payment, a charge or a fee by its mirror image; twice is once."""
    client = identity.client_by_public_id(public_id)
    ledger.require_transfer(client.id, transaction)
    form = ReverseForm(request.form)
    done = form.submit(
        lambda: payments.reverse(client.id, transaction, reason=form.reason.data or "", by=person())
    )
    if done is None:
        return _reversal_page(client, transaction, form, status=422)
    return go(
        url_for("reseller.client_transactions", public_id=public_id), say=gettext("Reversed.")
    )


def _reversal_page(
    client: ClientFacts, which: uuid.UUID, form: ReverseForm, *, status: int = 200
) -> Rendered:
    return render(
        "reseller/client/reverse.html",
        status=status,
        has_errors=status != 200,
        form=form,
        client=client_words.head(client),
        clients_url=url_for("reseller.clients"),
        balance=ledger.balance_of(client.id),
        post_url=url_for("reseller.reverse", public_id=client.public_id, transaction=which),
        cancel_url=url_for("reseller.client_transactions", public_id=client.public_id),
    )


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


def _top_up(client: ClientFacts) -> dict[str, Any] | None:
    """What the client chose and how the last try went; nothing where no card was ever kept."""
    if wants_fragment():
        return None
    terms = payments.top_up_terms(client.id)
    cards = payments.cards_of(client.id)
    if not cards and not terms.on and not terms.stopped:
        return None
    tries = payments.attempts(client.id, limit=1)
    return {
        "terms": terms,
        "stopped": card_words.problem(terms.stopped),
        "cards": [card_words.shown(card) for card in cards],
        "last": card_words.tried(tries[0]) if tries else None,
    }


def _chosen() -> HistoryFilter:
    kind = request.args.get("kind", "all")
    return HistoryFilter(
        first=_day("first"),
        last=_day("last"),
        kind=HistoryKind(kind if kind in _KINDS else "all"),
        fold_reversed=request.args.get("reversed") != "1",
        text=request.args.get("q", "")[:100],
    )


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def _url(
    client: ClientFacts, *, endpoint: str = "client_transactions", **changed: str | None
) -> str:
    kept = {name: request.args.get(name) for name in ("kind", "first", "last", "reversed", "q")}
    values: dict[str, Any] = {
        name: word for name, word in (kept | changed).items() if word and word != "all"
    }
    return url_for(f"reseller.{endpoint}", public_id=client.public_id, **values)


def _kind(kind: str) -> str:
    return {
        "all": gettext("All"),
        "payments": gettext("Payments"),
        "charges": gettext("Charges"),
        "usage": gettext("Usage"),
        "fees": gettext("Fees"),
    }[kind]
