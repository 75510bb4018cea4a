"""What faxes are made of, rows and the files they name: put in its place, and taken away."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete, exists, select, update

from portal.core import storage
from portal.core.db import only_one, session
from portal.fax.models import Fax, FaxDocument, FaxFile, FaxPage
from portal.fax.values import Body, MadePage


def drop_pages(whose: ColumnElement[bool]) -> None:
    """Delete pages and, after the commit, their pictures."""
    rows = session().execute(select(FaxPage.picture, FaxPage.view, FaxPage.thumb).where(whose))
    storage.discard_later(name for row in rows for name in row if name)
    _delete(delete(FaxPage).where(whose))


def put_own_pages(fax: Fax, pages: Sequence[MadePage]) -> None:
    """Let these be a fax's own pages, its cover or what came; those it had go."""
    drop_pages(FaxPage.fax_id == fax.id)
    for number, page in enumerate(pages, start=1):
        session().add(
            FaxPage(
                client_id=fax.client_id, did_id=fax.did_id, fax_id=fax.id, number=number,
                position=number, picture=page.picture, view=page.view, thumb=page.thumb,
                width=page.width, height=page.height,
            )
        )  # fmt: skip
    session().flush()


def drop_file_of(file_id: int) -> None:
    """Delete an uploaded file with its pages."""
    drop_pages(FaxPage.file_id == file_id)
    stored = session().scalars(select(FaxFile.stored_as).where(FaxFile.id == file_id))
    storage.discard_later(name for name in stored if name)
    _delete(delete(FaxFile).where(FaxFile.id == file_id))


def drop_document(document_id: int) -> None:
    """Delete a document that no fax needs any more, with files and pages."""
    drop_pages(FaxPage.document_id == document_id)
    storage.discard_later(name for name in (_pdf_of(document_id),) if name)
    stored = session().scalars(select(FaxFile.stored_as).where(FaxFile.document_id == document_id))
    storage.discard_later(name for name in stored if name)
    _delete(delete(FaxFile).where(FaxFile.document_id == document_id))
    _delete(delete(FaxDocument).where(FaxDocument.id == document_id))


def drop_uploads(document_id: int) -> None:
    """Let go of the files as they were uploaded: their pages are what is sent from now on."""
    files = FaxFile.document_id == document_id
    stored = session().scalars(select(FaxFile.stored_as).where(files, FaxFile.stored_as != ""))
    storage.discard_later(list(stored))
    session().execute(
        update(FaxFile).where(files).values(stored_as=""),
        execution_options={"synchronize_session": False},
    )


def keep_body(document_id: int, known: Body | None, made: Body) -> Body:
    """Let this be the file that a document's faxes share, in place of ``known``; or what is it instead?

    Who was not first discards what was made.
    """
    before = known.pdf if known else ""
    mine = only_one(
        update(FaxDocument)
        .where(FaxDocument.id == document_id, FaxDocument.pdf == before)
        .values(pdf=made.pdf, pdf_digest=made.digest)
    )
    if not mine:
        return body_of(document_id) or made
    if before:
        session().execute(
            update(Fax)
            .where(Fax.document_id == document_id, Fax.pdf == before)
            .values(pdf=made.pdf),
            execution_options={"synchronize_session": False},
        )
        storage.discard_later([before])
    return made


def body_of(document_id: int | None) -> Body | None:
    """The file that a document's faxes share; None while there is none."""
    row = session().execute(
        select(FaxDocument.pdf, FaxDocument.pdf_digest).where(FaxDocument.id == document_id)
    ).first()  # fmt: skip
    return Body(row.pdf, row.pdf_digest) if row is not None and row.pdf else None


def drop_content(fax: Fax) -> None:
    """Delete what a fax says: its PDF, its report, its pages, and the document if nobody shares it."""
    document_id, fax.document_id = fax.document_id, None
    shared = _pdf_of(document_id)
    storage.discard_later(name for name in (fax.pdf, fax.report) if name and name != shared)
    fax.pdf = fax.report = ""
    fax.pdf_bytes = 0
    drop_pages(FaxPage.fax_id == fax.id)
    session().flush()
    if document_id is not None and not _is_shared(document_id):
        drop_document(document_id)


def _pdf_of(document_id: int | None) -> str:
    body = body_of(document_id)
    return body.pdf if body else ""


def _is_shared(document_id: int) -> bool:
    return bool(session().scalar(select(exists().where(Fax.document_id == document_id))))


def _delete(statement: object) -> None:
    session().execute(statement, execution_options={"synchronize_session": False})  # type: ignore[call-overload]
