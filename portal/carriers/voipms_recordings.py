"""The call recordings of VoIP.ms: pages of an account's list, and their rows to values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any, Final

import structlog

from portal.carriers.cleaning import party
from portal.carriers.directions import Direction
from portal.carriers.recordings import CarrierRecording
from portal.carriers.values import Unreadable as Unread
from portal.carriers.values import UnreadableRow
from portal.carriers.voipms_calls import excerpt
from portal.carriers.voipms_clock import moment, within
from portal.carriers.voipms_days import by_days
from portal.carriers.voipms_fields import Row, Unreadable, rows, word
from portal.carriers.voipms_wire import Wire

ROWS_A_PAGE: Final = 500
_MOST_PAGES: Final = 200
_LONGEST_ID: Final = 255
_METHOD: Final = "getCallRecordings"
_DURATION: Final = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):([0-5]?\d)")
_DIRECTIONS: Final = {"INCOMING": Direction.IN, "OUTGOING": Direction.OUT}


class RecordedCalls:
    """The part of the adapter that knows recordings."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def call_recordings(
        self,
        account: str,
        window_from: datetime,
        window_to: datetime,
        *,
        unreadable: Unread | None = None,
    ) -> tuple[CarrierRecording, ...]:
        """An account's recordings of [from, to), oldest first, one per id; hours as for calls."""

        def ask(first: date, last: date) -> list[Row]:
            found: dict[str, Row] = {}
            for page in range(_MOST_PAGES):
                listed = self._page(account, first, last, start=page * ROWS_A_PAGE)
                before = len(found)
                for row in listed:
                    found.setdefault(repr(sorted(row.items())), row)
                # A carrier that does not turn the page would give the same rows for ever.
                if len(listed) < ROWS_A_PAGE or len(found) == before:
                    break
            return list(found.values())

        listed = by_days(ask, window_from, window_to)
        return tuple(
            one
            for one in read_recordings(account, listed, unreadable=unreadable or _log_unreadable)
            if within(one.at, one.ambiguous, window_from, window_to)
        )

    def _page(self, account: str, first: date, last: date, *, start: int) -> list[Row]:
        params = {
            "account": account,
            "start": str(start),
            "length": str(ROWS_A_PAGE),
            "date_from": first.isoformat(),
            "date_to": last.isoformat(),
            "call_type": "all",
        }
        return rows(self._wire.ask(_METHOD, params), "recordings")


def read_recordings(
    account: str, listed: Iterable[Row], *, unreadable: Callable[[UnreadableRow], None]
) -> list[CarrierRecording]:
    """The recordings of a list, one per id, oldest first; rows nobody can read go to `unreadable`."""
    found: dict[str, CarrierRecording] = {}
    for row in listed:
        try:
            one = read_recording(account, row)
        except ValueError as error:
            unreadable(UnreadableRow(_METHOD, str(error), excerpt(row)))
            continue
        found.setdefault(one.id, one)
    return sorted(found.values(), key=lambda one: (one.at, one.id))


def read_recording(account: str, row: Row) -> CarrierRecording:
    """One row; raises ValueError when its id, moment, direction or length cannot be known."""
    name = word(row, "callrecording", _LONGEST_ID + 1)
    if not name or len(name) > _LONGEST_ID:
        raise Unreadable("no id of a recording")
    at, ambiguous = moment(word(row, "datetime", 40))
    direction = _DIRECTIONS.get(word(row, "type", 20).upper())
    if direction is None:
        raise Unreadable("neither incoming nor outgoing")
    length = _DURATION.fullmatch(word(row, "duration", 20))
    if length is None:
        raise Unreadable("no length")
    said = word(row, "subaccount", 80)
    return CarrierRecording(
        id=name,
        account=said if "_" in said else account,  # else it is the main account's number
        direction=direction,
        at=at,
        ambiguous=ambiguous,
        number=party(row.get("destination")),
        seconds=int(length[1] or 0) * 3600 + int(length[2]) * 60 + int(length[3]),
    )


def _log_unreadable(row: UnreadableRow) -> None:
    _log().error("carrier_row_unreadable", method=row.method, reason=row.reason)


def _log() -> Any:
    """Asked for anew each time, so that a later configuration counts."""
    return structlog.get_logger("carriers")
