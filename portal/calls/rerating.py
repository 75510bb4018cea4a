"""Calls of a package priced once more, client by client: on paper, or for real.

All of a client's calls are worked on together, in the order in which they began, after their free
minutes are given back: so an earlier call that arrived later gets its minutes (rating case F6).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, select

from portal import ledger
from portal.calls.models import Call
from portal.calls.postings import Postings
from portal.calls.pricer import Book, Pricer
from portal.calls.rollups import Sums
from portal.calls.service import (
    BATCH,
    as_carrier_call,
    correct,
    spread_the_news,
    take_the_import_lock,
)
from portal.calls.values import CallState
from portal.core import scope
from portal.core.db import session
from portal.core.failpoints import failpoint
from portal.core.money import Money
from portal.pricing import PaperMeter
from portal.pricing.models import PackageVersion

_PRICED = (CallState.RATED, CallState.FREE, CallState.UNRATED)
_ROW = (
    Call.id, Call.client_id, Call.sub_account_id, Call.did_id, Call.carrier_key, Call.direction,
    Call.account, Call.started_at,
    Call.local_day, Call.ambiguous_hour, Call.caller_name, Call.caller_number, Call.destination,
    Call.description, Call.disposition, Call.seconds, Call.billed_seconds, Call.free_minutes,
    Call.state, Call.price, Call.cost, Call.carrier_cost_e8, Call.carrier_rate_e8, Call.onnet,
    Call.corrections,
)  # fmt: skip


class Wanted(NamedTuple):
    """The calls of a package that started in [since, until)."""

    package_id: int
    since: datetime
    until: datetime


class Portion(NamedTuple):
    """Clients from ``first`` to ``last`` by id, with so many calls: one piece of the work."""

    first: int
    last: int
    calls: int


class Line(NamedTuple):
    """What became of one client's calls. Money in micro-units."""

    client_id: int
    calls: int
    changed: int
    seconds: int
    before: int
    after: int
    cost: int


def portions(wanted: Wanted, *, after: int = 0) -> list[Portion]:
    """The work in pieces of about BATCH calls; a client is never divided."""
    counted = session().execute(
        select(Call.client_id, func.count())
        .where(*_of(wanted), Call.client_id > after)
        .group_by(Call.client_id)
        .order_by(Call.client_id)
    )
    found: list[Portion] = []
    for client_id, count in counted:
        assert client_id is not None
        if found and found[-1].calls + count <= BATCH:
            found[-1] = Portion(found[-1].first, client_id, found[-1].calls + count)
        else:
            found.append(Portion(client_id, client_id, count))
    return found


def on_paper(wanted: Wanted, portion: Portion, *, book: Book, zone: str) -> list[Line]:
    """What the calls would cost under the book's terms; nothing is written.

    A call that they cannot price keeps its price: nobody gains by ignorance.
    """
    priced = _priced(wanted, portion, book=book, zone=zone, meter=PaperMeter())
    outcomes = []
    for row, pricer, call in priced:
        before = row.price.micros if row.price is not None else 0
        price = pricer.price(call).price
        outcomes.append((row, before, before if price is None else price))
    return _lines(outcomes)


def for_real(wanted: Wanted, portion: Portion, *, book: Book, zone: str) -> list[Line]:
    """Give the calls the prices of their terms and post the differences; twice posts nothing (H4).

    In the caller's transaction. A call that belongs to an issued invoice is corrected like any
    other: the paper stays, and the next one says what changed (H5, H9).
    """
    take_the_import_lock()
    sums, postings = Sums(), Postings()
    outcomes: list[tuple[Any, int]] = []
    pricer: Pricer | None = None
    for row, pricer, call in _priced(wanted, portion, book=book, zone=zone):
        before = row.price.micros if row.price is not None else 0
        correct(row, pricer, call, sums, postings, given_back=0)
        outcomes.append((row, before))
    if pricer is None:
        return []
    pricer.save()
    failpoint("rerating.priced")
    sums.write(scope.reseller_id())
    clients = postings.post()
    ledger.note_costs(sums.costs())
    spread_the_news(clients)
    after = _prices(wanted, portion)
    return _lines((row, before, after.get(row.id, 0)) for row, before in outcomes)


def _priced(
    wanted: Wanted, portion: Portion, *, book: Book, zone: str, meter: PaperMeter | None = None
) -> Iterator[tuple[Any, Pricer, Any]]:
    rows: Sequence[Any] = (
        session()
        .execute(
            select(*_ROW)
            .where(*_of(wanted), Call.client_id.between(portion.first, portion.last))
            .order_by(Call.client_id, Call.started_at, Call.id)
        )
        .all()
    )
    if not rows:
        return
    calls = [as_carrier_call(row) for row in rows]
    pricer = Pricer(calls, zone=zone, book=book, meter=meter)
    for row, call in zip(rows, calls, strict=True):
        pricer.give_back(call, row.free_minutes)
    for row, call in zip(rows, calls, strict=True):
        yield row, pricer, call


def _prices(wanted: Wanted, portion: Portion) -> dict[int, int]:
    rows = session().execute(
        select(Call.id, Call.price).where(
            *_of(wanted), Call.client_id.between(portion.first, portion.last)
        )
    )
    return {call_id: price.micros for call_id, price in rows if price is not None}


def _of(wanted: Wanted) -> tuple[ColumnElement[bool], ...]:
    versions = select(PackageVersion.id).where(PackageVersion.package_id == wanted.package_id)
    return (
        Call.started_at >= wanted.since,
        Call.started_at < wanted.until,
        Call.package_version_id.in_(versions),
        Call.state.in_(_PRICED),
    )


def _lines(outcomes: Iterable[tuple[Any, int, int]]) -> list[Line]:
    found: dict[int, list[int]] = {}
    for row, before, after in outcomes:
        line = found.setdefault(row.client_id, [0] * 6)
        line[0] += 1
        line[1] += before != after
        line[2] += row.seconds
        line[3] += before
        line[4] += after
        line[5] += row.cost.micros
    return [Line(client_id, *line) for client_id, line in found.items()]


def as_row(line: Line, *, run_id: int) -> dict[str, Any]:
    """A line as its table keeps it."""
    return {
        "reseller_id": scope.reseller_id(),
        "run_id": run_id,
        "client_id": line.client_id,
        "calls": line.calls,
        "changed": line.changed,
        "seconds": line.seconds,
        "before": Money(line.before),
        "after": Money(line.after),
        "cost": Money(line.cost),
    }
