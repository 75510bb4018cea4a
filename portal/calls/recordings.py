"""Recorded calls: each kept once, matched to its call, and charged for its started minutes.

The carrier's list names no call. A recording belongs to the answered leg of the same account and
direction, with the same number, during which it began; until that leg is known, it waits. The fee is
the default fee that was in force when the leg began, and the client is the leg's. It costs nothing
where the package that held then has no call recordings.
"""

from __future__ import annotations

import json
import uuid
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, select, update

from portal import entitlements, identity, ledger, pricing
from portal.calls.models import Call, CallRecording
from portal.calls.pricer import one_spelling
from portal.calls.service import spread_the_news, take_the_import_lock
from portal.carriers import CarrierRecording
from portal.core import clock, live, scope
from portal.core.db import insert_new, only_one, session
from portal.core.errors import NotFound
from portal.core.failpoints import failpoint
from portal.core.money import Money
from portal.entitlements import Service
from portal.identity import Visitor
from portal.ledger import Charge, Reason
from portal.pricing import Fees
from portal.rating import Worksheet, rate_recording

SOURCE = "recording"
_AT_ONCE = 500
# The two lists may date a call by its ringing or by its answer.
_EARLY, _LATE = timedelta(minutes=1), timedelta(minutes=2)
_LONGEST_CALL = timedelta(hours=12)
LONGEST_WAIT = timedelta(days=91)
# The carrier's lists are complete by then: staff are told of what still has no call.
_USUAL_WAIT = timedelta(days=2)
_MOST_SHOWN = 100
_DIRECTIONS = {"in": ("in",), "out": ("out", "internal")}


class RecordingSheet(NamedTuple):
    """A charged recording, for whoever asks how its amount came about."""

    call: uuid.UUID
    account: str
    at: datetime
    seconds: int
    fee_since: datetime
    worksheet: Worksheet


class Lost(StrEnum):
    """Why a recording has no call."""

    NO_CALL = "no_call"  # none is known that it could be of
    NOBODYS = "nobodys"  # one is, of nobody
    GIVEN_UP = "given_up"  # too old to be looked for


class LostRecording(NamedTuple):
    """A recording without a call. It is looked for until ``until``."""

    public_id: uuid.UUID
    account: str
    number: str
    at: datetime
    seconds: int
    until: datetime
    why: Lost


class RecordingOfCall(NamedTuple):
    """A recording of a call; not ``allowed``: the package had none, and it cost nothing."""

    public_id: uuid.UUID
    seconds: int
    price: Money | None
    allowed: bool


def accounts_to_ask(since: datetime, until: datetime) -> list[str]:
    """Logins whose calls may have been recorded: they were answered, and recording costs a fee."""
    fees = pricing.fees_until(until)
    ended = [later for later, _ in fees[1:]] + [until]
    if not any(
        fee.recording_minute_e8 and end > since for (_, fee), end in zip(fees, ended, strict=True)
    ):
        return []
    return list(
        session().scalars(
            select(Call.account)
            .where(
                Call.started_at >= since,
                Call.started_at < until,
                Call.client_id.is_not(None),
                Call.disposition == "answered",
                Call.account != "",
            )
            .distinct()
            .order_by(Call.account)
        )
    )


def keep_recordings(listed: Sequence[CarrierRecording]) -> int:
    """Note what the carrier lists, each once; how many were new. Nothing is charged yet."""
    reseller_id = scope.reseller_id()
    rows: list[dict[str, Any]] = [
        {
            "reseller_id": reseller_id,
            "carrier_ref": one.id,
            "account": one.account,
            "direction": one.direction.value,
            "number": one.number,
            "at": one.at,
            "seconds": one.seconds,
        }
        for one in listed
    ]
    return sum(
        insert_new(CallRecording, rows[first : first + _AT_ONCE])
        for first in range(0, len(rows), _AT_ONCE)
    )


def charge_recordings(now: datetime, *, after_id: int = 0) -> int | None:
    """Match and charge a chunk of what waits, the oldest first; the id to go on after, None at the end.

    In a transaction of its own: it takes the lock of the import, so a leg cannot change under it.
    """
    take_the_import_lock()
    waiting = list(
        session().scalars(
            select(CallRecording)
            .where(
                CallRecording.call_id.is_(None),
                CallRecording.dismissed_at.is_(None),
                CallRecording.at >= now - LONGEST_WAIT,
                CallRecording.id > after_id,
            )
            .order_by(CallRecording.id)
            .limit(_AT_ONCE)
        )
    )
    if not waiting:
        return None
    fees = pricing.fees_until(now)
    legs = _legs(waiting, owned=True)
    allowed = entitlements.versions_with(
        Service.CALL_RECORDINGS, {leg.package_version_id for leg in legs if leg.package_version_id}
    )
    taken = _taken([leg.id for leg in legs])
    of_account: dict[str, list[Call]] = defaultdict(list)
    for leg in legs:
        of_account[leg.account].append(leg)
    charges = []
    for recording in waiting:
        found = _leg_of(recording, of_account[recording.account], taken)
        if found is not None:
            taken.add(found.id)
            recording.allowed = found.package_version_id in allowed
            charges.append(_price(recording, found, fees))
    session().flush()
    failpoint("recordings.matched")
    posted = ledger.charge_many(charges)
    spread_the_news(
        sorted({one.client_id for one, done in zip(charges, posted, strict=True) if done.new})
    )
    failpoint("recordings.posted")
    return waiting[-1].id


def lost_recordings(now: datetime) -> list[LostRecording]:
    """Recordings that have no call after two days, the newest first, each with the reason."""
    rows = (
        session()
        .scalars(
            select(CallRecording)
            .where(*_is_lost(now))
            .order_by(CallRecording.at.desc(), CallRecording.id.desc())
            .limit(_MOST_SHOWN)
        )
        .all()
    )
    legs = _legs(rows, owned=False) if rows else []
    return [
        LostRecording(
            one.public_id, one.account, one.number, one.at, one.seconds, one.at + LONGEST_WAIT,
            _why(one, [leg for leg in legs if leg.account == one.account], now),
        )
        for one in rows
    ]  # fmt: skip


def lost_count(now: datetime) -> int:
    """How many there are."""
    return session().scalar(select(func.count(CallRecording.id)).where(*_is_lost(now))) or 0


def let_recording_rest(public_id: uuid.UUID, *, by: Visitor | None = None) -> bool:
    """Stop looking for the call of a recording: nobody is charged. False when it needs no rest any more."""
    row = session().execute(
        select(CallRecording.id, CallRecording.account, CallRecording.at).where(
            CallRecording.public_id == public_id
        )
    ).one_or_none()  # fmt: skip
    if row is None:
        raise NotFound("This recording does not exist.")
    done = only_one(
        update(CallRecording)
        .where(
            CallRecording.id == row.id,
            CallRecording.call_id.is_(None),
            CallRecording.dismissed_at.is_(None),
        )
        .values(dismissed_at=clock.now())
    )
    if done:
        identity.record("recording.let_rest", by=by, account=row.account, at=row.at.isoformat())
        live.tell("attention-changed", client_id=None)
    return done


def recordings_of(call: uuid.UUID) -> list[RecordingOfCall]:
    """What was recorded of a call, and what each cost."""
    rows = session().execute(
        select(
            CallRecording.public_id, CallRecording.seconds, CallRecording.price,
            CallRecording.allowed,
        )
        .join(Call, Call.id == CallRecording.call_id)
        .where(Call.public_id == call)
        .order_by(CallRecording.at, CallRecording.id)
    )  # fmt: skip
    return [RecordingOfCall(*row) for row in rows]


def _is_lost(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        CallRecording.call_id.is_(None),
        CallRecording.dismissed_at.is_(None),
        CallRecording.at < now - _USUAL_WAIT,
    )


def _why(recording: CallRecording, legs: Sequence[Call], now: datetime) -> Lost:
    """Why it has no call."""
    if any(_fits(recording, leg) for leg in legs):
        return Lost.NOBODYS
    return Lost.GIVEN_UP if recording.at < now - LONGEST_WAIT else Lost.NO_CALL


def find_recording(client_id: int, public_id: uuid.UUID) -> RecordingSheet:
    """One of a client's charged recordings; NotFound when it is not theirs."""
    row = session().execute(
        select(
            Call.public_id, CallRecording.account, CallRecording.at, CallRecording.seconds,
            CallRecording.fee_since, CallRecording.worksheet,
        )
        .join(Call, Call.id == CallRecording.call_id)
        .where(CallRecording.public_id == public_id, CallRecording.client_id == client_id)
    ).one_or_none()  # fmt: skip
    if row is None:
        raise NotFound("This recording does not exist.")
    call, account, at, seconds, since, worksheet = row
    return RecordingSheet(call, account, at, seconds, since or at, json.loads(worksheet))


def _legs(waiting: Sequence[CallRecording], *, owned: bool) -> list[Call]:
    """Every answered leg of a client (or of nobody) that one of these may belong to, the latest first."""
    found: dict[int, Call] = {}
    for some in _near(waiting):
        legs = session().scalars(
            select(Call).where(
                Call.started_at >= some[0].at - _LONGEST_CALL,
                Call.started_at <= some[-1].at + _EARLY,
                Call.account.in_({one.account for one in some}),
                Call.client_id.is_not(None) if owned else Call.client_id.is_(None),
                Call.disposition == "answered",
            )
        )
        found.update((leg.id, leg) for leg in legs)
    return sorted(found.values(), key=lambda leg: (leg.started_at, leg.id), reverse=True)


def _near(waiting: Sequence[CallRecording]) -> list[list[CallRecording]]:
    """In order of time, apart where there is a day between: the calls of the days between are not read."""
    found: list[list[CallRecording]] = []
    for one in sorted(waiting, key=lambda one: one.at):
        if found and one.at - found[-1][-1].at < timedelta(days=1):
            found[-1].append(one)
        else:
            found.append([one])
    return found


def _taken(legs: Sequence[int]) -> set[int]:
    """Which of these legs have a recording."""
    found: set[int] = set()
    for first in range(0, len(legs), _AT_ONCE):
        some = legs[first : first + _AT_ONCE]
        query = select(CallRecording.call_id).where(CallRecording.call_id.in_(some))
        found.update(leg for leg in session().scalars(query) if leg is not None)
    return found


def _leg_of(recording: CallRecording, legs: Sequence[Call], taken: set[int]) -> Call | None:
    """The leg that was recorded; one that was recorded twice has both, when no other fits."""
    fitting = [leg for leg in legs if _fits(recording, leg)]
    free = [leg for leg in fitting if leg.id not in taken]
    return min(
        free or fitting, key=lambda leg: abs(leg.started_at - recording.at), default=None
    )  # fmt: skip


def _fits(recording: CallRecording, leg: Call) -> bool:
    return (
        leg.direction in _DIRECTIONS[recording.direction]
        and leg.started_at - _EARLY
        <= recording.at
        <= leg.started_at + timedelta(seconds=leg.seconds) + _LATE
        and (not recording.number or one_spelling(recording.number) in _ends(leg))
    )


def _ends(leg: Call) -> set[str]:
    return {one_spelling(leg.destination), one_spelling(leg.caller_number)}


def _price(recording: CallRecording, leg: Call, fees: Sequence[tuple[datetime, Fees]]) -> Charge:
    assert leg.client_id is not None
    at = bisect_right([since for since, _ in fees], leg.started_at) - 1
    since, fee = fees[at] if at >= 0 else (leg.started_at, Fees())
    rated = rate_recording(recording.seconds, fee.recording_minute_e8 if recording.allowed else 0)
    price = Money(rated.price_micros or 0)
    recording.client_id, recording.call_id = leg.client_id, leg.id
    recording.price, recording.fee_since = price, since
    recording.worksheet = json.dumps(rated.worksheet, separators=(",", ":"))
    other = leg.caller_number if leg.direction == "in" else leg.destination
    return Charge(
        leg.client_id, price, Reason.RECORDING, SOURCE, str(recording.public_id), "charge",
        description=other[:40], occurred_at=leg.started_at, seconds=recording.seconds,
    )  # fmt: skip
