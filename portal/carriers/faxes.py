"""What a fax is at the carrier: plain values. Everything from the telephone network is hostile."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from portal.carriers.directions import Direction


class FaxStatus(StrEnum):
    """Where a fax is: on its way, through, or not."""

    SENDING = "sending"
    SUCCESS = "success"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class CarrierFaxMessage:
    """One row of the carrier's fax list, in or out."""

    id: str
    direction: Direction  # IN or OUT
    did: str  # our fax number: ten digits in North America
    other: str  # the other machine's number, or "" when withheld
    name: str  # the name beside the caller's number, as somebody typed it
    at: datetime
    ambiguous: bool  # as for calls
    pages: int  # what went through; 0 while nobody knows
    seconds: int
    status: FaxStatus
    words: str  # the carrier's own words on the status; `fax_reason` makes a sentence of them
    folder: str
    rate_e8: int | None  # per minute; None when the row has none
    total_e8: int


@dataclass(frozen=True, slots=True)
class FaxToSend:
    """What sending a fax takes."""

    did: str  # one of our fax numbers
    from_name: str
    to: str
    station_id: str  # what the other machine prints at the top
    pdf: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ArrivedFax:
    """A fax that the carrier posts to us. It has no id: the list has it, and the two are one fax."""

    did: str
    other: str
    name: str
    pdf: bytes = field(repr=False)
