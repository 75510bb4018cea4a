"""What a recorded call is at the carrier: plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portal.carriers.directions import Direction


@dataclass(frozen=True, slots=True)
class CarrierRecording:
    """One row of the carrier's list of call recordings: it names no call, only its facts."""

    id: str
    account: str  # the sub-account's full login
    direction: Direction  # IN or OUT
    at: datetime
    ambiguous: bool  # as for calls
    number: str  # one end of the call, or "" when the row has none
    seconds: int
