"""VoIP.ms fax rows and fax callbacks to values: pure functions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from portal.carriers.cleaning import caller, line, number
from portal.carriers.directions import Direction
from portal.carriers.faxes import ArrivedFax, CarrierFaxMessage, FaxStatus
from portal.carriers.inbound import InvalidCallback
from portal.carriers.values import UnreadableRow
from portal.carriers.voipms_calls import excerpt
from portal.carriers.voipms_clock import moment
from portal.carriers.voipms_fields import Row, Unreadable, e8, whole, word
from portal.carriers.voipms_messages import message_id

_DURATION: Final = re.compile(r"(?:(\d{1,4}):)?([0-5]?\d):([0-5]?\d)")
_MOST_PAGES: Final = 100_000
_LONGEST_SECONDS: Final = 10_000_000
_THROUGH: Final = frozenset({"SUCCESS", "SUCCESSFUL", "SENT", "COMPLETED", "RECEIVED", "DELIVERED"})
_FAILED: Final = re.compile(r"FAIL|ERROR|BUSY|NO.?ANSWER|CANCEL|REJECT|CONGEST|HANG|HUNG|TIME.?OUT")
_OUT_FOLDERS: Final = frozenset({"SENT", "OUTBOX"})


def read_faxes(
    rows: Iterable[Row], *, unreadable: Callable[[UnreadableRow], None]
) -> list[CarrierFaxMessage]:
    """The faxes of a list, one per id, oldest first; rows nobody can read go to `unreadable`."""
    faxes: dict[str, CarrierFaxMessage] = {}
    for row in rows:
        try:
            fax = read_fax_message(row)
        except ValueError as error:
            unreadable(UnreadableRow("getFaxMessages", str(error), excerpt(row)))
            continue
        faxes.setdefault(fax.id, fax)
    return sorted(faxes.values(), key=lambda fax: (fax.at, fax.id))


def read_fax_message(row: Row) -> CarrierFaxMessage:
    """One row, on the plain Eastern clock.

    Raises ValueError when its id, moment, numbers, length or cost cannot be known.
    """
    at, ambiguous = moment(word(row, "date", 40))
    direction = _direction(row)
    name, calling = caller(row.get("callerid"))
    called = number(row.get("destination"))
    did, other = (called, calling) if direction is Direction.IN else (calling, called)
    if not did or (direction is Direction.OUT and not other):
        raise Unreadable("no number")
    status = _status(row, direction)
    return CarrierFaxMessage(
        id=message_id(row.get("id")),
        direction=direction,
        did=did,
        other=other,
        name=name,
        at=at,
        ambiguous=ambiguous,
        pages=_pages(row),
        seconds=_seconds(row, needed=status is FaxStatus.SUCCESS),
        status=status,
        words=_words(row),
        folder=word(row, "folder", 60),
        rate_e8=_not_below_zero(e8(row, "rate")),
        total_e8=_not_below_zero(e8(row, "total")) or 0,
    )


def fax_from_form(fields: Mapping[str, str], pdf: bytes) -> ArrivedFax:
    """The callback of a fax number: multipart `pdf`, `from`, `to`.

    Raises InvalidCallback without our number or without a file; a caller may withhold theirs.
    What the file is, nobody knows yet.
    """
    name, other = caller(fields.get("from"))
    did = number(fields.get("to"))
    if not did or not pdf:
        raise InvalidCallback("This fax has no number or no file.")
    return ArrivedFax(did=did, other=other, name=name, pdf=pdf)


def _direction(row: Row) -> Direction:
    """The description says it; a row without one is read by its folder."""
    said = word(row, "description").upper()
    if "INBOUND" in said:
        return Direction.IN
    if "OUTBOUND" in said:
        return Direction.OUT
    outgoing = word(row, "folder", 60).upper() in _OUT_FOLDERS
    return Direction.OUT if outgoing else Direction.IN


def _status(row: Row, direction: Direction) -> FaxStatus:
    """Words nobody knows: what arrived has arrived, what leaves is still under way."""
    said = word(row, "status", 60).upper()
    if said in _THROUGH:
        return FaxStatus.SUCCESS
    if _FAILED.search(said):
        return FaxStatus.FAILED
    return FaxStatus.SUCCESS if direction is Direction.IN else FaxStatus.SENDING


def _words(row: Row) -> str:
    status, more = word(row, "status", 60), word(row, "msg", 120)
    return line(f"{status}: {more}" if more and more != status else status, 160)


def _pages(row: Row) -> int:
    pages = whole(row, "pages")
    if pages is not None and not 0 <= pages <= _MOST_PAGES:
        raise Unreadable("no number of pages")
    return pages or 0


def _seconds(row: Row, *, needed: bool) -> int:
    """`m:ss`, `h:mm:ss` or whole seconds; what went through must have a length."""
    seconds = whole(row, "duration")
    if seconds is None and (found := _DURATION.fullmatch(word(row, "duration", 20))):
        seconds = int(found[1] or 0) * 3600 + int(found[2]) * 60 + int(found[3])
    if seconds is None and not needed:
        return 0
    if seconds is None or not 0 <= seconds <= _LONGEST_SECONDS:
        raise Unreadable("no length")
    return seconds


def _not_below_zero(value_e8: int | None) -> int | None:
    if value_e8 is not None and value_e8 < 0:
        raise Unreadable("an amount below zero")
    return value_e8
