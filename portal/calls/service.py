"""Recording calls: each once, rated, charged and counted, in one transaction a batch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from portal import identity, ledger
from portal.calls import bulk
from portal.calls.models import Call, ImportMark
from portal.calls.outgoing import have_reviewed
from portal.calls.postings import Postings
from portal.calls.pricer import Book, Priced, Pricer
from portal.calls.rollups import Sums
from portal.calls.values import CallState, Recorded
from portal.carriers import CarrierCall, Direction, Disposition
from portal.core import clock, garbage, live, scope
from portal.core.db import among, session
from portal.core.failpoints import failpoint
from portal.ledger import review_crossed

BATCH = 5_000

_CALL_COLUMNS = (
    "public_id", "reseller_id", "client_id", "carrier_key", "direction", "account",
    "sub_account_id", "did_id", "package_version_id", "started_at", "local_day", "ambiguous_hour",
    "caller_name", "caller_number", "destination", "description", "disposition", "seconds",
    "billed_seconds", "free_minutes", "state", "rate_e8", "price", "cost", "carrier_cost_e8",
    "carrier_rate_e8", "onnet", "worksheet", "corrections", "imported_at",
)  # fmt: skip


_CORRECTED = (
    "client_id", "sub_account_id", "did_id", "package_version_id", "disposition", "seconds",
    "billed_seconds", "free_minutes", "state", "rate_e8", "price", "cost", "carrier_cost_e8",
    "carrier_rate_e8", "onnet", "worksheet", "corrections",
)  # fmt: skip


@garbage.put_off()
def record(
    calls: Sequence[CarrierCall], *, posted_at: datetime | None = None, book: Book | None = None
) -> Recorded:
    """Write a batch of the carrier's legs: new ones are charged, changed ones corrected.

    In the caller's transaction, which must be new: the reseller's import mark is its lock, so two
    imports of one reseller never run through each other. Give at most BATCH legs at a time.
    ``posted_at`` is now, unless history is brought in; then nobody is warned or suspended by it,
    and one ``book`` may price many batches.
    """
    if not calls:
        return Recorded()
    take_the_import_lock()
    keys = [call.key() for call in calls]
    known = _known(keys)
    fresh = [call for key, call in zip(keys, calls, strict=True) if key not in known]
    changed = [
        call for key, call in zip(keys, calls, strict=True) if _differs(call, known.get(key))
    ]
    if not fresh and not changed:
        return Recorded(known=len(calls))
    reseller = identity.reseller_facts(scope.reseller_id())
    pricer = Pricer([*fresh, *changed], zone=reseller.time_zone, book=book)
    priced = [pricer.price(call) for call in fresh]
    sums, postings = Sums(), Postings(posted_at)
    _insert(priced, sums)
    failpoint("calls.mid_batch")
    for one in priced:
        if one.client_id is not None and one.price:
            postings.charge(one)
    corrections = Corrections(sums, postings)
    for call in changed:
        row = known[call.key()]
        corrections.add(row, call, pricer.price(call, given_back=row.free_minutes))
    corrections.write()
    pricer.save()
    sums.write(scope.reseller_id())
    clients = postings.post()
    ledger.note_costs(sums.costs(), posted_at=posted_at)
    if posted_at is None:
        spread_the_news(clients)
        have_reviewed((one.client_id, one.call) for one in priced)
        have_reviewed((known[call.key()].client_id, call) for call in changed)
    failpoint("calls.before_commit")
    return Recorded(
        new=len(fresh),
        corrected=len(changed),
        known=len(calls) - len(fresh) - len(changed),
        unowned=sum(one.state == CallState.UNOWNED for one in priced),
        unrated=sum(one.state == CallState.UNRATED for one in priced),
        clients=tuple(clients),
    )


def import_from(
    now: datetime,
    overlaps: Sequence[tuple[timedelta, timedelta]],
    *,
    shortest: timedelta,
    first: timedelta,
) -> datetime:
    """Where the next look begins: before what is complete, or ``first`` ago when nothing is.

    ``overlaps`` are (how often, how far back), the longest first: each has its turn in the first
    run that finishes after its time, so a carrier that is down at midnight costs no long look.
    After a gap (carrier down, machine off) it begins before the gap, however long that was.
    """
    mark = take_the_import_lock()
    if mark.complete_until is None:
        return now - first
    due = (back for every, back in overlaps if _new_turn(mark.last_run_at, now, every))
    return min(mark.complete_until, now) - next(due, shortest)


def _new_turn(last_run_at: datetime | None, now: datetime, every: timedelta) -> bool:
    """Has a new hour (day, …) begun since the last whole run?"""
    if last_run_at is None:
        return True
    seconds = every.total_seconds()
    return last_run_at.timestamp() // seconds != now.timestamp() // seconds


def mark_complete(until: datetime, *, new: int, run_at: datetime | None = None) -> None:
    """Remember that everything before ``until`` was asked for; the mark never goes back.

    ``run_at`` is given with the last window of a run: when that run began.
    """
    mark = take_the_import_lock()
    if run_at is not None:
        mark.last_run_at = run_at
    mark.last_new = new
    if mark.complete_until is None or mark.complete_until < until:
        mark.complete_until = until


def rerate_waiting(*, after_id: int = 0, limit: int = BATCH) -> Recorded:
    """Price calls again that no rate or no owner was known for, at the terms of their own time.

    One chunk, the oldest first; its ``last_id`` is where the next begins, None at the end. Those
    that must go on waiting are passed by, so they never keep the others from their turn.
    """
    take_the_import_lock()
    rows = session().scalars(
        select(Call)
        .where(Call.state.in_([CallState.UNRATED, CallState.UNOWNED]), Call.id > after_id)
        .order_by(Call.id)
        .limit(limit)
    )
    waiting = {row.carrier_key: row for row in rows}
    if not waiting:
        return Recorded()
    calls = [as_carrier_call(row) for row in waiting.values()]
    pricer = Pricer(calls, zone=identity.reseller_facts(scope.reseller_id()).time_zone)
    sums, postings = Sums(), Postings()
    corrections = Corrections(sums, postings)
    for call in calls:
        row = waiting[call.key()]
        corrections.add(row, call, pricer.price(call, given_back=row.free_minutes))
    done = corrections.write()
    pricer.save()
    sums.write(scope.reseller_id())
    clients = postings.post()
    ledger.note_costs(sums.costs())
    spread_the_news(clients)
    last_id = max(row.id for row in waiting.values())
    return Recorded(corrected=done, clients=tuple(clients), last_id=last_id)


def spread_the_news(clients: Sequence[int]) -> None:
    """Tell open pages, and look at the balances that crossed a line."""
    for client_id in clients:
        live.tell("calls-imported", client_id=client_id)
        live.tell("balance-changed", client_id=client_id)
    review_crossed(clients)


def take_the_import_lock() -> ImportMark:
    query = select(ImportMark).where(ImportMark.kind == "calls").with_for_update()
    mark = session().scalar(query)
    if mark is None:
        mark = ImportMark(kind="calls")
        session().add(mark)
        session().flush()
    return mark


def _known(keys: Sequence[str]) -> dict[str, Call]:
    rows = session().scalars(select(Call).where(among(Call.carrier_key, keys)))
    return {row.carrier_key: row for row in rows}


def _differs(call: CarrierCall, row: Call | None) -> bool:
    """Did the carrier change what it says of a call? Another spelling of the caller is no change."""
    if row is None:
        return False
    if row.state == CallState.UNRATED and call.rate_e8 != row.carrier_rate_e8:
        return True  # the rate that was missing
    return (call.seconds, call.total_e8, call.disposition.value) != (
        row.seconds,
        row.carrier_cost_e8,
        row.disposition,
    )


def _insert(priced: Sequence[Priced], sums: Sums) -> None:
    sqlite = bulk.on_sqlite()
    reseller_id = scope.reseller_id()
    imported_at = bulk.plain_moment(clock.now(), sqlite=sqlite)
    rows = []
    for public_id, one in zip(bulk.public_ids(len(priced)), priced, strict=True):
        call = one.call
        disposition = call.disposition.value
        direction = call.direction.value
        rows.append((
            public_id, reseller_id, one.client_id, one.key, direction, call.account,
            one.sub_account_id, one.did_id, one.version_id,
            bulk.plain_moment(call.started_at, sqlite=sqlite),
            one.local_day.isoformat() if sqlite else one.local_day, call.ambiguous,
            call.caller_id_name[:80], call.caller_number[:40], call.destination[:80],
            call.description[:120], disposition, call.seconds, one.billed_seconds,
            one.free_minutes, one.state, one.rate_e8, one.price, one.cost, call.total_e8,
            call.rate_e8, call.onnet, one.worksheet, 0, imported_at,
        ))  # fmt: skip
        sums.add(
            (
                one.client_id or 0, one.local_day, direction, one.sub_account_id or 0,
                one.did_id or 0,
            ),
            disposition, call.seconds, one.billed_seconds, one.price or 0, one.cost,
        )  # fmt: skip
    bulk.insert(Call, _CALL_COLUMNS, rows)


class Corrections:
    """Brings stored calls to what the carrier says now; only differences are posted (H3)."""

    def __init__(self, sums: Sums, postings: Postings) -> None:
        self._sums = sums
        self._postings = postings
        self._rows: list[tuple[Any, ...]] = []

    def add(self, row: Call, call: CarrierCall, one: Priced) -> bool:
        """Correct a call, unless it stands like this already."""
        price = None if row.price is None else row.price.micros
        unchanged = (one.state, one.client_id, one.price, one.free_minutes) == (
            row.state,
            row.client_id,
            price,
            row.free_minutes,
        )
        if unchanged and not _differs(call, row):
            return False
        number = row.corrections + 1
        _count(self._sums, row, -1)
        self._postings.correct(row, one, number=number)
        self._rows.append((
            one.client_id, one.sub_account_id, one.did_id, one.version_id, call.disposition.value,
            call.seconds, one.billed_seconds, one.free_minutes, one.state, one.rate_e8, one.price,
            one.cost, call.total_e8, call.rate_e8, call.onnet, one.worksheet, number,
            row.id, row.corrections,
        ))  # fmt: skip
        self._sums.add(
            (
                one.client_id or 0, one.local_day, call.direction.value, one.sub_account_id or 0,
                one.did_id or 0,
            ),
            call.disposition.value, call.seconds, one.billed_seconds, one.price or 0, one.cost,
        )  # fmt: skip
        return True

    def write(self) -> int:
        """Write the calls; how many were corrected. Sums and postings are written by themselves."""
        bulk.rewrite(Call, _CORRECTED, ("id", "corrections"), self._rows)
        return len(self._rows)


def _count(sums: Sums, row: Call, sign: int) -> None:
    sums.add(
        (
            row.client_id or 0,
            row.local_day,
            row.direction,
            row.sub_account_id or 0,
            row.did_id or 0,
        ),
        row.disposition,
        row.seconds,
        row.billed_seconds,
        row.price.micros if row.price else 0,
        row.cost.micros,
        sign,
    )


def as_carrier_call(row: Call) -> CarrierCall:
    """A stored call as the carrier told it, to be priced again."""
    uniqueid = row.carrier_key.split("|", 1)[0]
    return CarrierCall(
        uniqueid=uniqueid,
        direction=Direction(row.direction),
        account=row.account,
        started_at=row.started_at,
        ambiguous=row.ambiguous_hour,
        caller_id_name=row.caller_name,
        caller_number=row.caller_number,
        destination=row.destination,
        description=row.description,
        disposition=Disposition(row.disposition),
        seconds=row.seconds,
        rate_e8=row.carrier_rate_e8,
        total_e8=row.carrier_cost_e8,
        onnet=row.onnet,
        destination_type="",
    )
