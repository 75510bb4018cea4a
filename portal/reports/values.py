"""Words and plain data of report files."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from portal.core.errors import DomainError


class ReportKind(StrEnum):
    """Reports that can become a file."""

    GLOBAL_CDR = "global_cdr"
    STATEMENT = "statement"
    EXPORT = "export"


class FileState(StrEnum):
    """A file's life: asked for, being made, then ready or failed."""

    ASKED = "asked"
    MAKING = "making"
    READY = "ready"
    FAILED = "failed"


class ReportError(DomainError):
    """A document could not be made; the message is for the person who asked for it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a job is to make. ``filters`` is the report's own plain form, as the address had it."""

    id: int
    report: ReportKind
    filters: Mapping[str, Any]
    language: str
    client_id: int | None


@dataclass(frozen=True, slots=True)
class FileRow:
    """A report file as a list shows it; ``percent`` is none until the first rows are done."""

    public_id: uuid.UUID
    report: ReportKind
    filters: Mapping[str, Any]
    client_id: int | None
    state: FileState
    percent: int | None
    problem: str
    size_bytes: int
    created_at: datetime
    ready_at: datetime | None
    expires_at: datetime | None
