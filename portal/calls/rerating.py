"""Calls of a package priced once more: on paper, or for real.

They are worked on in the order in which they began, for real some clients at a time, after all their
free minutes are given back: so an earlier call that arrived later gets its minutes (rating case F6).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, or_, select

from portal import ledger
from portal.calls import bulk
from portal.calls.models import Call
from portal.calls.postings import Postings
from portal.calls.pricer import Book, priced
from portal.calls.repricing import COLUMNS, Changed, Line, Repricing
from portal.calls.rollups import Sums
from portal.calls.service import (
    BATCH,
    Corrections,
    as_carrier_call,
    spread_the_news,
    take_the_import_lock,
)
from portal.calls.values import CallState
from portal.core import scope
from portal.core.db import bare_rows, finish_reading, session
from portal.core.failpoints import failpoint
from portal.core.money import Money
from portal.pricing import Meter, PaperMeter
from portal.pricing.models import PackageVersion

_PRICED = (CallState.RATED, CallState.FREE, CallState.UNRATED)
# What the correction of a call needs beyond its price.
_WHOLE = (
    Call.id, Call.client_id, Call.sub_account_id, Call.did_id, Call.carrier_key, Call.direction,
    Call.account, Call.started_at, Call.local_day, Call.ambiguous_hour, Call.caller_name,
    Call.caller_number, Call.destination, Call.description, Call.disposition, Call.seconds,
    Call.billed_seconds, Call.free_minutes, Call.state, Call.price, Call.cost, Call.carrier_cost_e8,
    Call.carrier_rate_e8, Call.onnet, Call.corrections,
)  # fmt: skip
_BY_ID = 900


class Wanted(NamedTuple):
    """The calls priced by a package, in any of its versions, that started in [since, until).

    Its versions are named one by one: what PostgreSQL cannot count it reads whole, for each BATCH.
    """

    versions: tuple[int, ...]
    since: datetime
    until: datetime


def calls_of(package_id: int, since: datetime, until: datetime) -> Wanted:
    """The calls of a package that started in [since, until)."""
    versions = session().scalars(
        select(PackageVersion.id).where(PackageVersion.package_id == package_id)
    )
    return Wanted(tuple(versions), since, until)


class Size(NamedTuple):
    """How many calls there are, and whether free minutes paid for some of them."""

    calls: int
    has_minutes: bool


class Portion(NamedTuple):
    """Clients from ``first`` to ``last`` by id, with so many calls: one piece of the work."""

    first: int
    last: int
    calls: int


def size(wanted: Wanted) -> Size:
    """How many calls there are to be priced, and whether free minutes paid for some."""
    most = func.coalesce(func.max(Call.free_minutes), 0)
    counted, minutes = session().execute(select(func.count(), most).where(*_of(wanted))).one()
    return Size(counted, minutes > 0)


def portions(wanted: Wanted, *, after: int = 0) -> list[Portion]:
    """The work in pieces of about BATCH calls; a client is never divided."""
    counted = session().execute(
        select(Call.client_id, func.count())
        .where(*_of(wanted), Call.client_id > after)
        .group_by(Call.client_id)
        .order_by(Call.client_id)
    )
    found: list[Portion] = []
    for client_id, calls in counted:
        assert client_id is not None
        if found and found[-1].calls + calls <= BATCH:
            found[-1] = Portion(found[-1].first, client_id, found[-1].calls + calls)
        else:
            found.append(Portion(client_id, client_id, calls))
    return found


def on_paper(wanted: Wanted, book: Book, lines: list[Line], *, has_minutes: bool) -> Iterator[int]:
    """What the calls would cost under the terms of the book; nothing is written.

    How many are done, now and then; at the end ``lines`` has what came out.
    """
    repricing, done = Repricing(book, PaperMeter(wanted.since), for_real=False), 0
    for rows in _chunks(wanted, Call.free_minutes > 0) if has_minutes else ():
        repricing.give_back(rows)
    for rows in _chunks(wanted):
        finish_reading()  # others may write while this is worked out
        repricing.reprice(rows)
        done += len(rows)
        yield done
    lines += repricing.lines()


def for_real(wanted: Wanted, portion: Portion, *, book: Book, zone: str) -> list[Line]:
    """Give the calls the prices of their terms and post the differences; twice posts nothing (H4).

    In the caller's transaction. A call that belongs to an issued invoice is corrected like any
    other: the paper stays, and the next one says what changed (H5, H9).
    """
    take_the_import_lock()
    meter, changed = Meter(), list[Changed]()
    repricing = Repricing(book, meter, for_real=True)
    theirs = Call.client_id.between(portion.first, portion.last)
    for rows in _chunks(wanted, theirs, Call.free_minutes > 0):
        repricing.give_back(rows)
    for rows in _chunks(wanted, theirs):
        changed += repricing.reprice(rows)
    meter.save()
    where, sums, postings = ZoneInfo(zone), Sums(), Postings()
    corrections = Corrections(sums, postings)
    for row, (_, owner, minutes_left) in _whole(changed):
        call = as_carrier_call(row)
        one = priced(call, owner, minutes_left, book=book, zone=where)
        corrections.add(row, call, one)
    corrections.write()
    failpoint("rerating.priced")
    sums.write(scope.reseller_id())
    clients = postings.post()
    ledger.note_costs(sums.costs())
    spread_the_news(clients)
    return repricing.lines()


def _chunks(
    wanted: Wanted, *conditions: ColumnElement[bool]
) -> Iterator[Sequence[tuple[Any, ...]]]:
    """The calls, BATCH at a time, in the order in which they began."""
    last_id = 0
    while True:
        beyond = or_(Call.started_at > wanted.since, Call.id > last_id)
        rows = bare_rows(
            select(*COLUMNS)
            .where(*_of(wanted), beyond, *conditions)
            .order_by(Call.started_at, Call.id)
            .limit(BATCH),
        )
        yield rows
        if len(rows) < BATCH:
            return
        last_id, _, at, *_ = rows[-1]
        wanted = wanted._replace(since=bulk.moment(at))


def _whole(changed: list[Changed]) -> Iterator[tuple[Any, Changed]]:
    """The calls with what their correction needs."""
    for first in range(0, len(changed), _BY_ID):
        part = {one.call_id: one for one in changed[first : first + _BY_ID]}
        rows = session().execute(select(*_WHOLE).where(Call.id.in_(part)).order_by(Call.id))
        for row in rows.all():
            yield row, part[row.id]


def _of(wanted: Wanted) -> tuple[ColumnElement[bool], ...]:
    return (
        Call.started_at >= wanted.since,
        Call.started_at < wanted.until,
        Call.package_version_id.in_(wanted.versions),
        Call.state.in_(_PRICED),
    )


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
