"""Reading faxes: folders, lists, one fax with its pages and its timeline."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from portal import contacts, numbers
from portal.core import scope
from portal.core.db import session
from portal.core.errors import NotFound
from portal.core.paging import Page
from portal.fax.models import Fax, FaxEvent, FaxFile, FaxFolder, FaxPage
from portal.fax.values import (
    UNSETTLED,
    EventKind,
    EventRow,
    FaxRow,
    FaxState,
    FolderRow,
    Folders,
    PageRow,
    Place,
)
from portal.identity.models import Person
from portal.identity.spelling import folded
from portal.numbers import DidRow
from portal.numbers.models import Did

PAGE_ROWS = 30
_MOST_CONTACTS = 100
_DONE_OUT = (FaxState.SENT,)
_FAILED = (FaxState.FAILED, FaxState.CANCELLED)
_NO_FAX = "There is no such fax."
_LISTED: tuple[Any, ...] = (
    Fax.id, Fax.public_id, Fax.direction, Fax.state, Did.number, Fax.contact, Fax.contact_name,
    Fax.subject, Fax.pages, Fax.pages_done, Fax.seconds, Fax.price, Fax.error_code,
    Fax.error_page, Fax.attempt, Fax.retries_left, Fax.pdf != "", Fax.report != "",
    FaxFolder.public_id, func.coalesce(FaxFolder.name, ""), func.coalesce(Person.name, ""),
    Fax.at, Fax.due_at, Fax.handed_over_at, Fax.finished_at, Fax.read_at, Fax.binned_at,
)  # fmt: skip


def listing(
    client_id: int,
    place: Place | uuid.UUID = Place.INBOX,
    *,
    text: str = "",
    unread: bool = False,
    own_number: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    after: str | None = None,
    rows: int = PAGE_ROWS,
) -> Page[FaxRow]:
    """One page of a folder, the latest first; ``place`` is everybody's, or the id of an own one.

    ``text`` is looked for in names, numbers and subjects, whatever their accents; [since, until) is
    when they came or were sent. ``after`` is the cursor of a page; nonsense is no cursor.
    """
    statement = (
        _listed()
        .where(Fax.client_id == client_id, _lies_in(place))
        .order_by(Fax.at.desc(), Fax.id.desc())
        .limit(rows + 1)
    )
    if text.strip():
        statement = statement.where(mentions(client_id, text))
    if unread:
        statement = statement.where(_is_unread())
    if own_number:
        statement = statement.where(Did.number == own_number)
    if since is not None:
        statement = statement.where(Fax.at >= since)
    if until is not None:
        statement = statement.where(Fax.at < until)
    beyond = _cursor(client_id, after)
    if beyond is not None:
        at, row_id = beyond
        statement = statement.where(or_(Fax.at < at, and_(Fax.at == at, Fax.id < row_id)))
    found = _rows(client_id, statement)
    older = found[rows - 1].public_id.hex if len(found) > rows else None
    return Page(found[:rows], older=older)


def folders(client_id: int) -> Folders:
    """How much lies where: two queries."""
    there, kept = Fax.binned_at.is_(None), Fax.folder_id.is_(None)
    arrived = and_(Fax.direction == "in", there, kept)
    sent, failed = Fax.state.in_(_DONE_OUT), Fax.state.in_(_FAILED)
    counts = session().execute(
        select(
            _count(arrived),
            _count(and_(arrived, Fax.read_at.is_(None))),
            _count(and_(sent, there, kept)),
            _count(and_(Fax.state.in_(UNSETTLED), there)),
            _count(and_(failed, there, kept)),
            _count(and_(Fax.state == FaxState.DRAFT, there)),
            _count(Fax.binned_at.is_not(None)),
        ).where(Fax.client_id == client_id, Fax.deleted_at.is_(None))
    )
    own = session().execute(
        select(FaxFolder.public_id, FaxFolder.name, _count(Fax.id.is_not(None)), _count(_is_unread()))
        .outerjoin(
            Fax, and_(Fax.folder_id == FaxFolder.id, there, Fax.deleted_at.is_(None))
        )
        .where(FaxFolder.client_id == client_id)
        .group_by(FaxFolder.id, FaxFolder.public_id, FaxFolder.name, FaxFolder.folded_name)
        .order_by(FaxFolder.folded_name)
    )  # fmt: skip
    inbox, unread, sent_ones, sending, failed_ones, drafts, binned = (
        int(count or 0) for count in counts.one()
    )
    return Folders(
        inbox, unread, sent_ones, sending, failed_ones, drafts, binned,
        own=tuple(FolderRow._make(row) for row in own),
    )  # fmt: skip


def folder(client_id: int, public_id: uuid.UUID) -> FolderRow:
    """One of a client's own folders, without its counts; NotFound when it is gone."""
    name = session().scalar(
        select(FaxFolder.name).where(
            FaxFolder.client_id == client_id, FaxFolder.public_id == public_id
        )
    )
    if name is None:
        raise NotFound("There is no such folder.")
    return FolderRow(public_id, name, 0, 0)


def one(client_id: int, public_id: uuid.UUID) -> FaxRow:
    """One fax; NotFound when it is not theirs or was deleted."""
    found = _rows(client_id, _one(client_id, public_id))
    if not found:
        raise NotFound(_NO_FAX)
    return found[0]


def some(client_id: int, public_ids: Sequence[uuid.UUID]) -> list[FaxRow]:
    """Those of these faxes that are theirs, in no order."""
    return _rows(
        client_id, _listed().where(Fax.client_id == client_id, Fax.public_id.in_(public_ids))
    )


def neighbours(
    client_id: int, fax: FaxRow, place: Place | uuid.UUID
) -> tuple[uuid.UUID | None, uuid.UUID | None]:
    """The fax before and the fax after one in its folder, as they are listed."""
    lies_there = (Fax.client_id == client_id, Fax.deleted_at.is_(None), _lies_in(place))
    newer = session().scalar(
        select(Fax.public_id)
        .where(*lies_there, or_(Fax.at > fax.at, and_(Fax.at == fax.at, Fax.id > fax.id)))
        .order_by(Fax.at, Fax.id)
        .limit(1)
    )
    older = session().scalar(
        select(Fax.public_id)
        .where(*lies_there, or_(Fax.at < fax.at, and_(Fax.at == fax.at, Fax.id < fax.id)))
        .order_by(Fax.at.desc(), Fax.id.desc())
        .limit(1)
    )
    return newer, older


def pages(client_id: int, public_id: uuid.UUID) -> list[PageRow]:
    """The pages of a fax as they are sent or came, the cover first; those of a draft with all
    that were left out.
    """
    fax = session().execute(
        select(Fax.id, Fax.document_id, Fax.state).where(
            Fax.client_id == client_id, Fax.public_id == public_id, Fax.deleted_at.is_(None)
        )
    ).first()  # fmt: skip
    if fax is None:
        raise NotFound(_NO_FAX)
    return pages_of(fax.id, fax.document_id, with_left_out=fax.state == FaxState.DRAFT)


def pages_of(fax_id: int, document_id: int | None, *, with_left_out: bool) -> list[PageRow]:
    """The same by ids."""
    whose = FaxPage.fax_id == fax_id
    if document_id is not None:
        whose = or_(whose, FaxPage.document_id == document_id)
    statement = (
        select(
            FaxPage.public_id, FaxFile.public_id, FaxPage.number, FaxPage.width, FaxPage.height,
            FaxPage.left_out,
        )
        .outerjoin(FaxFile, FaxFile.id == FaxPage.file_id)
        .where(whose)
        .order_by(
            case((FaxPage.fax_id.is_(None), 1), else_=0),
            FaxPage.left_out, FaxPage.position, FaxPage.id,
        )
    )  # fmt: skip
    if not with_left_out:
        statement = statement.where(FaxPage.left_out.is_(False))
    return [PageRow._make(row) for row in session().execute(statement)]


def page_file(client_id: int, page: uuid.UUID, *, small: bool = False) -> str:
    """The name in the store of a page's picture for screens (PNG or JPEG)."""
    name: str | None = session().scalar(
        select(FaxPage.thumb if small else FaxPage.view).where(
            FaxPage.client_id == client_id, FaxPage.public_id == page
        )
    )
    if not name:
        raise NotFound("There is no such page.")
    return name


def pdf_file(client_id: int, public_id: uuid.UUID) -> str:
    """The name in the store of a fax's PDF; NotFound when it has none (any more)."""
    return _file(client_id, public_id, Fax.pdf)


def report_file(client_id: int, public_id: uuid.UUID) -> str:
    """The name in the store of a transmission report; NotFound when it is not made yet."""
    return _file(client_id, public_id, Fax.report)


def timeline(client_id: int, public_id: uuid.UUID) -> list[EventRow]:
    """What happened to a fax, oldest first."""
    rows = session().execute(
        select(
            FaxEvent.kind, FaxEvent.at, FaxEvent.attempt, FaxEvent.page, FaxEvent.pages,
            FaxEvent.code, func.coalesce(Person.name, ""),
        )
        .join(Fax, Fax.id == FaxEvent.fax_id)
        .outerjoin(Person, Person.id == FaxEvent.person_id)
        .where(
            Fax.client_id == client_id, Fax.public_id == public_id, Fax.deleted_at.is_(None)
        )
        .order_by(FaxEvent.id)
    )  # fmt: skip
    return [EventRow(EventKind(row[0]), *row[1:]) for row in rows]


def explained(client_id: int, public_id: uuid.UUID) -> dict[str, Any] | None:
    """The facts a fax's price follows from, for ``rating.explain``; None while there are none."""
    sheet = session().scalar(
        select(Fax.worksheet).where(
            Fax.client_id == client_id, Fax.public_id == public_id, Fax.deleted_at.is_(None)
        )
    )
    facts: dict[str, Any] | None = json.loads(sheet) if sheet else None
    return facts


def unread_count(client_id: int) -> int:
    """How many faxes wait to be read, wherever they lie."""
    return (
        session().scalar(
            select(func.count(Fax.id)).where(
                Fax.client_id == client_id, Fax.binned_at.is_(None), _is_unread()
            )
        )
        or 0
    )


def latest(client_id: int, rows: int = 4) -> list[FaxRow]:
    """The latest faxes in both directions, for the dashboard."""
    return _rows(
        client_id,
        _listed()
        .where(Fax.client_id == client_id, Fax.binned_at.is_(None), Fax.state != FaxState.DRAFT)
        .order_by(Fax.at.desc(), Fax.id.desc())
        .limit(rows),
    )


def search(client_id: int, text: str, *, with_drafts: bool, rows: int = 8) -> list[FaxRow]:
    """Faxes of any folder whose line, or whose folder's name, says this, the latest first."""
    in_folder = FaxFolder.folded_name.contains(folded(text), autoescape=True)
    statement = _listed().where(
        Fax.client_id == client_id,
        Fax.binned_at.is_(None),
        or_(mentions(client_id, text), in_folder),
    )
    if not with_drafts:
        statement = statement.where(Fax.state != FaxState.DRAFT)
    return _rows(client_id, statement.order_by(Fax.at.desc(), Fax.id.desc()).limit(rows))


def clients_who_faxed(text: str, *, rows: int = 8) -> list[tuple[int, int]]:
    """Clients with faxes to or from such a number or name, and how many; the latest first."""
    wanted = folded(text)
    digits = "".join(character for character in wanted if character.isdigit())
    options = [func.lower(Fax.contact_name).contains(wanted, autoescape=True)]
    if len(digits) > 2:
        options.append(Fax.contact.contains(digits, autoescape=True))
    found = session().execute(
        select(Fax.client_id, func.count().label("faxes"))
        .where(or_(*options), Fax.state != FaxState.DRAFT, Fax.client_id.is_not(None))
        .group_by(Fax.client_id)
        .order_by(func.max(Fax.id).desc())
        .limit(rows)
    )
    return [(row.client_id or 0, row.faxes) for row in found]


def fax_numbers(client_id: int) -> list[DidRow]:
    """The numbers a client may send faxes from now."""
    return [did for did in numbers.dids_of(client_id) if did.kind == "fax" and not did.is_gone]


def mentions(client_id: int, text: str) -> ColumnElement[bool]:
    """Does a fax's line say this? Digits are looked for in numbers, however they are grouped.

    Who has a name in the phonebook is found by it, whatever the fax said.
    """
    wanted = folded(text)
    digits = "".join(character for character in wanted if character.isdigit())
    known = [choice.number for choice in contacts.search(client_id, text, rows=_MOST_CONTACTS)]
    names = func.lower(Fax.contact_name) if scope.hides_texts() else Fax.searched
    options = [names.contains(wanted, autoescape=True), Fax.contact.in_(known)]
    if len(digits) > 2:
        options.append(Fax.contact.contains(digits, autoescape=True))
        options.append(Did.number.contains(digits, autoescape=True))
    return or_(*options)


def _file(client_id: int, public_id: uuid.UUID, column: Any) -> str:
    name: str | None = session().scalar(
        select(column).where(
            Fax.client_id == client_id, Fax.public_id == public_id, Fax.deleted_at.is_(None)
        )
    )
    if not name:
        raise NotFound("This file is gone.")
    return name


def _listed() -> Select[Any]:
    statement: Select[Any] = (
        select(*_LISTED)
        .join(Did, Did.id == Fax.did_id)
        .outerjoin(FaxFolder, FaxFolder.id == Fax.folder_id)
        .outerjoin(Person, Person.id == Fax.sent_by_id)
        .where(Fax.deleted_at.is_(None))
    )
    return statement


def _one(client_id: int, public_id: uuid.UUID) -> Select[Any]:
    return _listed().where(Fax.client_id == client_id, Fax.public_id == public_id)


def _rows(client_id: int, statement: Select[Any]) -> list[FaxRow]:
    """The rows, each with the contact's name of the phonebook where it has one."""
    found = [_row(tuple(row)) for row in session().execute(statement)]
    names = contacts.names(client_id, {row.contact for row in found})
    return [
        replace(row, contact_name=names[row.contact]) if row.contact in names else row
        for row in found
    ]


def _row(values: tuple[Any, ...]) -> FaxRow:
    row = FaxRow(*values)
    subject = "" if scope.hides_texts() else row.subject
    return replace(row, state=FaxState(row.state), subject=subject)


def _lies_in(place: Place | uuid.UUID) -> ColumnElement[bool]:
    there, loose = Fax.binned_at.is_(None), Fax.folder_id.is_(None)
    if isinstance(place, uuid.UUID):
        own = select(FaxFolder.id).where(FaxFolder.public_id == place).scalar_subquery()
        return and_(there, Fax.folder_id == own)
    return {
        Place.INBOX: and_(there, loose, Fax.direction == "in"),
        Place.SENT: and_(there, loose, Fax.state.in_(_DONE_OUT)),
        Place.SENDING: and_(there, Fax.state.in_(UNSETTLED)),
        Place.FAILED: and_(there, loose, Fax.state.in_(_FAILED)),
        Place.DRAFTS: and_(there, Fax.state == FaxState.DRAFT),
        Place.BIN: Fax.binned_at.is_not(None),
    }[place]


def _is_unread() -> ColumnElement[bool]:
    return and_(Fax.direction == "in", Fax.read_at.is_(None), Fax.deleted_at.is_(None))


def _count(condition: ColumnElement[bool]) -> Any:
    return func.sum(case((condition, 1), else_=0))


def _cursor(client_id: int, text: str | None) -> tuple[datetime, int] | None:
    try:
        public_id = uuid.UUID(hex=text or "")
    except ValueError:
        return None
    row = session().execute(
        select(Fax.at, Fax.id).where(Fax.client_id == client_id, Fax.public_id == public_id)
    ).first()  # fmt: skip
    return None if row is None else (row.at, row.id)
