"""What the two portals' pages of invoices share: words, the document on screen, and its PDF."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from flask import Response, send_file, url_for
from flask_babel import gettext

from portal import invoices, ledger
from portal.core import formats, storage
from portal.core.db import transaction
from portal.core.errors import NotFound
from portal.core.money import Money
from portal.invoices import Content, PaperKind, PaperRow
from portal.web import filters
from portal.web.htmx import Rendered, go
from portal.web.i18n import voice


@dataclass(frozen=True, slots=True)
class Listed:
    """A paper as a list shows it."""

    public_id: uuid.UUID
    number: str
    kind: str
    title: str
    about: str
    issued: str
    total: Money
    state: str
    tone: str
    url: str
    pdf_url: str


def listed(row: PaperRow, face: str) -> Listed:
    """One row; ``face`` is the blueprint that shows it."""
    state, tone = state_of(row)
    return Listed(
        row.public_id,
        row.number,
        kind_word(row.kind),
        row.title,
        about(row),
        filters.day(row.issued_day),
        row.total,
        state,
        tone,
        url_for(f"{face}.invoice", public_id=row.public_id),
        url_for(f"{face}.invoice_pdf", public_id=row.public_id),
    )


def kind_word(kind: PaperKind) -> str:
    """What a paper is called."""
    words: dict[PaperKind, str] = {
        PaperKind.INVOICE: gettext("Invoice"),
        PaperKind.RECEIPT: gettext("Receipt"),
        PaperKind.CREDIT: gettext("Credit note"),
    }
    return words[kind]


def kinds() -> list[tuple[str, str]]:
    """The kinds for a filter."""
    words: dict[PaperKind, str] = {
        PaperKind.INVOICE: gettext("Invoices"),
        PaperKind.RECEIPT: gettext("Receipts"),
        PaperKind.CREDIT: gettext("Credit notes"),
    }
    return [(kind.value, word) for kind, word in words.items()]


def about(row: PaperRow) -> str:
    """The month, the day of the payment, or the paper that is credited."""
    if row.kind is PaperKind.CREDIT:
        return row.credits_number
    if row.kind is PaperKind.RECEIPT:
        return gettext("Payment of %(day)s", day=filters.day(row.first_day))
    return period_words(row.first_day, row.last_day)


def period_words(first: date, last: date) -> str:
    """October 2026, or from when to when."""
    if first.day == 1 and (first + timedelta(days=32)).replace(day=1) - last == timedelta(days=1):
        return filters.month(first)
    return gettext("%(first)s to %(last)s", first=filters.day(first), last=filters.day(last))


def state_of(row: PaperRow) -> tuple[str, str]:
    """How a paper stands: credited, paid, or what was open when it was issued."""
    if row.kind is PaperKind.CREDIT:
        return gettext("Credited"), "info"
    if row.credited >= row.total:
        return gettext("Credited in full"), "info"
    if row.credited:
        return gettext("Credited in part"), "info"
    if row.due:
        return gettext("%(amount)s open at issue", amount=filters.money(row.due)), "warn"
    return gettext("Paid"), "ok"


def page(row: PaperRow, face: str, posting_url: Callable[[str], str]) -> dict[str, Any]:
    """What the page of one paper shows, from its snapshot; ``posting_url`` opens what is in the books."""
    content = invoices.content_of(row.id)
    own = ledger.postings_of(row.client_id or 0, "invoice", [str(row.public_id)])
    state, tone = state_of(row)
    file = invoices.file_of(row.id)
    return {
        "paper": content,
        "kind": kind_word(row.kind),
        "about": about(row),
        "state": (state, tone),
        "issued": filters.day(row.issued_day),
        "mailed_at": file.mailed_at,
        "lines": [
            (line, _exact(line.amount, content), posting_url(line.posting) if line.posting else "")
            for line in content.lines
        ],
        "books_urls": [url for name in own.values() if (url := posting_url(str(name)))],
        "sums": _sums(content),
        "notes": [listed(note, face) for note in invoices.credit_notes_of(row.id)],
        "has_pdf": _path(row) is not None,
        "pdf_url": url_for(f"{face}.invoice_pdf", public_id=row.public_id),
        "make_url": url_for(f"{face}.make_invoice_pdf", public_id=row.public_id),
    }


def _sums(content: Content) -> list[tuple[str, str]]:
    """What the lines add up to: net, each tax with its number, total."""
    rows = [(gettext("Before taxes"), _exact(content.net, content))] if content.taxes else []
    for tax in content.taxes:
        number = f" ({tax.number})" if tax.number else ""
        rows.append(
            (f"{tax.name} {filters.percent(tax.percent_e4)}{number}", filters.money(tax.amount))
        )
    return [*rows, (gettext("Total"), filters.money(content.total))]


def _exact(amount: Money, content: Content) -> str:
    """The currency's decimals, or two more where usage has smaller parts."""
    coin = 10 ** (6 - content.digits)
    is_whole = all(line.amount.micros % coin == 0 for line in content.lines)
    places = content.digits if is_whole else max(content.digits + 2, 2)
    return formats.write_money(
        amount.decimal,
        content.currency,
        voice().locale.language,
        least=places,
        most=places,
    )


def make_pdf(row: PaperRow, back_url: str) -> Rendered:
    """Have the PDF made again from what the paper said."""
    with transaction():
        invoices.ask_file(row.id)
    return go(back_url, say=gettext("The PDF is being made. Open this page again in a moment."))


def _path(row: PaperRow) -> Path | None:
    try:
        return storage.path_of(invoices.file_of(row.id).stored_as)
    except NotFound:
        return None


def pdf(row: PaperRow, back_url: str) -> Rendered:
    """The file; while there is none, the page that offers to make it."""
    path = _path(row)
    if path is None:
        return go(back_url)
    response: Response = send_file(
        path,
        mimetype="application/pdf",
        as_attachment=True,
        download_name=f"{row.number.replace('/', '-')}.pdf",
        conditional=False,
        max_age=0,
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response
