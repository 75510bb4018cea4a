"""Recorded calls: each kept once, matched to its call, and charged for its started minutes.

The carrier's list names no call. A recording belongs to the answered leg of the same account and
direction, with the same number, during which it began; until that leg is known, it waits. The fee is
the default fee that was in force when the leg began, and the client is the leg's.
"""

from __future__ import annotations

import json
import uuid
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select

from portal import ledger, pricing
from portal.calls.models import Call, CallRecording
from portal.calls.pricer import one_spelling
from portal.calls.service import spread_the_news, take_the_import_lock
from portal.carriers import CarrierRecording
from portal.core import scope
from portal.core.db import insert_new, session
from portal.core.errors import NotFound
from portal.core.failpoints import failpoint
from portal.core.money import Money
from portal.ledger import Charge, Reason
from portal.pricing import Fees
from portal.rating import Worksheet, rate_recording

SOURCE = "recording"
_AT_ONCE = 500
# The two lists may date a call by its ringing or by its answer.
_EARLY, _LATE = timedelta(minutes=1), timedelta(minutes=2)
_LONGEST_CALL = timedelta(hours=12)
_LONGEST_WAIT = timedelta(days=91)
_DIRECTIONS = {"in": ("in",), "out": ("out", "internal")}


class RecordingSheet(NamedTuple):
    """A charged recording, for whoever asks how its amount came about."""

    call: uuid.UUID
    account: str
    at: datetime
    seconds: int
    fee_since: datetime
    worksheet: Worksheet


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
                CallRecording.at >= now - _LONGEST_WAIT,
                CallRecording.id > after_id,
            )
            .order_by(CallRecording.id)
            .limit(_AT_ONCE)
        )
    )
    if not waiting:
        return None
    fees = pricing.fees_until(now)
    legs = _legs(waiting)
    taken = _taken([leg.id for leg in legs])
    of_account: dict[str, list[Call]] = defaultdict(list)
    for leg in legs:
        of_account[leg.account].append(leg)
    charges = []
    for recording in waiting:
        found = _leg_of(recording, of_account[recording.account], taken)
        if found is not None:
            taken.add(found.id)
            charges.append(_price(recording, found, fees))
    session().flush()
    failpoint("recordings.matched")
    posted = ledger.charge_many(charges)
    spread_the_news(
        sorted({one.client_id for one, done in zip(charges, posted, strict=True) if done.new})
    )
    failpoint("recordings.posted")
    return waiting[-1].id


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


def _legs(waiting: Sequence[CallRecording]) -> list[Call]:
    """Every answered leg that one of these may belong to, the latest first."""
    first, last = min(one.at for one in waiting), max(one.at for one in waiting)
    return list(
        session().scalars(
            select(Call)
            .where(
                Call.started_at >= first - _LONGEST_CALL,
                Call.started_at <= last + _EARLY,
                Call.account.in_({one.account for one in waiting}),
                Call.client_id.is_not(None),
                Call.disposition == "answered",
            )
            .order_by(Call.started_at.desc(), Call.id.desc())
        )
    )


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
    rated = rate_recording(recording.seconds, fee.recording_minute_e8)
    price = Money(rated.price_micros or 0)
    recording.client_id, recording.call_id = leg.client_id, leg.id
    recording.price, recording.fee_since = price, since
    recording.worksheet = json.dumps(rated.worksheet, separators=(",", ":"))
    other = leg.caller_number if leg.direction == "in" else leg.destination
    return Charge(
        leg.client_id, price, Reason.RECORDING, SOURCE, str(recording.public_id), "charge",
        description=other[:40], occurred_at=leg.started_at, seconds=recording.seconds,
    )  # fmt: skip
