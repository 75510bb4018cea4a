"""Words and plain data of report files."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from portal.core.errors import DomainError


class ReportKind(StrEnum):
    """Reports that can become a file."""

    GLOBAL_CDR = "global_cdr"
    CLIENT_CDR = "client_cdr"
    OWN_CALLS = "own_calls"
    FAXES = "faxes"
    MESSAGES = "messages"
    SUB_ACCOUNTS = "sub_accounts"
    NUMBERS = "numbers"
    FINANCIAL = "financial"
    MARGIN = "margin"
    RECONCILIATION = "reconciliation"
    STATEMENT = "statement"
    EXPORT = "export"
    INVOICE_SAMPLE = "invoice_sample"


class FileFormat(StrEnum):
    """What a file is. What is stored may be a ZIP of two: totals as PDF, rows as CSV."""

    PDF = "pdf"
    XLSX = "xlsx"
    CSV = "csv"
    ZIP = "zip"


class FileState(StrEnum):
    """A file's life: asked for, being made, then ready or failed, or stopped by somebody.

    ``LEFT`` is never stored: its worker is gone, and another will begin anew.
    """

    ASKED = "asked"
    MAKING = "making"
    LEFT = "left"
    READY = "ready"
    FAILED = "failed"
    STOPPED = "stopped"


class Progress(Protocol):
    """Told rows done and rows in all; both answers say whether anybody still wants the file."""

    def __call__(self, done: int, everything: int) -> bool: ...

    def is_wanted(self) -> bool: ...


class Unwanted(Exception):
    """The file was stopped or deleted while it was being made."""


class LayoutKilled(Exception):
    """The process that laid out a document was ended from outside: trying again mends it."""


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
    format: FileFormat = FileFormat.PDF


@dataclass(frozen=True, slots=True)
class FileRow:
    """A report file as a list shows it; ``percent`` is none until the first rows are done."""

    public_id: uuid.UUID
    report: ReportKind
    format: FileFormat
    filters: Mapping[str, Any]
    said: Sequence[tuple[str, str]]  # the filter in words, in the language of who asked
    asked_by: str
    client_id: int | None
    state: FileState
    percent: int | None
    problem: str
    stored_as: str
    size_bytes: int
    created_at: datetime
    ready_at: datetime | None
    expires_at: datetime | None
