"""Reads of comparisons: runs, their lines by keyset, what numbers cost at the carrier."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from portal.core.db import MoneyType, session
from portal.core.errors import NotFound
from portal.core.money import Money
from portal.core.paging import Page
from portal.ledger import CostKind
from portal.reconciling.models import CarrierCharge, Reconciliation, ReconciliationLine
from portal.reconciling.values import LineFilter, LineRow, Part, RunRow, RunState

LISTED = 10
PAGE_ROWS = 50
_LINE: tuple[Any, ...] = (
    ReconciliationLine.id,
    ReconciliationLine.public_id,
    ReconciliationLine.part,
    ReconciliationLine.finding,
    ReconciliationLine.key,
    ReconciliationLine.at,
    ReconciliationLine.what,
    ReconciliationLine.detail,
    ReconciliationLine.theirs_e8,
    ReconciliationLine.ours_e8,
    ReconciliationLine.owner,
    ReconciliationLine.our_id,
    ReconciliationLine.mended_at,
)


def runs() -> list[RunRow]:
    """The newest comparisons, newest first."""
    rows = session().scalars(
        select(Reconciliation).order_by(Reconciliation.id.desc()).limit(LISTED)
    )
    return [_shown(row) for row in rows]


def last_run() -> RunRow | None:
    """The newest comparison."""
    found = runs()
    return found[0] if found else None


def find_run(public_id: uuid.UUID) -> RunRow:
    """One comparison; NotFound for another reseller's."""
    return _shown(row_of(public_id))


def row_of(public_id: uuid.UUID) -> Reconciliation:
    """Its row."""
    row = session().scalar(select(Reconciliation).where(Reconciliation.public_id == public_id))
    if row is None:
        raise NotFound("There is no such comparison.")
    return row


def lines(
    public_id: uuid.UUID, wanted: LineFilter, *, after: str | None = None, rows: int = PAGE_ROWS
) -> Page[LineRow]:
    """One page of what was found, in the order of the lists; ``after`` is a cursor of a Page."""
    statement: Select[Any] = (
        select(*_LINE).where(*_which(public_id, wanted)).order_by(ReconciliationLine.id)
    )
    last = _line_id(after)
    if last is not None:
        statement = statement.where(ReconciliationLine.id > last)
    found = [_line(row) for row in session().execute(statement.limit(rows + 1))]
    more = len(found) > rows
    found = found[:rows]
    return Page(found, older=found[-1].public_id.hex if more else None)


def line_counts(public_id: uuid.UUID) -> dict[tuple[str, str], tuple[int, int, int]]:
    """By part and finding: how many, how many of them open, and theirs less ours (1e-8)."""
    line = ReconciliationLine
    difference = func.coalesce(line.theirs_e8, 0) - func.coalesce(line.ours_e8, 0)
    rows = session().execute(
        select(
            line.part,
            line.finding,
            func.count(),
            func.count() - func.count(line.mended_at),
            func.sum(difference),
        )
        .where(*_which(public_id, LineFilter()))
        .group_by(line.part, line.finding)
    )
    return {
        (part, finding): (int(count), int(still_open), int(sum_e8 or 0))
        for part, finding, count, still_open, sum_e8 in rows
    }


def monthly_costs(since: datetime) -> dict[str, Money]:
    """What each number cost at the carrier since a moment, by number (E.164)."""
    rows = session().execute(
        select(CarrierCharge.number, func.sum(CarrierCharge.cost, type_=MoneyType()))
        .where(CarrierCharge.kind == CostKind.NUMBER, CarrierCharge.at >= since)
        .group_by(CarrierCharge.number)
    )
    return {row[0]: row[1] for row in rows}


def cost_of_number(number: str, since: datetime, until: datetime) -> Money:
    """What the carrier took for a number (E.164) from a moment until another, outside it."""
    total = select(func.sum(CarrierCharge.cost, type_=MoneyType())).where(
        CarrierCharge.kind == CostKind.NUMBER,
        CarrierCharge.number == number,
        CarrierCharge.at >= since,
        CarrierCharge.at < until,
    )
    return session().scalar(total) or Money(0)


def _which(public_id: uuid.UUID, wanted: LineFilter) -> list[ColumnElement[bool]]:
    line = ReconciliationLine
    which: list[ColumnElement[bool]] = [
        line.reconciliation_id
        == select(Reconciliation.id).where(Reconciliation.public_id == public_id).scalar_subquery()
    ]
    if wanted.part:
        which.append(line.part == wanted.part)
    if wanted.finding:
        which.append(line.finding == wanted.finding)
    if wanted.open_only:
        which.append(line.mended_at.is_(None))
    if wanted.text:
        text = wanted.text.lower()
        which.append(
            or_(
                func.lower(line.what).contains(text, autoescape=True),
                func.lower(line.detail).contains(text, autoescape=True),
                func.lower(line.key).contains(text, autoescape=True),
            )
        )
    return which


def _line(row: Any) -> LineRow:
    line = LineRow(*row)
    return line._replace(client_id=line.client_id or None)


def _line_id(cursor: str | None) -> int | None:
    try:
        public_id = uuid.UUID(hex=cursor or "")
    except ValueError:
        return None
    return session().scalar(
        select(ReconciliationLine.id).where(ReconciliationLine.public_id == public_id)
    )


def _shown(row: Reconciliation) -> RunRow:
    over = row.state == RunState.READY
    percent = 100 if over else 100 * row.done_steps // max(row.all_steps, 1)
    return RunRow(
        row.public_id,
        row.first_day,
        row.last_day,
        tuple(Part(part) for part in row.parts),
        RunState(row.state),
        percent,
        row.problem,
        row.compared,
        row.mending,
        row.created_at,
        row.finished_at,
    )
