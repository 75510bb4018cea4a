"""Runs over past calls: what a draft would have earned, and prices that are set right."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update

from portal import identity, pricing
from portal.calls.models import RatingRun, RatingRunLine
from portal.calls.pricer import Book, book_of
from portal.calls.repricing import Line
from portal.calls.rerating import Wanted, as_row, calls_of
from portal.core import clock, live, period, scope
from portal.core.db import add_up, insert_all, only_one, session
from portal.core.errors import InvalidInput, NotFound
from portal.core.money import Money
from portal.core.queue import enqueue
from portal.core.sentences import N_
from portal.pricing import PackageDetails
from portal.tasks import PRICE_AGAIN, PRICE_ON_PAPER

MOST_DAYS = 366
_MONEY = ("monthly_fee", "setup_fee")


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run as its page shows it; ``details`` are the draft's terms, None for a run for real."""

    id: int
    public_id: uuid.UUID
    package_id: int
    for_real: bool
    details: PackageDetails | None
    first_day: date
    last_day: date
    is_done: bool
    percent: int
    asked_at: datetime


class RunSums(NamedTuple):
    """What a run says of one client, or of all; ``before`` and ``after`` are what clients pay."""

    client_id: int | None
    calls: int
    changed: int
    seconds: int
    before: Money
    after: Money
    cost: Money

    @property
    def difference(self) -> Money:
        """What clients pay more (below zero: less)."""
        return self.after - self.before

    @property
    def profit_before(self) -> Money:
        return self.before - self.cost

    @property
    def profit_after(self) -> Money:
        return self.after - self.cost


def ask_on_paper(
    package: uuid.UUID, details: PackageDetails, first: date, last: date, *, by_id: int | None
) -> uuid.UUID:
    """Have a period's calls priced under a draft; nothing is charged. The run's id."""
    _check(first, last)
    run = RatingRun(
        package_id=pricing.package_id(package), for_real=False, details=_plain(details),
        first_day=first, last_day=last, asked_by_id=by_id,
    )  # fmt: skip
    session().add(run)
    session().flush()
    enqueue(PRICE_ON_PAPER, run_id=run.id)
    return run.public_id


def ask_for_real(
    package: uuid.UUID, first: date, last: date, *, backdate: bool, by_id: int | None
) -> uuid.UUID:
    """Have a period's calls priced again and the differences posted. The run's id.

    ``backdate``: under the terms that the package has now, also for calls that arrive later; else
    under those of their own time.
    """
    _check(first, last)
    if backdate:
        since, until = _moments(first, last)
        pricing.backdate(package, since, min(until, clock.now()), saved_by_id=by_id)
    run = RatingRun(
        package_id=pricing.package_id(package), for_real=True, first_day=first, last_day=last,
        asked_by_id=by_id,
    )  # fmt: skip
    session().add(run)
    session().flush()
    enqueue(PRICE_AGAIN, run_id=run.id)
    return run.public_id


def find_run(public_id: uuid.UUID, *, package: uuid.UUID) -> RunRow:
    """One run of a package; NotFound when there is none such."""
    row = session().scalar(
        select(RatingRun).where(
            RatingRun.public_id == public_id, RatingRun.package_id == pricing.package_id(package)
        )
    )
    if row is None:
        raise NotFound("There is no such run.")
    return _shown(row)


def latest_runs(package: uuid.UUID, *, limit: int = 20) -> list[RunRow]:
    """The newest runs of a package first."""
    rows = session().scalars(
        select(RatingRun)
        .where(RatingRun.package_id == pricing.package_id(package))
        .order_by(RatingRun.id.desc())
        .limit(limit)
    )
    return [_shown(row) for row in rows]


def lines_of(run_id: int) -> list[RunSums]:
    """A line for each client, the greatest change first."""
    lines = RatingRunLine
    rows = session().execute(
        select(
            lines.client_id, lines.calls, lines.changed, lines.seconds, lines.before, lines.after,
            lines.cost,
        )
        .where(lines.run_id == run_id)
        .order_by(func.abs(lines.after - lines.before).desc(), lines.client_id)
    )  # fmt: skip
    return [RunSums._make(row) for row in rows]


def added(lines: Sequence[RunSums]) -> RunSums:
    """All lines together."""
    whole = RunSums(None, 0, 0, 0, Money(0), Money(0), Money(0))
    for one in lines:
        whole = RunSums(
            None,
            whole.calls + one.calls,
            whole.changed + one.changed,
            whole.seconds + one.seconds,
            whole.before + one.before,
            whole.after + one.after,
            whole.cost + one.cost,
        )
    return whole


class Opened(NamedTuple):
    """What a job needs of a run."""

    wanted: Wanted
    book: Book
    zone: str
    done_client_id: int


def open_run(run_id: int) -> Opened | None:
    """Read what prices the calls of a run; None when it is over. A draft is in the book already."""
    run = session().scalar(select(RatingRun).where(RatingRun.id == run_id))
    if run is None or run.state == "done":
        return None
    since, until = _moments(run.first_day, run.last_day)
    book = book_of(since, until)
    if run.details is not None:
        public_id = pricing.package_public_id(run.package_id)
        book.context.imagine(*pricing.draft_version(_details(run.details), public_id))
    zone = identity.reseller_facts(scope.reseller_id()).time_zone
    return Opened(calls_of(run.package_id, since, until), book, zone, run.done_client_id)


def note_total(run_id: int, calls: int) -> None:
    """How many calls are still to come; the first word of a run that works."""
    session().execute(
        update(RatingRun)
        .where(RatingRun.id == run_id)
        .values(state="running", all_calls=RatingRun.done_calls + calls)
    )
    live.tell("job-changed", client_id=None)


def keep_lines(run_id: int, lines: Sequence[Line]) -> None:
    """Write the lines of a run on paper, in place of what an earlier try left."""
    insert_all(RatingRunLine, [as_row(line, run_id=run_id) for line in lines])


def add_lines(run_id: int, lines: Sequence[Line], *, before: int, last: int) -> None:
    """Add a portion of a run for real; only from where the run stands (``before``)."""
    sums = ("calls", "changed", "seconds", "before", "after", "cost")
    rows = [as_row(line, run_id=run_id) for line in lines]
    add_up(RatingRunLine, rows, keys=("run_id", "client_id"), sums=sums)
    only_one(
        update(RatingRun)
        .where(RatingRun.id == run_id, RatingRun.done_client_id == before)
        .values(
            done_client_id=last, done_calls=RatingRun.done_calls + sum(line.calls for line in lines)
        )
    )
    live.tell("job-changed", client_id=None)


def note_progress(run_id: int, calls: int) -> None:
    """So many calls are done."""
    session().execute(update(RatingRun).where(RatingRun.id == run_id).values(done_calls=calls))
    live.tell("job-changed", client_id=None)


def finish_run(run_id: int) -> None:
    """The run is over."""
    session().execute(
        update(RatingRun).where(RatingRun.id == run_id).values(state="done", done_at=clock.now())
    )
    live.tell("job-changed", client_id=None)


def _check(first: date, last: date) -> None:
    zone = ZoneInfo(identity.own_reseller().time_zone)
    if last < first:
        raise InvalidInput(N_("The last day is before the first."), field="last")
    if last > period.local_day(clock.now(), zone):
        raise InvalidInput(N_("Choose days that have been."), field="last")
    if (last - first).days >= MOST_DAYS:
        raise InvalidInput(N_("Choose a year at most."), field="first")


def _moments(first: date, last: date) -> tuple[datetime, datetime]:
    zone = ZoneInfo(identity.own_reseller().time_zone)
    span = period.days(first, last, zone=zone)
    return span.start, span.end


def _shown(row: RatingRun) -> RunRow:
    return RunRow(
        row.id, row.public_id, row.package_id, row.for_real,
        None if row.details is None else _details(row.details),
        row.first_day, row.last_day, row.state == "done",
        min(100 * row.done_calls // row.all_calls, 99) if row.all_calls else 0, row.asked_at,
    )  # fmt: skip


def _plain(details: PackageDetails) -> dict[str, Any]:
    plain = asdict(details)
    return plain | {name: getattr(details, name).micros for name in _MONEY}


def _details(plain: dict[str, Any]) -> PackageDetails:
    known = {field.name for field in fields(PackageDetails)}
    values = {name: value for name, value in plain.items() if name in known}
    values |= {name: Money(values[name]) for name in _MONEY} | {
        "services": tuple(values["services"])
    }
    return PackageDetails(**values)
