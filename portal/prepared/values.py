"""Words and values of texts that are prepared ahead."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from portal.core.money import Money
from portal.rating.messages import Choice

LONGEST_TEXT = 2_000
MOST_TEMPLATES = 100
MOST_ROWS = 10_000


class TemplateRow(NamedTuple):
    """A text to begin with."""

    public_id: uuid.UUID
    name: str
    text: str


class LaterState(StrEnum):
    """What became of a text for later. DRAFT: nobody has said when. SENT: it is in its conversation."""

    DRAFT = "draft"
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class LaterDraft:
    """A text and its moment. ``files`` are uploads of whoever writes it."""

    sender: str
    recipient: str
    text: str
    due_at: datetime
    files: tuple[uuid.UUID, ...] = ()
    send_as: Choice = ""


class LaterRow(NamedTuple):
    """A text for later in the list. ``problem`` is a sentence to translate."""

    public_id: uuid.UUID
    sender: str
    contact: str
    name: str
    text: str
    send_as: Choice
    files: tuple[uuid.UUID, ...]
    due_at: datetime
    state: LaterState
    problem: str
    by: str | None


class BulkState(StrEnum):
    """DRAFT: somebody still writes. PAUSED goes on by itself, or when somebody says so."""

    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    DONE = "done"


class Pause(StrEnum):
    """Why a bulk text waits. The first three end by themselves."""

    CARRIER_LIMIT = "carrier_limit"
    DAY_LIMIT = "day_limit"
    OWN_LIMIT = "own_limit"
    BALANCE = "balance"
    SUSPENDED = "suspended"
    BY_HAND = "by_hand"


class RowState(StrEnum):
    """One recipient. QUEUED: it is a message, whose own state counts. LEFT_OUT: never to be sent."""

    WAITING = "waiting"
    QUEUED = "queued"
    FAILED = "failed"
    LEFT_OUT = "left_out"


class Recipient(NamedTuple):
    """Somebody a bulk text is for; ``values`` fill its variables."""

    number: str
    name: str
    values: Mapping[str, str]


class BulkRowFacts(NamedTuple):
    """One recipient with what became of it. ``state`` is the row's, or its message's once there is one."""

    position: int
    number: str
    name: str
    text: str
    kind: str
    bytes: int
    parts: int
    price: Money
    state: str
    problem: str


@dataclass(frozen=True, slots=True)
class BulkFacts:
    """A bulk text. ``counts`` are rows by state, ``left_out`` those of the list that never were rows, by reason."""

    public_id: uuid.UUID
    state: BulkState
    name: str
    sender: str
    text: str
    send_as: Choice
    pause: str
    paused_until: datetime | None
    created_at: datetime
    finished_at: datetime | None
    total: Money
    counts: Mapping[str, int] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)
    by: str | None = None

    @property
    def to_send(self) -> int:
        """How many are or were to get it."""
        return sum(count for state, count in self.counts.items() if state != RowState.LEFT_OUT)

    @property
    def waiting(self) -> int:
        """How many are no messages yet."""
        return self.counts.get(RowState.WAITING, 0)

    @property
    def over(self) -> int:
        """How many need not be looked at again."""
        return self.to_send - self.waiting


@dataclass(frozen=True, slots=True)
class Limits:
    """How fast a reseller's clients may send to many: texts a minute, and all texts a day."""

    a_minute: int = 20
    a_day: int = 100
