"""Papers for lists and pages."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from portal.core.db import MoneyType, session
from portal.core.errors import NotFound
from portal.core.money import Money
from portal.core.paging import Page
from portal.invoices.content import unpacked
from portal.invoices.models import InvoiceMonth, Paper, PaperFile, PaperLogo
from portal.invoices.values import (
    Content,
    FileState,
    LogoFile,
    Month,
    PaperFilter,
    PaperKind,
    PaperRow,
)

PAGE_ROWS = 50


def papers(
    wanted: PaperFilter, *, after: str | None = None, rows: int = PAGE_ROWS
) -> Page[PaperRow]:
    """One page; ``after`` is the cursor of a page, nonsense is no cursor."""
    statement = _listed(wanted)
    order = Paper.id.desc() if wanted.newest_first else Paper.id.asc()
    beyond = _id_of(after)
    if beyond is not None:
        further = Paper.id < beyond if wanted.newest_first else Paper.id > beyond
        statement = statement.where(further)
    found = [_row(row) for row in session().execute(statement.order_by(order).limit(rows + 1))]
    older = found[rows - 1].public_id.hex if len(found) > rows else None
    return Page(found[:rows], older=older)


def find(public_id: uuid.UUID, *, client_id: int | None = None) -> PaperRow:
    """One paper; NotFound for anybody else's."""
    statement = _listed(PaperFilter(client_id=client_id)).where(Paper.public_id == public_id)
    row = session().execute(statement).one_or_none()
    if row is None:
        raise NotFound("This paper does not exist.")
    return _row(row)


def content_of(paper_id: int) -> Content:
    """What a paper says."""
    kept = session().scalars(select(Paper.content).where(Paper.id == paper_id)).one()
    return unpacked(kept)


def credit_notes_of(paper_id: int) -> list[PaperRow]:
    """The notes that credit a paper, in order."""
    statement = _listed(PaperFilter()).where(Paper.credits_id == paper_id).order_by(Paper.id)
    return [_row(row) for row in session().execute(statement)]


def file_of(paper_id: int) -> FileState:
    """The PDF, and whether it was mailed."""
    row = session().execute(
        select(PaperFile.stored_as, PaperFile.mailed_at).where(PaperFile.paper_id == paper_id)
    ).one_or_none()  # fmt: skip
    return FileState("", None) if row is None else FileState(row.stored_as, row.mailed_at)


def logo_of(digest: str) -> LogoFile | None:
    """The logo a paper was issued with."""
    row = session().execute(
        select(PaperLogo.content, PaperLogo.media_type).where(PaperLogo.digest == digest)
    ).one_or_none()  # fmt: skip
    return None if row is None else LogoFile(row.content, row.media_type)


def totals(wanted: PaperFilter) -> dict[PaperKind, tuple[int, Money, Money]]:
    """How many papers, their totals and their taxes, by kind."""
    listed = _listed(wanted).subquery()
    rows = session().execute(
        select(
            listed.c.kind,
            func.count(),
            func.sum(listed.c.total, type_=MoneyType()),
            func.sum(listed.c.tax, type_=MoneyType()),
        ).group_by(listed.c.kind)
    )
    return {PaperKind(row[0]): (int(row[1]), row[2], row[3]) for row in rows}


def months_of(client_id: int, *, rows: int = 24) -> list[tuple[date, Month, uuid.UUID | None]]:
    """What became of a client's months, the latest first."""
    found = session().execute(
        select(InvoiceMonth.month, InvoiceMonth.outcome, Paper.public_id)
        .outerjoin(Paper, Paper.id == InvoiceMonth.paper_id)
        .where(InvoiceMonth.client_id == client_id)
        .order_by(InvoiceMonth.month.desc())
        .limit(rows)
    )
    return [(row[0], Month(row[1]), row[2]) for row in found]


def _listed(wanted: PaperFilter) -> Select[Any]:
    original, note = aliased(Paper), aliased(Paper)
    credited = (
        select(func.sum(note.total, type_=MoneyType()))
        .where(note.credits_id == Paper.id)
        .scalar_subquery()
    )
    columns: tuple[Any, ...] = (
        Paper.id,
        Paper.public_id,
        Paper.kind,
        Paper.number,
        Paper.client_id,
        Paper.title,
        Paper.issued_at,
        Paper.issued_day,
        Paper.first_day,
        Paper.last_day,
        Paper.net,
        Paper.tax,
        Paper.total,
        Paper.due,
        original.number.label("credits_number"),
        credited.label("credited"),
    )
    statement: Select[Any] = select(*columns).outerjoin(original, original.id == Paper.credits_id)  # fmt: skip
    if wanted.client_id is not None:
        statement = statement.where(Paper.client_id == wanted.client_id)
    if wanted.kind is not None:
        statement = statement.where(Paper.kind == wanted.kind.value)
    if wanted.first is not None:
        statement = statement.where(Paper.issued_day >= wanted.first)
    if wanted.last is not None:
        statement = statement.where(Paper.issued_day <= wanted.last)
    for word in wanted.text.lower().split()[:5]:
        statement = statement.where(Paper.search_words.contains(word, autoescape=True))
    return statement


def _row(row: Any) -> PaperRow:
    values = row._asdict()
    values["kind"] = PaperKind(values["kind"])
    values["credits_number"] = values["credits_number"] or ""
    values["credited"] = values["credited"] or Money(0)
    return PaperRow(**values)


def _id_of(cursor: str | None) -> int | None:
    try:
        public_id = uuid.UUID(hex=cursor or "")
    except ValueError:
        return None
    return session().scalar(select(Paper.id).where(Paper.public_id == public_id))
