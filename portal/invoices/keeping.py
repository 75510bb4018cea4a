"""Keeping a paper: its number, its snapshot, its taxes in the books, and the job that makes the PDF."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select

from portal import identity, ledger
from portal.core import clock, live, scope
from portal.core.db import insert_once, new_public_id, session
from portal.core.failpoints import failpoint
from portal.core.money import Money
from portal.core.queue import enqueue
from portal.identity import ClientFacts, Visitor
from portal.invoices import numbering
from portal.invoices.content import keep_logo, packed
from portal.invoices.models import Paper, PaperFile
from portal.invoices.settings import settings
from portal.invoices.values import Content, MadePaper
from portal.ledger import Reason
from portal.tasks import MAKE_PAPER

SOURCE, TAX = "invoice", "tax"


class _IsThere(Exception):
    """The source has its paper already."""


def keep(
    content: Content,
    client: ClientFacts,
    *,
    source: str,
    credits_id: int | None = None,
    by: Visitor | None = None,
    issued_at: datetime | None = None,
) -> MadePaper | None:
    """Issue a paper within the caller's transaction; None when its source has one already.

    With ``issued_at`` it is history that is brought in: nobody is mailed, and its PDF is made when
    somebody wants it.

    Number and row are written together or not at all: what is given up gives its number back.
    """
    public_id = new_public_id()
    try:
        with session().begin_nested():
            content = _numbered(content, client, public_id, source, credits_id, issued_at)
    except _IsThere:
        return None
    paper_id = _id_of(public_id)
    session().add(PaperFile(paper_id=paper_id, client_id=client.id, wants_mail=issued_at is None))
    session().flush()
    if issued_at is None:
        enqueue(MAKE_PAPER, paper_id=paper_id)
    identity.record(
        "invoice.issued",
        by=by,
        client_id=client.id,
        number=content.number,
        total=str(content.total),
    )
    live.tell("invoices-changed", client_id=client.id)
    failpoint("invoice.kept")
    return MadePaper(paper_id, public_id, content.kind, content.number, content.total)


def _numbered(
    content: Content, client: ClientFacts, public_id: uuid.UUID, source: str, credits_id: int | None,
    issued_at: datetime | None,
) -> Content:  # fmt: skip
    """The paper with its number, written; _IsThere gives the number back."""
    year = content.issued.year
    serial = numbering.take(content.kind, content.issued)
    failpoint("invoice.numbered")
    number = numbering.written(settings(), content.kind, year, serial)
    content = replace(content, number=number)
    row = {
        "reseller_id": scope.reseller_id(),
        "client_id": client.id,
        "public_id": public_id,
        "kind": content.kind.value,
        "year": year,
        "serial": serial,
        "number": number,
        "title": client.title,
        "search_words": f"{number} {client.title} {client.number}".lower()[:200],
        "issued_at": issued_at or clock.now(),
        "issued_day": content.issued,
        "first_day": content.first,
        "last_day": content.last,
        "basis": content.basis,
        "net": content.net,
        "tax": content.tax,
        "total": content.total,
        "due": content.due,
        "source": source,
        "credits_id": credits_id,
        "content": packed(content),
    }
    if not insert_once(Paper, row):
        raise _IsThere
    if content.logo:
        keep_logo(content.logo)
    return content


def charge_tax(client_id: int, paper: MadePaper, tax: Money) -> None:
    """Take taxes that are not in the prices: a charge of the paper's own, once."""
    if not tax:
        return
    ledger.charge(
        client_id, tax, reason=Reason.TAX, source_type=SOURCE, source_id=str(paper.public_id),
        kind=TAX, description=paper.number,
    )  # fmt: skip
    moved(client_id)


def moved(client_id: int) -> None:
    """A balance moved: whoever crossed a line is looked at, and open pages renew it."""
    ledger.review_crossed([client_id])
    live.tell("balance-changed", client_id=client_id)


def due_after(client_id: int, total: Money, tax_to_come: Money) -> Money:
    """What of a total the balance does not cover, once the taxes are charged too."""
    balance = ledger.balance_of(client_id) - tax_to_come
    return min(total, max(-balance, Money(0)))


def _id_of(public_id: uuid.UUID) -> int:
    return session().scalars(select(Paper.id).where(Paper.public_id == public_id)).one()
