"""The reseller's log of texts: when, between whom, what became of it, and what it cost and brought in."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select

from portal.core.db import MoneyType, session
from portal.core.money import Money
from portal.core.paging import Page
from portal.identity.models import Client, Person
from portal.messaging.models import Message, TextSettings
from portal.messaging.values import MessageState
from portal.numbers.models import Did

TEXTS_A_PAGE = 50
_CHARGED = (MessageState.SENT, MessageState.DELIVERED, MessageState.RECEIVED)
_NOTHING = Money(0)


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Texts from ``since`` to before ``until``; empty words are no filter."""

    since: datetime
    until: datetime
    client_id: int | None = None
    direction: str = ""
    kind: str = ""
    state: str = ""
    text: str = ""


class LoggedText(NamedTuple):
    """One line. ``text`` is empty unless the client lets staff read; what failed cost nothing."""

    id: int
    public_id: uuid.UUID
    client_id: int
    at: datetime
    direction: str
    kind: str
    own_number: str
    contact: str
    state: str
    error_code: str
    sent_by: str
    cost: Money
    price: Money
    text: str
    client_name: str

    @property
    def profit(self) -> Money:
        """What is left of the price."""
        return self.price - self.cost


class LogTotals(NamedTuple):
    """The sums of everything a filter finds."""

    texts: int
    cost: Money
    price: Money

    @property
    def profit(self) -> Money:
        """What is left of the price."""
        return self.price - self.cost


def logged_texts(
    wanted: LogFilter, *, after: str | None = None, rows: int = TEXTS_A_PAGE
) -> Page[LoggedText]:
    """A page of the log, newest first."""
    statement = _found(wanted).order_by(Message.at.desc(), Message.id.desc())
    place = _place(after)
    if place is not None:
        statement = statement.where(_beyond(Message.at < place[0], place[0], Message.id < place[1]))
    found = [LoggedText._make(row) for row in session().execute(statement.limit(rows + 1))]
    listed = found[:rows]
    return Page(listed, older=listed[-1].public_id.hex if len(found) > rows else None)


def log_totals(wanted: LogFilter) -> LogTotals:
    """How many there are, and their sums."""
    statement = select(
        func.count(Message.id),
        func.sum(_charged(Message.cost), type_=MoneyType()),
        func.sum(_charged(Message.price), type_=MoneyType()),
    ).join(Did, Did.id == Message.did_id)
    count, cost, price = session().execute(statement.where(*_which(wanted))).one()
    return LogTotals(count or 0, cost or _NOTHING, price or _NOTHING)


def texts_by_did(
    since: datetime, until: datetime, ids: Collection[int] | None = None
) -> dict[int, LogTotals]:
    """What went over each number in [since, until): over these, or over all of them."""
    which = [] if ids is None else [Message.did_id.in_(ids)]
    rows = session().execute(
        select(
            Message.did_id,
            func.count(Message.id),
            func.sum(_charged(Message.cost), type_=MoneyType()),
            func.sum(_charged(Message.price), type_=MoneyType()),
        )
        .where(Message.at >= since, Message.at < until, *which)
        .group_by(Message.did_id)
    )
    return {
        did_id: LogTotals(count, cost or _NOTHING, price or _NOTHING)
        for did_id, count, cost, price in rows
    }


def _found(wanted: LogFilter) -> Select[*tuple[Any, ...]]:
    may_read = TextSettings.staff_may_read.is_(True)
    return (
        select(
            Message.id,
            Message.public_id,
            Message.client_id,
            Message.at,
            Message.direction,
            Message.kind,
            Did.number,
            Message.contact,
            Message.state,
            Message.error_code,
            func.coalesce(Person.name, ""),
            _charged(Message.cost),
            _charged(Message.price),
            case((may_read, Message.text), else_=""),
            func.coalesce(
                func.nullif(Client.company, ""), Client.first_name + " " + Client.last_name
            ),
        )
        .join(Did, Did.id == Message.did_id)
        .join(Client, Client.id == Message.client_id)
        .outerjoin(Person, Person.id == Message.sent_by_id)
        .outerjoin(TextSettings, TextSettings.client_id == Message.client_id)
        .where(*_which(wanted))
    )


def _charged(column: Any) -> ColumnElement[Money]:
    nothing = literal(_NOTHING, MoneyType())
    return case((Message.state.in_(_CHARGED), func.coalesce(column, nothing)), else_=nothing)


def _which(wanted: LogFilter) -> list[ColumnElement[bool]]:
    """Words are looked for in numbers alone: finding a text by its words would be reading it."""
    which: list[ColumnElement[bool]] = [Message.at >= wanted.since, Message.at < wanted.until]
    if wanted.client_id is not None:
        which.append(Message.client_id == wanted.client_id)
    for column, word in (
        (Message.direction, wanted.direction),
        (Message.kind, wanted.kind),
        (Message.state, wanted.state),
    ):
        if word:
            which.append(column == word)
    digits = "".join(one for one in wanted.text if one.isdigit())
    if wanted.text:
        which.append(
            or_(
                Message.contact.contains(digits or wanted.text, autoescape=True),
                Did.number.contains(digits or wanted.text, autoescape=True),
            )
        )
    return which


def _beyond(
    further: ColumnElement[bool], at: datetime, same: ColumnElement[bool]
) -> ColumnElement[bool]:
    return or_(further, and_(Message.at == at, same))


def _place(after: str | None) -> tuple[datetime, int] | None:
    try:
        public_id = uuid.UUID(hex=after or "")
    except ValueError:
        return None
    row = (
        session()
        .execute(select(Message.at, Message.id).where(Message.public_id == public_id))
        .first()
    )
    return None if row is None else (row.at, row.id)
