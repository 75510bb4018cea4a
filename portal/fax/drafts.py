"""Drafts: the files of a fax that is still being written, their pages, and what the cover says."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from sqlalchemy import delete, func, select, update

from portal.core import clock, storage
from portal.core.db import only_one, session
from portal.core.errors import InvalidInput, NotFound, Refused
from portal.core.failpoints import failpoint
from portal.core.queue import enqueue
from portal.fax import covers, queries
from portal.fax.documents import drop_document, drop_file_of, drop_pages
from portal.fax.events import changed
from portal.fax.models import Fax, FaxDocument, FaxFile, FaxPage
from portal.fax.terms import sender
from portal.fax.values import (
    Cover,
    DraftView,
    FaxState,
    FileRow,
    FileState,
    MadePage,
    Recipient,
    Upload,
)
from portal.identity.spelling import folded, one_line
from portal.tasks import CONVERT_FAX_FILE

MOST_FILES = 20
MOST_PAGES = 200
LARGEST_FILE = 20_000_000
QUALITIES = ("fine", "standard")
PAPERS = ("letter", "a4")
MOST_RECIPIENTS = 50


def new_draft(
    client_id: int,
    *,
    own_number: str = "",
    recipients: Sequence[Recipient] = (),
    subject: str = "",
    paper: str = "letter",
    person_id: int | None = None,
) -> uuid.UUID:
    """Begin a fax; its public id. Without a number it is from the client's first."""
    numbers = queries.fax_numbers(client_id)
    if not numbers:
        raise Refused("There is no fax number on this account yet.", code="no_fax_number")
    owner = sender(client_id, own_number or numbers[0].number)
    document = FaxDocument(client_id=client_id, did_id=owner.did_id, paper=_paper(paper))
    session().add(document)
    session().flush()
    draft = Fax(
        client_id=client_id,
        did_id=owner.did_id,
        did_link_id=owner.link_id,
        document_id=document.id,
        direction="out",
        state=FaxState.DRAFT,
        sent_by_id=person_id,
        read_at=clock.now(),
    )
    _write(draft, recipients=recipients, subject=subject, cover=None)
    session().add(draft)
    session().flush()
    changed(draft)
    return draft.public_id


def save_draft(
    client_id: int,
    public_id: uuid.UUID,
    *,
    own_number: str,
    recipients: Sequence[Recipient],
    subject: str = "",
    cover: Cover | None = None,
    quality: str = "fine",
    paper: str = "letter",
) -> None:
    """Keep what was typed; nothing is checked that only matters when it is sent.

    Another quality or paper has all files converted anew.
    """
    draft, document = open_draft(client_id, public_id)
    owner = sender(client_id, own_number)
    before = _said(draft, document)
    _write(draft, recipients=recipients, subject=subject, cover=cover)
    draft.did_link_id = owner.link_id
    if owner.did_id != draft.did_id:
        _move_to(draft, document, owner.did_id)
    wanted = (quality if quality in QUALITIES else "fine", _paper(paper))
    if wanted != (document.quality, document.paper):
        document.quality, document.paper = wanted
        session().flush()
        _convert_anew(document)
    session().flush()
    if not _count(draft, document) and _said(draft, document) != before:
        covers.draw_anew(draft)
    changed(draft)


def add_file(client_id: int, public_id: uuid.UUID, *, name: str, path: Path) -> uuid.UUID:
    """Take an uploaded file (a draft of the store) into a fax; a job converts it. Its public id.

    Only its size is looked at here: nothing is opened in the web process.
    """
    size = path.stat().st_size
    if size == 0:
        raise InvalidInput("This file is empty.", field="files")
    if size > LARGEST_FILE:
        raise InvalidInput("A file has at most 20 MB.", field="files")
    draft, document = open_draft(client_id, public_id)
    position = session().scalar(
        select(func.coalesce(func.max(FaxFile.position), 0)).where(
            FaxFile.document_id == document.id
        )
    )
    count = session().scalar(
        select(func.count(FaxFile.id)).where(FaxFile.document_id == document.id)
    )
    if (count or 0) >= MOST_FILES:
        raise InvalidInput("A fax has at most 20 files.", field="files")
    stored_as = storage.keep(path, ending="upload")
    failpoint("fax.uploaded")
    file = FaxFile(
        client_id=client_id,
        document_id=document.id,
        did_id=draft.did_id,
        position=(position or 0) + 1,
        name=one_line(name)[:120] or "file",
        size_bytes=size,
        state=FileState.CONVERTING,
        stored_as=stored_as,
    )
    session().add(file)
    session().flush()
    enqueue(CONVERT_FAX_FILE, file_id=file.id)
    changed(draft)
    return file.public_id


def drop_file(client_id: int, public_id: uuid.UUID, file: uuid.UUID) -> None:
    """Take a file with its pages out of a draft; one that is gone already is fine."""
    draft, document = open_draft(client_id, public_id)
    file_id = session().scalar(
        select(FaxFile.id).where(FaxFile.document_id == document.id, FaxFile.public_id == file)
    )
    if file_id is not None:
        drop_file_of(file_id)
    _count(draft, document)
    changed(draft)


def arrange(client_id: int, public_id: uuid.UUID, pages: Sequence[uuid.UUID]) -> None:
    """Send these pages in this order and leave the others out. Unknown ones are passed over."""
    draft, document = open_draft(client_id, public_id)
    rows = session().scalars(select(FaxPage).where(FaxPage.document_id == document.id))
    known = {page.public_id: page for page in rows}
    order = [known[name] for name in dict.fromkeys(pages) if name in known]
    for page in known.values():
        page.left_out = True
    for position, page in enumerate(order, start=1):
        page.position, page.left_out = position, False
    session().flush()
    _count(draft, document)
    changed(draft)


def discard_draft(client_id: int, public_id: uuid.UUID) -> None:
    """Delete a draft with its files for good."""
    draft, document = open_draft(client_id, public_id)
    changed(draft)
    remove_draft(draft.id)
    drop_document(document.id)


def remove_draft(fax_id: int) -> bool:
    """Take a draft's row away, its document stays; False when somebody else was first."""
    drop_pages(FaxPage.fax_id == fax_id)
    return only_one(delete(Fax).where(Fax.id == fax_id, Fax.state == FaxState.DRAFT))


def draft(client_id: int, public_id: uuid.UUID) -> DraftView:
    """A draft with its files and pages; NotFound when it is none (any more)."""
    row = queries.one(client_id, public_id)
    found = session().execute(
        select(Fax, FaxDocument)
        .join(FaxDocument, FaxDocument.id == Fax.document_id)
        .where(Fax.id == row.id, Fax.state == FaxState.DRAFT)
    ).first()  # fmt: skip
    if found is None:
        raise NotFound("This fax is no draft any more.")
    fax, document = found
    made = {
        row[0]: row[1]
        for row in session().execute(
            select(FaxPage.file_id, func.count())
            .where(FaxPage.document_id == document.id)
            .group_by(FaxPage.file_id)
        )
    }
    files = session().scalars(
        select(FaxFile).where(FaxFile.document_id == document.id).order_by(FaxFile.position)
    )
    return DraftView(
        fax=row,
        recipients=tuple(Recipient(**one) for one in fax.recipients or ()),
        quality=document.quality,
        paper=document.paper,
        cover=Cover(**fax.cover) if fax.cover is not None else None,
        files=tuple(
            FileRow(
                file.public_id, file.name, file.kind, file.size_bytes, FileState(file.state),
                file.reason, made.get(file.id, 0),
            )
            for file in files
        ),
        pages=tuple(queries.pages_of(fax.id, document.id, with_left_out=True)),
    )  # fmt: skip


def to_convert(file_id: int) -> Upload | None:
    """A file that waits to be converted; None when it is done, or gone."""
    row = session().execute(
        select(FaxFile, FaxDocument)
        .join(FaxDocument, FaxDocument.id == FaxFile.document_id)
        .where(FaxFile.id == file_id, FaxFile.state == FileState.CONVERTING)
        .execution_options(populate_existing=True)
    ).first()  # fmt: skip
    if row is None:
        return None
    file, document = row
    return Upload(file.id, file.stored_as, document.quality, document.paper)


def keep_pages(upload: Upload, kind: str, made: Sequence[MadePage]) -> bool:
    """The pages of a file are there; False when nobody wants them any more."""
    found = _still_wanted(upload)
    if found is None:
        return False
    file, document, fax = found
    if _pages_in(document) + len(made) > MOST_PAGES:
        _refuse(file, "A fax has at most 200 pages.")
        return False
    last = session().scalar(
        select(func.coalesce(func.max(FaxPage.position), 0)).where(
            FaxPage.document_id == document.id
        )
    )
    for number, page in enumerate(made, start=1):
        session().add(
            FaxPage(
                client_id=file.client_id, did_id=file.did_id, document_id=document.id,
                file_id=file.id, number=number, position=(last or 0) + number,
                picture=page.picture, view=page.view, thumb=page.thumb,
                width=page.width, height=page.height,
            )
        )  # fmt: skip
    file.kind, file.state, file.reason = kind[:12], FileState.READY, ""
    session().flush()
    _count(fax, document)
    changed(fax)
    return True


def refuse_file(upload: Upload, reason: str) -> None:
    """A file cannot be faxed, for a reason that people understand."""
    found = _still_wanted(upload)
    if found is not None:
        _refuse(found[0], reason)
        changed(found[2])


def _refuse(file: FaxFile, reason: str) -> None:
    file.state, file.reason = FileState.REFUSED, reason[:200]
    session().flush()


def _still_wanted(upload: Upload) -> tuple[FaxFile, FaxDocument, Fax] | None:
    """The file, when it still waits for this conversion and its fax was not sent meanwhile."""
    row = session().execute(
        select(FaxFile, FaxDocument, Fax)
        .join(FaxDocument, FaxDocument.id == FaxFile.document_id)
        .join(Fax, Fax.document_id == FaxDocument.id)
        .where(
            FaxFile.id == upload.file_id,
            FaxFile.state == FileState.CONVERTING,
            FaxDocument.sealed_at.is_(None),
            FaxDocument.quality == upload.quality,
            FaxDocument.paper == upload.paper,
            Fax.state == FaxState.DRAFT,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()  # fmt: skip
    return None if row is None else (row[0], row[1], row[2])


def open_draft(client_id: int, public_id: uuid.UUID) -> tuple[Fax, FaxDocument]:
    """A draft and its document, held so that nobody sends it meanwhile."""
    found = session().execute(
        select(Fax, FaxDocument)
        .join(FaxDocument, FaxDocument.id == Fax.document_id)
        .where(
            Fax.client_id == client_id,
            Fax.public_id == public_id,
            Fax.state == FaxState.DRAFT,
            FaxDocument.sealed_at.is_(None),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()  # fmt: skip
    if found is None:
        raise NotFound("This fax is no draft any more.")
    return found[0], found[1]


def _write(
    draft: Fax, *, recipients: Sequence[Recipient], subject: str, cover: Cover | None
) -> None:
    kept = [
        {"number": one_line(one.number)[:40], "name": one_line(one.name)[:80]}
        for one in recipients
        if one.number.strip() or one.name.strip()
    ]
    refuse_too_many(len(kept))
    draft.recipients = kept
    draft.contact = kept[0]["number"][:20] if kept else ""
    draft.contact_name = kept[0]["name"] if kept else ""
    draft.subject = one_line(subject)[:120]
    draft.cover = None if cover is None else asdict(clean_cover(cover))
    draft.searched = searched(draft)


def refuse_too_many(recipients: int) -> None:
    """None is left out in silence: InvalidInput (``recipients``) when there are more than go at once."""
    if recipients > MOST_RECIPIENTS:
        raise InvalidInput("A fax goes to at most 50 numbers at once.", field="recipients")


def clean_cover(cover: Cover) -> Cover:
    """What a cover may say: names on one line, remarks with their lines, none without end."""
    lines = cover.remarks.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    remarks = "\n".join(one_line(line) for line in lines[:40])[:1_500].strip()
    return Cover(
        one_line(cover.to_name)[:80], one_line(cover.to_company)[:80],
        one_line(cover.from_name)[:80], one_line(cover.subject)[:120], remarks,
    )  # fmt: skip


def searched(fax: Fax) -> str:
    """What the search looks in: without accents and capitals."""
    words = [fax.subject or "", fax.contact_name or "", fax.contact]
    words += [one["name"] + " " + one["number"] for one in fax.recipients or ()]
    return folded(" ".join(words))[:400]


def _move_to(draft: Fax, document: FaxDocument, did_id: int) -> None:
    draft.did_id = document.did_id = did_id
    session().flush()
    for model in (FaxFile, FaxPage):
        session().execute(
            update(model).where(model.document_id == document.id).values(did_id=did_id),
            execution_options={"synchronize_session": False},
        )


def _convert_anew(document: FaxDocument) -> None:
    """Convert all files once more; the order of their pages begins anew."""
    files = list(
        session().scalars(
            select(FaxFile).where(
                FaxFile.document_id == document.id, FaxFile.state != FileState.REFUSED
            )
        )
    )
    drop_pages(FaxPage.document_id == document.id)
    for file in files:
        file.state = FileState.CONVERTING
        enqueue(CONVERT_FAX_FILE, file_id=file.id)
    session().flush()


def _said(draft: Fax, document: FaxDocument) -> tuple[object, ...]:
    """Everything of a draft that its cover shows, but the number of pages."""
    return (
        draft.cover, draft.contact, draft.contact_name, draft.subject, draft.did_id,
        document.quality, document.paper,
    )  # fmt: skip


def _count(draft: Fax, document: FaxDocument) -> bool:
    """Count the pages to send; another number stands on another cover. Is that so?"""
    before = draft.pages
    draft.pages = _pages_in(document, sent_only=True) + (draft.cover is not None)
    session().flush()
    if draft.pages == before:
        return False
    covers.draw_anew(draft)
    return True


def _pages_in(document: FaxDocument, *, sent_only: bool = False) -> int:
    conditions = [FaxPage.document_id == document.id]
    if sent_only:
        conditions.append(FaxPage.left_out.is_(False))
    return session().scalar(select(func.count(FaxPage.id)).where(*conditions)) or 0


def _paper(paper: str) -> str:
    return paper if paper in PAPERS else "letter"
