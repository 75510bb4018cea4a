"""Faxes for reports: per client, account and person, also those whose document was deleted."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from portal.core.db import MoneyType, session
from portal.core.money import Money
from portal.core.paging import Page
from portal.fax.models import Fax
from portal.fax.values import FaxFilter, FaxState, ReportRow, ReportTotals
from portal.identity.models import Client, Person
from portal.numbers.models import Did, DidLink

PAGE_ROWS = 50
_THROUGH = (FaxState.SENT, FaxState.RECEIVED)
_COLUMNS: tuple[Any, ...] = (
    Fax.id, Fax.public_id, Fax.client_id,
    func.coalesce(func.nullif(Client.company, ""), Client.first_name + " " + Client.last_name),
    Fax.at, Fax.direction, Fax.state, Did.number, Fax.contact, Fax.contact_name,
    func.coalesce(Person.name, ""), Fax.pages, Fax.seconds, Fax.price, Fax.cost,
    Fax.error_code,
)  # fmt: skip


def report(
    wanted: FaxFilter, *, after: str | None = None, rows: int = PAGE_ROWS
) -> Page[ReportRow]:
    """One page, the latest first. ``after`` is the cursor of a page; nonsense is no cursor."""
    statement = _listed(wanted).order_by(Fax.at.desc(), Fax.id.desc()).limit(rows + 1)
    beyond = _cursor(after)
    if beyond is not None:
        at, row_id = beyond
        statement = statement.where(or_(Fax.at < at, and_(Fax.at == at, Fax.id < row_id)))
    found = [ReportRow._make(row) for row in session().execute(statement)]
    older = found[rows - 1].public_id.hex if len(found) > rows else None
    return Page(found[:rows], older=older)


def report_totals(wanted: FaxFilter) -> ReportTotals:
    """Sums of the same faxes: one query."""
    through = Fax.state.in_(_THROUGH)
    nothing = Money(0)
    row = session().execute(
        select(
            func.count(Fax.id),
            func.sum(case((through, 1), else_=0)),
            func.sum(case((Fax.state == FaxState.FAILED, 1), else_=0)),
            func.sum(case((through, Fax.pages), else_=0)),
            func.sum(Fax.seconds),
            func.sum(Fax.price, type_=MoneyType()),
            func.sum(Fax.cost, type_=MoneyType()),
        )
        .join(Did, Did.id == Fax.did_id)
        .outerjoin(DidLink, DidLink.id == Fax.did_link_id)
        .where(*_conditions(wanted))
    ).one()  # fmt: skip
    faxes, delivered, failed, pages, seconds = (int(count or 0) for count in row[:5])
    return ReportTotals(
        faxes, delivered, failed, pages, seconds, row[5] or nothing, row[6] or nothing
    )


def faxes_by_did(
    since: datetime, until: datetime, ids: Collection[int] | None = None
) -> dict[int, ReportTotals]:
    """What went over each number in [since, until): over these, or over all of them."""
    through = Fax.state.in_(_THROUGH)
    which = [] if ids is None else [Fax.did_id.in_(ids)]
    rows = session().execute(
        select(
            Fax.did_id,
            func.count(Fax.id),
            func.sum(case((through, 1), else_=0)),
            func.sum(case((Fax.state == FaxState.FAILED, 1), else_=0)),
            func.sum(case((through, Fax.pages), else_=0)),
            func.sum(Fax.seconds),
            func.sum(Fax.price, type_=MoneyType()),
            func.sum(Fax.cost, type_=MoneyType()),
        )
        .where(Fax.at >= since, Fax.at < until, Fax.state != FaxState.DRAFT, *which)
        .group_by(Fax.did_id)
    )
    return {
        did_id: ReportTotals(
            int(faxes),
            int(delivered or 0),
            int(failed or 0),
            int(pages or 0),
            int(seconds or 0),
            price or Money(0),
            cost or Money(0),
        )
        for did_id, faxes, delivered, failed, pages, seconds, price, cost in rows
    }


def _listed(wanted: FaxFilter) -> Select[Any]:
    statement: Select[Any] = (
        select(*_COLUMNS)
        .join(Did, Did.id == Fax.did_id)
        .outerjoin(DidLink, DidLink.id == Fax.did_link_id)
        .outerjoin(Client, Client.id == Fax.client_id)
        .outerjoin(Person, Person.id == Fax.sent_by_id)
        .where(*_conditions(wanted))
    )
    return statement


def _conditions(wanted: FaxFilter) -> list[ColumnElement[bool]]:
    found = [Fax.at >= wanted.since, Fax.at < wanted.until, Fax.state != FaxState.DRAFT]
    if wanted.client_id is not None:
        found.append(Fax.client_id == wanted.client_id)
    if wanted.sub_account_id is not None:
        found.append(DidLink.sub_account_id == wanted.sub_account_id)
    if wanted.person_id is not None:
        found.append(Fax.sent_by_id == wanted.person_id)
    if wanted.direction:
        found.append(Fax.direction == wanted.direction)
    if wanted.state:
        found.append(Fax.state == wanted.state)
    digits = "".join(character for character in wanted.text if character.isdigit())
    if digits:
        found.append(
            or_(
                Fax.contact.contains(digits, autoescape=True),
                Did.number.contains(digits, autoescape=True),
            )
        )
    elif wanted.text.strip():
        named = func.lower(Fax.contact_name)
        found.append(named.contains(wanted.text.strip().lower(), autoescape=True))
    return found


def _cursor(text: str | None) -> tuple[datetime, int] | None:
    try:
        public_id = uuid.UUID(hex=text or "")
    except ValueError:
        return None
    row = session().execute(
        select(Fax.at, Fax.id).where(Fax.public_id == public_id)
    ).first()  # fmt: skip
    return None if row is None else (row.at, row.id)
