"""Invoices, receipts and credit notes of all clients: the list, one paper, and issuing by hand."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from flask import request, url_for
from flask_babel import gettext

from portal import identity, invoices
from portal.core.db import transaction
from portal.core.errors import DomainError
from portal.core.money import Money
from portal.identity import ClientFacts
from portal.invoices import Draft, Mode, Month, PaperFilter, PaperKind, PaperRow
from portal.web import filters, invoice_words
from portal.web.forms.filters import read_span, text_of
from portal.web.forms.invoices import ChoiceForm, CreditForm, ExemptionForm, IssueForm, month_of
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render
from portal.web.reseller import client_words
from portal.web.reseller.blueprint import bp, own_reseller
from portal.web.session import person

PAGE, LIST = "reseller/invoices/index.html", "reseller/invoices/_list.html"
# More are issued, not shown: the dry run reads each client's month.
MOST_SHOWN = 100
_MONTHS = 13


@bp.get("/invoices", endpoint="invoices")
def all_invoices() -> Rendered:
    """Papers of all clients, newest first."""
    waiting = invoices.due_months()
    return render(
        PAGE,
        LIST,
        waiting=sum(len(months) for months in waiting.values()),
        issue_url=url_for("reseller.issue"),
        tax_url=url_for("reseller.tax"),
        is_on=invoices.settings().mode is not Mode.NONE or bool(waiting),
        **_list(None, "invoices", {}),
    )


@bp.get("/invoices/<uuid:public_id>")
def invoice(public_id: uuid.UUID) -> Rendered:
    """One paper as it was issued, and what was credited of it."""
    return _paper_page(invoices.find(public_id), CreditForm())


@bp.get("/invoices/<uuid:public_id>/pdf")
def invoice_pdf(public_id: uuid.UUID) -> Rendered:
    """The PDF."""
    row = invoices.find(public_id)
    return invoice_words.pdf(row, url_for("reseller.invoice", public_id=public_id))


@bp.post("/invoices/<uuid:public_id>/pdf")
def make_invoice_pdf(public_id: uuid.UUID) -> Rendered:
    """Have it made again: old ones are not kept."""
    row = invoices.find(public_id)
    return invoice_words.make_pdf(row, url_for("reseller.invoice", public_id=public_id))


@bp.post("/invoices/<uuid:public_id>/resend")
@needs("money")
def resend_invoice(public_id: uuid.UUID) -> Rendered:
    """Mail it, or mail it again."""
    row = invoices.find(public_id)
    was_mailed = invoices.file_of(row.id).mailed_at is not None
    with transaction():
        invoices.ask_file(row.id, mail_it=True)
        identity.record("invoice.resent", by=person(), client_id=row.client_id, number=row.number)
    say = gettext("It is mailed again.") if was_mailed else gettext("It is mailed.")
    return go(url_for("reseller.invoice", public_id=public_id), say=say)


@bp.post("/invoices/<uuid:public_id>/credit")
@needs("money")
def credit_invoice(public_id: uuid.UUID) -> Rendered:
    """Credit it, or a part of it; the money goes back to the balance."""
    row, form = invoices.find(public_id), CreditForm(request.form)
    note = form.submit(
        lambda: invoices.credit_by_hand(
            public_id,
            form.amount.data,
            reason=form.reason.data or "",
            form=form.reference.data or "",
            by=person(),
        )
    )
    if note is None:
        return _paper_page(row, form, status=422)
    said = gettext("%(number)s is issued.", number=note.number)
    return go(url_for("reseller.invoice", public_id=note.public_id), say=said)


@bp.get("/invoices/issue")
@needs("money")
def issue() -> Rendered:
    """What a month would be, before anything is written."""
    month = month_of(request.args.get("month", "")) or invoices.last_month()
    return _issue_page(month)


@bp.post("/invoices/issue")
@needs("money")
def issue_month() -> Rendered:
    """Issue a month for those who wait for it, earlier months first; or for one client."""
    form = IssueForm(request.form)
    month = form.first_day() if form.validate() else None
    if month is None:
        return _issue_page(invoices.last_month(), status=422)
    client = _asked_client(request.form.get("client", ""))
    made, refused = 0, ""
    for client_id, months in _wanted(month, client).items():
        for one in months:
            try:
                with transaction():
                    done = invoices.issue_month(client_id, one, by=person())
            except DomainError as error:
                refused = gettext(error.message)
                break
            made += bool(done and done.invoice) + len(done.credits if done else ())
    said = gettext("Issued: %(count)s.", count=filters.number(made))
    back = (
        url_for("reseller.client_invoices", public_id=client.public_id)
        if client
        else url_for("reseller.invoices")
    )
    return go(back, say=f"{said} {refused}".strip())


@bp.get("/clients/<uuid:public_id>/invoices")
def client_invoices(public_id: uuid.UUID) -> Rendered:
    """The papers of one client, what it gets, and which taxes it is exempt from."""
    return _client_page(identity.client_by_public_id(public_id))


@bp.post("/clients/<uuid:public_id>/invoices")
@needs("money")
def save_invoice_choice(public_id: uuid.UUID) -> Rendered:
    """Let this client have something else than the others."""
    client = identity.client_by_public_id(public_id)
    form = ChoiceForm(request.form, usual=invoices.settings().mode)

    def save() -> bool:
        invoices.save_choice(client.id, form.chosen(), by=person())
        return True

    if form.submit(save) is None:
        return _client_page(client, choice=form, status=422)
    here = url_for("reseller.client_invoices", public_id=public_id)
    return go(here, say=gettext("Saved."))


@bp.post("/clients/<uuid:public_id>/exemptions")
@needs("money")
def add_exemption(public_id: uuid.UUID) -> Rendered:
    """Exempt this client from a tax."""
    client = identity.client_by_public_id(public_id)
    form = ExemptionForm(request.form, known=invoices.taxes())
    added = form.submit(lambda: invoices.add_exemption(client.id, form.details(), by=person()))
    if added is None:
        return _client_page(client, exemption=form, status=422)
    here = url_for("reseller.client_invoices", public_id=public_id)
    return go(here, say=gettext("Invoices name the exemption from now on."))


@bp.post("/clients/<uuid:public_id>/exemptions/<uuid:exemption>/delete")
@needs("money")
def end_exemption(public_id: uuid.UUID, exemption: uuid.UUID) -> Rendered:
    """Let this client pay the tax again."""
    client = identity.client_by_public_id(public_id)
    with transaction():
        invoices.remove_exemption(client.id, exemption, by=person())
    here = url_for("reseller.client_invoices", public_id=public_id)
    return go(here, say=gettext("The exemption has ended."))


def _client_page(
    client: ClientFacts,
    *,
    choice: ChoiceForm | None = None,
    exemption: ExemptionForm | None = None,
    status: int = 200,
) -> Rendered:
    own: dict[str, Any] = {"public_id": client.public_id}
    usual = invoices.settings().mode
    return render(
        "reseller/invoices/client.html",
        LIST if request.method == "GET" else None,
        status=status,
        has_errors=status != 200,
        client=client_words.head(client),
        client_tabs=client_words.tabs(client, "client_invoices"),
        clients_url=url_for("reseller.clients"),
        choice=choice or ChoiceForm(now=invoices.choice_of(client.id), usual=usual),
        choice_url=url_for("reseller.save_invoice_choice", **own),
        exemption=exemption or ExemptionForm(known=invoices.taxes()),
        exemption_url=url_for("reseller.add_exemption", **own),
        exemptions=[
            (row, url_for("reseller.end_exemption", **own, exemption=row.public_id))
            for row in invoices.exemptions_of(client.id)
        ],
        issue_url=url_for("reseller.issue", client=client.public_id),
        is_on=invoices.wish_of(client.id).mode is not Mode.NONE,
        tax_url=url_for("reseller.tax"),
        **_list(client, "client_invoices", own),
    )


def _list(client: ClientFacts | None, endpoint: str, own: dict[str, Any]) -> dict[str, Any]:
    known = {kind.value: kind for kind in PaperKind}
    span = read_span(request.args, _zone(), most_days=None)
    wanted = PaperFilter(
        client_id=client.id if client else None,
        kind=known.get(request.args.get("kind", "")),
        text=text_of(request.args),
        first=span.first if span else None,
        last=span.last if span else None,
        newest_first=request.args.get("order") != "oldest",
    )
    page = invoices.papers(wanted, after=request.args.get("after"))
    sums = invoices.totals(wanted)
    names = ("q", "kind", "since", "until", "order")
    kept: dict[str, Any] = {
        name: word for name in names if (word := request.args.get(name, "")[:80])
    }
    order = kept.get("order", "")

    def here(**changes: str) -> str:
        words = {name: word for name, word in (kept | changes).items() if word}
        return url_for(f"reseller.{endpoint}", **own, **words)

    return {
        "papers": [invoice_words.listed(row, "reseller") for row in page.rows],
        "names_clients": client is None,
        "totals": [
            (word, *sums[PaperKind(kind)])
            for kind, word in invoice_words.kinds()
            if PaperKind(kind) in sums
        ],
        "wanted": wanted,
        "span": span,
        "kinds": invoice_words.kinds(),
        "is_filtered": bool(wanted.text or wanted.kind or span),
        "index_url": url_for(f"reseller.{endpoint}", **own),
        "sort": ("issued", "ascending" if order == "oldest" else "descending"),
        "sort_url": lambda _key, way: here(order="oldest" if way == "ascending" else "newest"),
        "older_url": here(after=page.older) if page.older else "",
        "newer_url": here() if request.args.get("after") else "",
    }


def _paper_page(row: PaperRow, form: CreditForm, *, status: int = 200) -> Rendered:
    client = identity.clients_by_id({row.client_id or 0}).get(row.client_id or 0)
    left = invoices.left_of(row.id) if row.kind is PaperKind.INVOICE else Money(0)

    def posting_url(name: str) -> str:
        if client is None:
            return ""
        return url_for("reseller.client_posting", public_id=client.public_id, posting=name)

    return render(
        "reseller/invoices/view.html",
        status=status,
        has_errors=status != 200,
        row=row,
        form=form,
        left=left,
        client_name=row.title,
        client_url=url_for("reseller.client_invoices", public_id=client.public_id)
        if client
        else "",
        list_url=url_for("reseller.invoices"),
        lines_url=url_for(
            "reseller.client_transactions",
            public_id=client.public_id,
            first=row.first_day,
            last=row.last_day,
            reversed="1",
        )
        if client
        else "",
        resend_url=url_for("reseller.resend_invoice", public_id=row.public_id),
        credit_url=url_for("reseller.credit_invoice", public_id=row.public_id),
        symbol=client_words.currency_symbol(),
        **invoice_words.page(row, "reseller", posting_url),
    )


def _issue_page(month: date, *, status: int = 200) -> Rendered:
    client = _asked_client(request.values.get("client", ""))
    wanted = _wanted(month, client)
    pairs = [(client_id, one) for client_id, months in wanted.items() for one in months]
    clients = identity.clients_by_id({client_id for client_id, _ in pairs[:MOST_SHOWN]})
    drafts = [invoices.draft(client_id, one) for client_id, one in pairs[:MOST_SHOWN]]
    shown = [_draft_shown(one, clients[one.client_id]) for one in drafts]
    total = sum((one.content.total for one in drafts if one.content), Money(0))
    latest = client_words.today().replace(day=1)
    months = []
    for _ in range(_MONTHS):
        latest = date.fromordinal(latest.toordinal() - 1).replace(day=1)
        months.append((f"{latest:%Y-%m}", filters.month(latest), latest == month))
    return render(
        "reseller/invoices/issue.html",
        status=status,
        has_errors=status != 200,
        months=months,
        month=f"{month:%Y-%m}",
        month_text=filters.month(month),
        drafts=shown,
        total=total,
        more=max(len(pairs) - MOST_SHOWN, 0),
        issues=sum(one.outcome is Month.ISSUED for one in drafts),
        client=client,
        list_url=url_for("reseller.client_invoices", public_id=client.public_id)
        if client
        else url_for("reseller.invoices"),
    )


def _draft_shown(draft: Draft, client: ClientFacts) -> dict[str, object]:
    words: dict[Month, tuple[str, str]] = {
        Month.ISSUED: (gettext("Will be issued"), "ok"),
        Month.EMPTY: (gettext("Nothing to pay: no invoice"), ""),
        Month.CARRIED: (gettext("Goes on the next invoice"), "warn"),
    }
    return {
        "name": client.title,
        "url": url_for("reseller.client_invoices", public_id=client.public_id),
        "month": filters.month(draft.month),
        "net": draft.content.net if draft.content else None,
        "tax": draft.content.tax if draft.content else None,
        "total": draft.content.total if draft.content else None,
        "credited": draft.credited,
        "state": words[draft.outcome],
    }


def _wanted(month: date, client: ClientFacts | None) -> dict[int, list[date]]:
    """Up to this month, in order; one client may have a month although it gets no invoices else."""
    due = invoices.due_months([client.id] if client else None, until=month)
    if client is not None and client.id not in due and not invoices.is_done(client.id, month):
        return {client.id: [month]} if month < client_words.today().replace(day=1) else {}
    return due


def _asked_client(word: str) -> ClientFacts | None:
    return identity.client_by_public_id(word) if word else None


def _zone() -> ZoneInfo:
    return ZoneInfo(own_reseller().time_zone)
