"""Words and plain data of comparing the carrier's lists with ours."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple


class Part(StrEnum):
    """Which of the carrier's lists."""

    CALLS = "calls"
    TEXTS = "texts"
    FAXES = "faxes"
    NUMBERS = "numbers"
    FEES = "fees"


class Finding(StrEnum):
    """How the two sides differ."""

    THEIRS_ONLY = "theirs_only"
    OURS_ONLY = "ours_only"
    AMOUNT = "amount"
    RATE = "rate"  # of a call's row against the rate deck (rulings 1)


class RunState(StrEnum):
    """A comparison's life."""

    ASKED = "asked"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"
    STOPPED = "stopped"


PARTS = tuple(Part)
FINDINGS = tuple(Finding)


@dataclass(frozen=True, slots=True)
class Step:
    """One question to the carrier: a list over some days."""

    part: Part
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class RunRow:
    """A comparison as a list shows it. Days are the reseller's, both included."""

    public_id: uuid.UUID
    first: date
    last: date
    parts: tuple[Part, ...]
    state: RunState
    percent: int
    problem: str
    compared: int
    mending: bool
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing the two sides do not agree on; amounts and rates in the carrier's currency."""

    part: Part
    finding: Finding
    key: str
    at: datetime | None
    what: str
    detail: str = ""
    theirs_e8: int | None = None
    ours_e8: int | None = None
    client_id: int | None = None
    our_id: uuid.UUID | None = None


class LineFilter(NamedTuple):
    """Which lines of a comparison."""

    part: str = ""
    finding: str = ""
    text: str = ""
    open_only: bool = False


class LineRow(NamedTuple):
    """A difference as a list shows it. ``our_id`` is the public id of our row, where there is one."""

    id: int
    public_id: uuid.UUID
    part: str
    finding: str
    key: str
    at: datetime | None
    what: str
    detail: str
    theirs_e8: int | None
    ours_e8: int | None
    client_id: int | None
    our_id: uuid.UUID | None
    mended_at: datetime | None

    @property
    def difference_e8(self) -> int | None:
        """What the carrier says more than we do."""
        if self.theirs_e8 is None and self.ours_e8 is None:
            return None
        return (self.theirs_e8 or 0) - (self.ours_e8 or 0)
