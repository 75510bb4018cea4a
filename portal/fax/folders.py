"""Where faxes lie: folders, the bin, read and unread. The facts and the books stay whatever goes."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update

from portal.core import clock, live, scope
from portal.core.db import insert_once, new_public_id, session
from portal.core.errors import InvalidInput, NotFound
from portal.fax.documents import drop_content, drop_document, drop_pages
from portal.fax.models import Fax, FaxEvent, FaxFolder, FaxPage
from portal.fax.values import UNSETTLED, FaxState
from portal.identity.spelling import folded, one_line

MOST_AT_ONCE = 500
_LONGEST_NAME = 40
_NO_FOLDER = "There is no such folder."


def make_folder(client_id: int, name: str) -> uuid.UUID:
    """A new folder; InvalidInput (``name``) when it has none or one that is taken."""
    kept = _name(name)
    public_id = new_public_id()
    new = insert_once(
        FaxFolder,
        {
            "public_id": public_id,
            "reseller_id": scope.reseller_id(),
            "client_id": client_id,
            "name": kept,
            "folded_name": folded(kept)[:80],
            "created_at": clock.now(),
        },
    )
    if not new:
        raise _taken()
    _tell(client_id)
    return public_id


def rename_folder(client_id: int, folder: uuid.UUID, name: str) -> None:
    """Call a folder something else."""
    kept = _name(name)
    found = _folder(client_id, folder)
    other = session().scalar(
        select(FaxFolder.id).where(
            FaxFolder.client_id == client_id,
            FaxFolder.folded_name == folded(kept)[:80],
            FaxFolder.id != found.id,
        )
    )
    if other is not None:
        raise _taken()
    found.name, found.folded_name = kept, folded(kept)[:80]
    session().flush()
    _tell(client_id)


def drop_folder(client_id: int, folder: uuid.UUID) -> int:
    """Remove a folder; its faxes go back to where they came from. How many those were."""
    found = _folder(client_id, folder)
    moved = session().scalars(select(Fax.id).where(Fax.folder_id == found.id)).all()
    session().execute(
        update(Fax).where(Fax.folder_id == found.id).values(folder_id=None),
        execution_options={"synchronize_session": False},
    )
    session().execute(delete(FaxFolder).where(FaxFolder.id == found.id))
    _tell(client_id)
    return len(moved)


def move(
    client_id: int, public_ids: Sequence[uuid.UUID], folder: uuid.UUID | None
) -> dict[uuid.UUID, uuid.UUID | None]:
    """Put faxes into an own folder, or back where they came from (None).

    The answer says where each was, for undoing it with ``put_back``.
    """
    target = None if folder is None else _folder(client_id, folder).id
    rows = _some(client_id, public_ids)
    before = _where(rows)
    for fax in rows:
        if fax.state != FaxState.DRAFT:
            fax.folder_id = target
    session().flush()
    _tell(client_id)
    return before


def put_back(client_id: int, places: dict[uuid.UUID, uuid.UUID | None]) -> None:
    """Undo a move; folders that are gone meanwhile are where the faxes came from."""
    ids = {
        row[0]: row[1]
        for row in session().execute(
            select(FaxFolder.public_id, FaxFolder.id).where(FaxFolder.client_id == client_id)
        )
    }
    for fax in _some(client_id, list(places)):
        wanted = places[fax.public_id]
        fax.folder_id = ids.get(wanted) if wanted is not None else None
    session().flush()
    _tell(client_id)


def to_bin(client_id: int, public_ids: Sequence[uuid.UUID]) -> int:
    """Put faxes into the bin; those on their way stay. How many went."""
    return _set_binned(client_id, public_ids, clock.now())


def restore(client_id: int, public_ids: Sequence[uuid.UUID]) -> int:
    """Take faxes out of the bin, back into their folders. How many came."""
    return _set_binned(client_id, public_ids, None)


def delete_for_good(client_id: int, public_ids: Sequence[uuid.UUID]) -> int:
    """Delete binned faxes' documents; what was charged, when and to whom stays. How many."""
    rows = [fax for fax in _some(client_id, public_ids) if fax.binned_at is not None]
    for fax in rows:
        remove(fax)
    _tell(client_id)
    return len(rows)


def empty_bin(client_id: int) -> int:
    """The same with everything in the bin."""
    rows = session().scalars(
        select(Fax)
        .where(
            Fax.client_id == client_id, Fax.binned_at.is_not(None), Fax.deleted_at.is_(None)
        )
        .limit(MOST_AT_ONCE)
    ).all()  # fmt: skip
    for fax in rows:
        remove(fax)
    _tell(client_id)
    return len(rows)


def remove(fax: Fax) -> None:
    """Delete one fax's content for good; a draft goes altogether."""
    if fax.state == FaxState.DRAFT:
        document_id = fax.document_id
        session().execute(delete(FaxEvent).where(FaxEvent.fax_id == fax.id))
        drop_pages(FaxPage.fax_id == fax.id)
        session().delete(fax)
        session().flush()
        if document_id is not None:
            drop_document(document_id)
        return
    drop_content(fax)
    fax.deleted_at = clock.now()
    fax.subject, fax.cover, fax.searched = "", None, ""
    session().flush()


def mark_read(client_id: int, public_ids: Sequence[uuid.UUID], *, read: bool = True) -> int:
    """Mark received faxes as read, or as unread again. How many changed."""
    at = clock.now() if read else None
    rows = [
        fax
        for fax in _some(client_id, public_ids)
        if fax.direction == "in" and (fax.read_at is None) == read
    ]
    for fax in rows:
        fax.read_at = at
    session().flush()
    if rows:
        _tell(client_id)
    return len(rows)


def _set_binned(client_id: int, public_ids: Sequence[uuid.UUID], at: datetime | None) -> int:
    rows = [
        fax
        for fax in _some(client_id, public_ids)
        if fax.state not in UNSETTLED and (fax.binned_at is None) == (at is not None)
    ]
    for fax in rows:
        fax.binned_at = at
    session().flush()
    _tell(client_id)
    return len(rows)


def _some(client_id: int, public_ids: Sequence[uuid.UUID]) -> list[Fax]:
    return list(
        session().scalars(
            select(Fax)
            .where(
                Fax.client_id == client_id,
                Fax.public_id.in_(public_ids[:MOST_AT_ONCE]),
                Fax.deleted_at.is_(None),
            )
            .order_by(Fax.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )


def _where(rows: Sequence[Fax]) -> dict[uuid.UUID, uuid.UUID | None]:
    ids = {fax.folder_id for fax in rows if fax.folder_id is not None}
    names = {
        row[0]: row[1]
        for row in session().execute(
            select(FaxFolder.id, FaxFolder.public_id).where(FaxFolder.id.in_(ids))
        )
    }
    return {
        fax.public_id: None if fax.folder_id is None else names.get(fax.folder_id) for fax in rows
    }


def _folder(client_id: int, public_id: uuid.UUID) -> FaxFolder:
    found = session().scalar(
        select(FaxFolder).where(FaxFolder.client_id == client_id, FaxFolder.public_id == public_id)
    )
    if found is None:
        raise NotFound(_NO_FOLDER)
    return found


def _name(name: str) -> str:
    kept = one_line(name)
    if not kept:
        raise InvalidInput("Give the folder a name.", field="name")
    if len(kept) > _LONGEST_NAME:
        raise InvalidInput("A folder's name has at most 40 characters.", field="name")
    return kept


def _taken() -> InvalidInput:
    return InvalidInput("There is a folder of this name already.", field="name")


def _tell(client_id: int) -> None:
    live.tell("fax-changed", client_id=client_id)
