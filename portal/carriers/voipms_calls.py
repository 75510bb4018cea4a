"""VoIP.ms call rows to calls: pure functions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Final

from portal.carriers.cleaning import caller, line, party
from portal.carriers.directions import Direction
from portal.carriers.values import CarrierCall, Disposition, UnreadableRow
from portal.carriers.voipms_clock import PLAIN, moment
from portal.carriers.voipms_fields import Row, Unreadable, e8, whole, word
from portal.core.money import half_up

_LONGEST_SECONDS: Final = 10_000_000
_MADE_UP: Final = frozenset({"n/a", "na"})
_CARRIER_INCREMENT_SECONDS: Final = 6
_DURATION = re.compile(r"(\d{1,4}):([0-5]?\d):([0-5]?\d)")
_ONNET_WORDS = re.compile(r"\bvoip\.?ms\b|\bon-?net\b|\binternal\b", re.IGNORECASE)
_DISPOSITIONS: Final = {
    "ANSWERED": Disposition.ANSWERED,
    "ANSWER": Disposition.ANSWERED,
    "NOANSWER": Disposition.NO_ANSWER,
    "BUSY": Disposition.BUSY,
    "FAILED": Disposition.FAILED,
    "CONGESTION": Disposition.FAILED,
}


def read_calls(
    rows: Iterable[Row],
    *,
    timezone: Decimal = PLAIN,
    unreadable: Callable[[UnreadableRow], None],
) -> list[CarrierCall]:
    """The calls of a list, one per key, oldest first; rows nobody can read go to `unreadable`.

    Rows whose unique id is n/a are totals that the carrier makes up; they are left out.
    """
    calls: dict[str, CarrierCall] = {}
    for row in rows:
        if word(row, "uniqueid", 90).lower() in _MADE_UP:
            continue
        try:
            call = read_call(row, timezone=timezone)
        except ValueError as error:
            unreadable(UnreadableRow("getCDR", str(error), excerpt(row)))
            continue
        twin = calls.get(call.key())
        calls[call.key()] = call if twin is None else merged(twin, call)
    return sorted(calls.values(), key=lambda call: (call.started_at, call.key()))


def read_call(row: Row, *, timezone: Decimal = PLAIN) -> CarrierCall:
    """One row; raises ValueError when its id, moment, length or cost cannot be known."""
    uniqueid = word(row, "uniqueid", 101)
    if not uniqueid or len(uniqueid) > 100:
        raise Unreadable("no unique id")
    started_at, ambiguous = moment(word(row, "date", 40), timezone=timezone)
    destination_type = word(row, "destination_type", 60)
    description = word(row, "description", 160)
    direction = direction_of(destination_type, description)
    name, number = caller(row.get("callerid"))
    seconds, rate_e8 = _seconds(row), e8(row, "rate")
    if rate_e8 is not None and rate_e8 < 0:
        raise Unreadable("a rate below zero")
    total_e8 = _total_e8(row, seconds=seconds, rate_e8=rate_e8)
    return CarrierCall(
        uniqueid=uniqueid,
        direction=direction,
        account=word(row, "account", 80),
        started_at=started_at,
        ambiguous=ambiguous,
        caller_id_name=name,
        caller_number=number,
        destination=party(row.get("destination")),
        description=description,
        disposition=_disposition(row, charged=seconds > 0 or total_e8 > 0),
        seconds=seconds,
        rate_e8=rate_e8,
        total_e8=total_e8,
        onnet=is_onnet(direction, destination_type, description),
        destination_type=destination_type,
    )


def direction_of(destination_type: str, description: str) -> Direction:
    """IN:… and OUT:… and INT…; a row without a type is read by its description."""
    head = destination_type.partition(":")[0].strip().upper()
    if head == "IN":
        return Direction.IN
    if head == "OUT":
        return Direction.OUT
    if head.startswith("INT"):
        return Direction.INTERNAL
    return Direction.IN if description.lower().startswith("inbound") else Direction.OUT


def is_onnet(direction: Direction, destination_type: str, description: str) -> bool:
    """Whether the other end is a number or an account of the same carrier.

    The one place that decides: the type says VOIPMS, or an outgoing call's description does.
    """
    if direction is Direction.INTERNAL:
        return True
    if destination_type.partition(":")[2].strip().upper() == "VOIPMS":
        return True
    return direction is Direction.OUT and _ONNET_WORDS.search(description) is not None


def merged(first: CarrierCall, second: CarrierCall) -> CarrierCall:
    """One call out of two rows with the same key, whichever came first.

    The carrier lists some calls twice with another spelling of the caller; the row with the higher
    cost and length stands, then the one that names the caller.
    """
    return max(
        first,
        second,
        key=lambda call: (
            call.total_e8,
            call.seconds,
            bool(call.caller_id_name),
            call.caller_id_name,
            call.caller_number,
            call.started_at,
            call.destination,
        ),
    )


def excerpt(row: Row) -> str:
    """A row as one cleaned line, for the person who has to find out."""
    return line(" ".join(f"{key}={value}" for key, value in row.items()), 300)


def _seconds(row: Row) -> int:
    seconds = whole(row, "seconds")
    if seconds is None and (found := _DURATION.fullmatch(word(row, "duration", 20))):
        seconds = int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3])
    if seconds is None or not 0 <= seconds <= _LONGEST_SECONDS:
        raise Unreadable("no length")
    return seconds


def _total_e8(row: Row, *, seconds: int, rate_e8: int | None) -> int:
    """The row's own total; without one, its rate in the carrier's six-second steps."""
    total_e8 = e8(row, "total")
    if total_e8 is None:
        steps = -(-seconds // _CARRIER_INCREMENT_SECONDS)
        total_e8 = half_up((rate_e8 or 0) * steps * _CARRIER_INCREMENT_SECONDS, 60)
    if total_e8 < 0:
        raise Unreadable("a total below zero")
    return total_e8


def _disposition(row: Row, *, charged: bool) -> Disposition:
    """A word nobody knows means answered when the call had a length or a cost."""
    spelled = word(row, "disposition", 30).upper().replace(" ", "").replace("_", "")
    known = _DISPOSITIONS.get(spelled)
    return known or (Disposition.ANSWERED if charged else Disposition.FAILED)
