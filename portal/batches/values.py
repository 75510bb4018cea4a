"""Words of work on many clients at once."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class BatchKind(StrEnum):
    """What is done to each. ACTIVATE also lifts a suspension."""

    ACTIVATE = "activate"
    SUSPEND = "suspend"
    MESSAGE = "message"
    IMPORT = "import"


class BatchState(StrEnum):
    """DRAFT: somebody still decides; nothing was done."""

    DRAFT = "draft"
    RUNNING = "running"
    DONE = "done"


class RowState(StrEnum):
    """What became of one. SKIPPED: there was nothing to do."""

    WAITING = "waiting"
    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows by state."""

    waiting: int = 0
    done: int = 0
    skipped: int = 0
    failed: int = 0

    @property
    def all(self) -> int:
        """Every row."""
        return self.waiting + self.done + self.skipped + self.failed

    @property
    def over(self) -> int:
        """Rows that nobody has to look at again."""
        return self.all - self.waiting


@dataclass(frozen=True, slots=True)
class BatchFacts:
    """One piece of work. ``head`` and ``mapping`` belong to an import, ``subject`` to a message."""

    public_id: uuid.UUID
    kind: BatchKind
    state: BatchState
    counts: Counts
    created_at: datetime
    finished_at: datetime | None
    name: str = ""
    subject: str = ""
    text: str = field(default="", repr=False)
    head: tuple[str, ...] = ()
    mapping: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BatchRowFacts:
    """One of many, by name, with what was wrong; ``cells`` as they stood in the file."""

    position: int
    name: str
    state: RowState
    problem: str
    cells: tuple[str, ...] = ()
    client_public_id: uuid.UUID | None = None
