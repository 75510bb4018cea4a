"""Fees as lists: what will fall due, what is unpaid, and what has been of one client."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select

from portal import identity, numbers, pricing
from portal.billing import add_ons
from portal.billing.due import coming, last_day_of
from portal.billing.models import Fee
from portal.billing.values import ComingFee, FeeRow, FeeState
from portal.core.db import MoneyType, session
from portal.core.errors import NotFound
from portal.core.money import ZERO, Money
from portal.core.paging import Page
from portal.core.period import day_start
from portal.identity.facts import reseller_zone
from portal.ledger import FeeKind
from portal.pricing import beyond

ROWS = 50
_PACKAGES, _NUMBERS, _ADD_ONS = range(3)  # the order of what falls due on one day


def unpaid_fees(*, search: str = "", after: str | None = None, rows: int = ROWS) -> Page[FeeRow]:
    """What clients have not paid, the oldest first; ``after`` is a page's own cursor."""
    ways: list[Any] = []
    if wanted := search.strip():
        ways = [
            Fee.client_id.in_(identity.clients_named(wanted)),
            func.lower(Fee.description).contains(wanted.lower(), autoescape=True),
        ]
    place = _place(after)
    statement = _fees(
        Fee.state == FeeState.UNPAID,
        *beyond(Fee.first_day, Fee.public_id, None if place is None else (place[0], place[2])),
        *([or_(*ways)] if ways else []),
    )
    found = _rows(statement.order_by(Fee.first_day, Fee.public_id).limit(rows + 1))
    if len(found) <= rows:
        return Page(found)
    last = found[rows - 1]
    return Page(found[:rows], older=_cursor(last.first_day, 0, last.public_id))


def unpaid_total(client_id: int | None = None) -> tuple[int, Money]:
    """How many fees are unpaid, and their sum; of one client or of all."""
    statement = select(func.count(), func.sum(Fee.amount, type_=MoneyType())).where(
        Fee.state == FeeState.UNPAID
    )
    if client_id is not None:
        statement = statement.where(Fee.client_id == client_id)
    count, amount = session().execute(statement).one()
    return count, amount or ZERO


def client_fees(client_id: int, *, most: int = ROWS) -> list[FeeRow]:
    """A client's fees: the unpaid ones, then the newest of the others."""
    is_unpaid = Fee.state == FeeState.UNPAID
    return _rows(
        _fees(Fee.client_id == client_id)
        .order_by(is_unpaid.desc(), Fee.first_day.desc(), Fee.id.desc())
        .limit(most)
    )


def find_fee(fee: uuid.UUID) -> FeeRow:
    """One fee; NotFound when the bound reseller has none such."""
    for row in _rows(_fees(Fee.public_id == fee)):
        return row
    raise NotFound("There is no such fee.")


def coming_fees(
    until: date, *, search: str = "", after: str | None = None, rows: int = ROWS
) -> Page[ComingFee]:
    """What falls due next of every item by a day, all clients, by day; what is overdue comes first."""
    wanted = search.strip()
    clients = identity.clients_named(wanted) if wanted else None
    place = _place(after)
    found: list[tuple[tuple[date, int, uuid.UUID], list[ComingFee]]] = []
    for rank, source in enumerate((_packages, _numbers, _add_ons)):
        since = None if place is None else _since(place, rank)
        for day, item, fees in source(until, clients, wanted, since, rows + 1):
            found.append(((day, rank, item), fees))
    found.sort(key=lambda one: one[0])
    shown = [fee for _, fees in found[:rows] for fee in fees]
    older = _cursor(*found[rows - 1][0]) if len(found) > rows else None
    return Page(shown, older=older)


def client_coming(client_id: int, until: date) -> list[ComingFee]:
    """Everything of a client that falls due by a day, each billing day of it, by day."""
    zone = reseller_zone()
    found: list[ComingFee] = []
    for package in pricing.package_fees_due([client_id], until):
        last_day = last_day_of(package.valid_to, zone)
        for period in coming(package.next_day, package.anchor_day, until, last_day=last_day):
            day = period.first_day
            amount = package.amount(day_start(day, zone))
            found.append(_fee(package, FeeKind.PACKAGE, package.link, package.package, day, amount))
    for number in numbers.number_fees_due([client_id], until):
        last_day = last_day_of(number.valid_to, zone)
        for period in coming(number.next_day, number.anchor_day, until, last_day=last_day):
            found += _number(number, period.first_day)
    for one in add_ons.add_ons_due([client_id], until):
        for period in coming(one.next_day, one.anchor_day, until, last_day=one.until):
            found.append(
                _fee(
                    one,
                    FeeKind.ADD_ON,
                    one.public_id,
                    one.description,
                    period.first_day,
                    one.amount,
                )
            )
    return sorted((fee for fee in found if fee.amount), key=lambda fee: fee.day)


_Found = Iterator[tuple[date, uuid.UUID, list[ComingFee]]]


def _packages(until: date, clients: Any, wanted: str, since: Any, most: int) -> _Found:
    zone = reseller_zone()
    for one in pricing.coming_package_fees(
        until, clients=clients, named=wanted, after=since, most=most
    ):
        amount = one.amount(day_start(one.next_day, zone))
        fee = _fee(one, FeeKind.PACKAGE, one.link, one.package, one.next_day, amount)
        yield one.next_day, one.link, [fee]


def _numbers(until: date, clients: Any, wanted: str, since: Any, most: int) -> _Found:
    for one in numbers.coming_number_fees(
        until, clients=clients, named=wanted, after=since, most=most
    ):
        yield one.next_day, one.link, _number(one, one.next_day)


def _add_ons(until: date, clients: Any, wanted: str, since: Any, most: int) -> _Found:
    for one in add_ons.coming_add_ons(until, clients=clients, named=wanted, after=since, most=most):
        fee = _fee(one, FeeKind.ADD_ON, one.public_id, one.description, one.next_day, one.amount)
        yield one.next_day, one.public_id, [fee]


def _number(number: numbers.NumberFee, day: date) -> list[ComingFee]:
    fees = [_fee(number, number.kind, number.link, number.shown, day, number.monthly)]
    if number.e911_monthly is not None:
        fees.append(_fee(number, FeeKind.E911, number.link, number.shown, day, number.e911_monthly))
    return fees


def _fee(
    one: Any, kind: FeeKind, item: uuid.UUID, description: str, day: date, amount: Money
) -> ComingFee:
    return ComingFee(one.client_id, kind, item, description, day, amount)


def _fees(*which: Any) -> Any:
    return select(
        Fee.public_id, Fee.client_id, Fee.kind, Fee.description, Fee.first_day, Fee.next_day,
        Fee.amount, Fee.state, Fee.cause, Fee.words, Fee.tried_at, Fee.item,
    ).where(*which)  # fmt: skip


def _rows(statement: Any) -> list[FeeRow]:
    return [
        FeeRow(
            row.public_id, row.client_id, FeeKind(row.kind), row.description, row.first_day,
            row.next_day, row.amount, FeeState(row.state), row.cause, row.words, row.tried_at,
            row.item,
        )
        for row in session().execute(statement)
    ]  # fmt: skip


_Place = tuple[date, int, uuid.UUID]


def _cursor(day: date, rank: int, item: uuid.UUID) -> str:
    return f"{day}.{rank}.{item}"


def _place(cursor: str | None) -> _Place | None:
    """Where a page begins; nonsense begins at the beginning."""
    parts: Sequence[str] = (cursor or "").split(".")
    try:
        day, rank, item = parts
        return date.fromisoformat(day), int(rank), uuid.UUID(item)
    except ValueError:
        return None


def _since(place: _Place, rank: int) -> tuple[date, uuid.UUID | None]:
    """Where one source goes on: of a day, sources come one after the other."""
    day, last_rank, item = place
    if rank == last_rank:
        return day, item
    return (day, None) if rank > last_rank else (day, uuid.UUID(int=2**128 - 1))
