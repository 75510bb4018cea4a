"""Words and values of faxes."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from portal.carriers import CarrierFaxMessage
from portal.core.money import Money


class FaxState(StrEnum):
    """What became of a fax. UNKNOWN: it may have gone out; it is looked up, never sent again."""

    DRAFT = "draft"
    QUEUED = "queued"  # also while it waits for its time, or for the next attempt
    PREPARING = "preparing"
    SENDING = "sending"
    UNKNOWN = "unknown"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"
    RECEIVED = "received"


UNSETTLED = (FaxState.QUEUED, FaxState.PREPARING, FaxState.SENDING, FaxState.UNKNOWN)


class FileState(StrEnum):
    """How far an uploaded file is."""

    CONVERTING = "converting"
    READY = "ready"
    REFUSED = "refused"


class Place(StrEnum):
    """The folders that everybody has; a client's own are named by their public id."""

    INBOX = "inbox"
    SENT = "sent"
    SENDING = "sending"
    FAILED = "failed"
    DRAFTS = "drafts"
    BIN = "bin"


class EventKind(StrEnum):
    """An entry of a timeline."""

    QUEUED = "queued"
    SCHEDULED = "scheduled"
    PREPARING = "preparing"
    DIALLING = "dialling"
    PAGE = "page"
    UNKNOWN = "unknown"
    SENT = "sent"
    FAILED = "failed"
    RETRY = "retry"  # will be tried again at the fax's due_at
    CANCELLED = "cancelled"


class MailWish(StrEnum):
    """When somebody wants a mail about the end of faxes they sent."""

    NEVER = "never"
    FAILED = "failed"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Cover:
    """What a cover page says; the number of pages and the date are filled in when it is made."""

    to_name: str = ""
    to_company: str = ""
    from_name: str = ""
    subject: str = ""
    remarks: str = ""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a fax goes to; ``number`` as typed, ``name`` as chosen or typed."""

    number: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class FaxRow:
    """One line of a list. ``who`` is the contact's name where there is one."""

    id: int
    public_id: uuid.UUID
    direction: str
    state: FaxState
    own_number: str
    contact: str
    contact_name: str
    subject: str
    pages: int
    pages_done: int
    seconds: int
    price: Money
    error_code: str
    error_page: int
    attempt: int
    retries_left: int
    has_pdf: bool
    has_report: bool
    folder: uuid.UUID | None
    folder_name: str
    sent_by: str
    at: datetime
    due_at: datetime | None
    handed_over_at: datetime | None
    finished_at: datetime | None
    read_at: datetime | None
    binned_at: datetime | None

    @property
    def who(self) -> str:
        """The contact's name, or the number when there is none."""
        return self.contact_name or self.contact

    @property
    def is_unread(self) -> bool:
        return self.direction == "in" and self.read_at is None

    @property
    def is_open(self) -> bool:
        """Is its end not known yet?"""
        return self.state in UNSETTLED

    @property
    def can_be_retried(self) -> bool:
        return self.state in (FaxState.FAILED, FaxState.CANCELLED) and self.has_pages

    @property
    def has_pages(self) -> bool:
        return self.pages > 0

    @property
    def can_be_cancelled(self) -> bool:
        """Only before it is handed to the carrier."""
        return self.state == FaxState.QUEUED


class FolderRow(NamedTuple):
    """One of a client's own folders."""

    public_id: uuid.UUID
    name: str
    faxes: int
    unread: int


@dataclass(frozen=True, slots=True)
class Folders:
    """How much is in each folder. ``sending`` are those whose end is open."""

    inbox: int
    unread: int
    sent: int
    sending: int
    failed: int
    drafts: int
    binned: int
    own: tuple[FolderRow, ...]


class PageRow(NamedTuple):
    """One page, by the name it is fetched by. ``left_out`` pages of a draft are not sent."""

    public_id: uuid.UUID
    file: uuid.UUID | None  # None: the cover, or a page that came by fax
    number: int
    width: int
    height: int
    left_out: bool


class FileRow(NamedTuple):
    """One uploaded file of a draft; ``reason`` says why it was refused (a message id)."""

    public_id: uuid.UUID
    name: str
    kind: str
    size_bytes: int
    state: FileState
    reason: str
    pages: int


class EventRow(NamedTuple):
    """One entry of a timeline."""

    kind: EventKind
    at: datetime
    attempt: int
    page: int
    pages: int
    code: str
    by: str


@dataclass(frozen=True, slots=True)
class DraftView:
    """A draft as the composer shows it. ``pages`` are all pages, also those left out."""

    fax: FaxRow
    recipients: tuple[Recipient, ...]
    quality: str
    paper: str
    cover: Cover | None
    files: tuple[FileRow, ...]
    pages: tuple[PageRow, ...]

    @property
    def is_converting(self) -> bool:
        return any(file.state == FileState.CONVERTING for file in self.files)

    @property
    def pages_to_send(self) -> int:
        """Without the ones left out, with the cover."""
        kept = sum(not page.left_out and page.file is not None for page in self.pages)
        return kept + (self.cover is not None)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a fax of so many pages will probably take and cost. ``learned``: from past faxes."""

    pages: int
    seconds: int
    billed_seconds: int
    rate_e8: int
    pulse_seconds: int
    price: Money
    learned: bool


@dataclass(frozen=True, slots=True)
class Policy:
    """How a client's faxes are tried again and kept."""

    retries: int = 2
    retry_minutes: int = 5
    keep_days: int | None = None


@dataclass(frozen=True, slots=True)
class FaxFilter:
    """Which faxes of a report: accepted or received in [since, until)."""

    since: datetime
    until: datetime
    client_id: int | None = None
    sub_account_id: int | None = None
    person_id: int | None = None
    direction: str = ""
    state: str = ""
    text: str = ""


class ReportRow(NamedTuple):
    """One fax of a report, also when its document was deleted."""

    id: int
    public_id: uuid.UUID
    client_id: int
    client_name: str
    at: datetime
    direction: str
    state: str
    own_number: str
    contact: str
    contact_name: str
    sent_by: str
    pages: int
    seconds: int
    price: Money
    cost: Money
    error_code: str


class ReportTotals(NamedTuple):
    """Sums of what a filter finds."""

    faxes: int
    delivered: int
    failed: int
    pages: int
    seconds: int
    price: Money
    cost: Money


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that a job converts."""

    file_id: int
    stored_as: str
    quality: str
    paper: str


@dataclass(frozen=True, slots=True)
class MadePage:
    """A page that a job made, as names in the store."""

    picture: str
    view: str
    thumb: str
    width: int
    height: int

    @property
    def names(self) -> tuple[str, ...]:
        """The files it is made of."""
        return tuple(name for name in (self.picture, self.view, self.thumb) if name)


@dataclass(frozen=True, slots=True)
class ToPrepare:
    """A fax whose file is to be made: its pages in order, and what its cover says."""

    fax_id: int
    client_id: int
    lease_number: int
    own_number: str
    contact: str
    cover: Cover | None
    quality: str
    paper: str
    pictures: tuple[str, ...]
    at: datetime
    document_id: int = 0
    body: Body | None = None


@dataclass(frozen=True, slots=True)
class Body:
    """A document's pages as one file that all of its faxes share: its name in the store, its SHA-256."""

    pdf: str
    digest: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """A fax claimed by one run of the job, as values: no row, no transaction stays open."""

    fax_id: int
    client_id: int
    lease_number: int
    sender: str
    recipient: str
    from_name: str
    station_id: str
    pdf: str
    pages: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Sought:
    """A fax that is looked for at the carrier; ``taken`` are the references that belong to others."""

    fax_id: int
    lease_number: int
    sender: str
    recipient: str
    pages: int
    around: datetime
    is_unknown: bool
    is_alone: bool  # no other open fax went the same way: the pages need not tell them apart
    is_behind: bool  # another that the carrier did take finds its row first
    taken: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a fax ended, for the mail that tells of it."""

    fax_id: int
    client_id: int
    person_id: int | None
    state: FaxState
    contact: str
    pages: int
    code: str
    page: int


@dataclass(frozen=True, slots=True)
class MadeFax:
    """The rebuilt file of a fax that arrived, as names in the store."""

    pdf: str
    pdf_bytes: int
    pages: tuple[MadePage, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Every file that was made for it."""
        return (self.pdf, *(name for page in self.pages for name in page.names))


@dataclass(frozen=True, slots=True)
class StoredFax:
    """What a webhook brought, on the disk, and a digest by which a repeat is known."""

    recipient: str
    sender: str
    name: str
    digest: str
    stored_as: str


@dataclass(frozen=True, slots=True)
class Arrived:
    """What a webhook brought, in the hands of the job that takes it in."""

    event_id: int
    recipient: str
    sender: str
    name: str
    stored_as: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Transmission:
    """What a transmission report says of a fax that is over."""

    fax_id: int
    client_id: int
    state: FaxState
    own_number: str
    contact: str
    contact_name: str
    subject: str
    sent_by: str
    pages: int
    pages_done: int
    seconds: int
    attempt: int
    error_code: str
    error_page: int
    handed_over_at: datetime | None
    finished_at: datetime | None
    quality: str
    reference: uuid.UUID
    first_page: str  # the name of its picture in the store
    timeline: tuple[EventRow, ...]


@dataclass(frozen=True, slots=True)
class PastFax:
    """A fax of the past: the carrier's row, its file, and what people knew about it."""

    listed: CarrierFaxMessage
    made: MadeFax
    finished_at: datetime
    subject: str = ""
    person_id: int | None = None
    is_read: bool = True


class Attention(NamedTuple):
    """Faxes whose end nobody knows, and faxes that lately came for numbers of nobody."""

    unknown: int
    stray: int
