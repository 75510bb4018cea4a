"""Report files: asked for, made by a job, kept for a week."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, or_, select, update

from portal import tasks
from portal.core import clock, live
from portal.core.db import only_one, session
from portal.core.errors import NotFound, Refused
from portal.core.paging import Page
from portal.core.queue import enqueue
from portal.core.sentences import N_
from portal.identity.models import Person
from portal.reports.models import ReportFile
from portal.reports.values import Asked, FileFormat, FileRow, FileState, ReportKind

KEEP_FILES = timedelta(days=7)
# Whoever makes a file tells every ten seconds that it lives.
SILENT = timedelta(seconds=45)
BETWEEN_EXPORTS = timedelta(minutes=10)
MOST_OPEN = 10
LISTED = 10
PAGE_ROWS = 50
_OPEN = (FileState.ASKED, FileState.MAKING)


def request_file(
    kind: ReportKind,
    filters: Mapping[str, str],
    *,
    file_format: FileFormat = FileFormat.PDF,
    said: Sequence[tuple[str, str]] = (),
    language: str,
    asked_by_id: int | None,
    client_id: int | None = None,
) -> uuid.UUID:
    """Ask for a file within the caller's transaction; the name under which its progress is found.

    ``filters`` is the report's own plain form, ``said`` the same in words. With ``client_id`` the
    file belongs to that client. Refused while too many files of this reseller wait to be made.
    """
    waiting = session().scalars(
        select(ReportFile.id).where(ReportFile.state.in_(_OPEN)).limit(MOST_OPEN)
    )
    if len(waiting.all()) >= MOST_OPEN:
        raise Refused("Some reports are still being made. Wait for them first.", code="busy")
    return accept(
        kind, filters, format=file_format, said=said, language=language, asked_by_id=asked_by_id,
        client_id=client_id,
    ).public_id  # fmt: skip


def accept(kind: ReportKind, filters: Mapping[str, str], **more: Any) -> ReportFile:
    """A file to be made, however many wait: the row, and its task."""
    more["said"] = [list(pair) for pair in more.get("said", ())]
    row = ReportFile(report=kind, filters=dict(filters), **more)
    session().add(row)
    session().flush()
    enqueue(tasks.RENDER_REPORT, file_id=row.id)
    return row


def request_export(
    client_id: int, *, with_money: bool, language: str, asked_by_id: int | None
) -> uuid.UUID:
    """Ask for everything the portal keeps of a client; refused while one is made or just was."""
    since = clock.now() - BETWEEN_EXPORTS
    recent = session().scalar(
        select(ReportFile.id)
        .where(
            ReportFile.report == ReportKind.EXPORT,
            ReportFile.client_id == client_id,
            ReportFile.state != FileState.FAILED,
            or_(ReportFile.state.in_(_OPEN), ReportFile.created_at > since),
        )
        .limit(1)
    )
    if recent is not None:
        raise Refused("Your data was asked for a moment ago. Wait a few minutes.", code="busy")
    return request_file(
        ReportKind.EXPORT,
        {"money": "1" if with_money else "0"},
        file_format=FileFormat.ZIP,
        language=language,
        asked_by_id=asked_by_id,
        client_id=client_id,
    )


def claim(file_id: int) -> Asked | None:
    """Begin to make a file; None when it is over or gone. In a transaction.

    The outbox row's lease keeps two runs apart; a file whose run was killed is begun anew.
    """
    mine = only_one(
        update(ReportFile)
        .where(ReportFile.id == file_id, ReportFile.state.in_(_OPEN))
        .values(state=FileState.MAKING, done_rows=0, all_rows=0, seen_at=clock.now())
    )
    if not mine:
        return None
    row = (
        session()
        .scalars(
            select(ReportFile)
            .where(ReportFile.id == file_id)
            .execution_options(populate_existing=True)
        )
        .one()
    )
    live.tell("job-changed", client_id=row.client_id)
    return Asked(
        row.id, ReportKind(row.report), dict(row.filters), row.language, row.client_id,
        FileFormat(row.format),
    )  # fmt: skip


def note_progress(file_id: int, done: int, everything: int) -> bool:
    """Write how far it is, in rows; False when the file was deleted meanwhile. In a transaction."""
    return only_one(
        update(ReportFile)
        .where(ReportFile.id == file_id, ReportFile.state == FileState.MAKING)
        .values(done_rows=done, all_rows=everything, seen_at=clock.now())
    )


def note_life(file_id: int) -> bool:
    """Write that somebody is still making it; False when it was stopped or deleted. In a transaction."""
    return only_one(
        update(ReportFile)
        .where(ReportFile.id == file_id, ReportFile.state == FileState.MAKING)
        .values(seen_at=clock.now())
    )


def is_wanted(file_id: int) -> bool:
    """Is it still to be made?"""
    state = session().scalar(select(ReportFile.state).where(ReportFile.id == file_id))
    return state == FileState.MAKING


def stop(public_id: uuid.UUID) -> bool:
    """Let a file not be made after all; False when it is over already. In a transaction.

    Whoever makes it looks every second, and ends the processes that lay out pages.
    """
    row = _one(public_id)
    now = clock.now()
    stopped = only_one(
        update(ReportFile)
        .where(ReportFile.id == row.id, ReportFile.state.in_(_OPEN))
        .values(state=FileState.STOPPED, ready_at=now, expires_at=now + KEEP_FILES)
    )
    if stopped:
        live.tell("job-changed", client_id=row.client_id)
    return stopped


def settle(file_id: int, stored_as: str, *, size_bytes: int) -> bool:
    """The file is ready; False when another run was first or it was deleted. In a transaction."""
    return _finish(
        file_id,
        state=FileState.READY,
        stored_as=stored_as,
        size_bytes=size_bytes,
        done_rows=ReportFile.all_rows,
        problem="",
    )


def fail(file_id: int, problem: str) -> bool:
    """The file will never be ready; ``problem`` is a sentence for the person. In a transaction."""
    return _finish(file_id, state=FileState.FAILED, problem=problem[:200])


def latest(*kinds: ReportKind, client_id: int | None = None, rows: int = LISTED) -> list[FileRow]:
    """The newest files of some reports, newest first; those of one client, or the reseller's own."""
    return _found(
        _listed()
        .where(ReportFile.report.in_(kinds), ReportFile.client_id.is_not_distinct_from(client_id))
        .limit(rows)
    )


def files_page(
    *, kind: str = "", asked_by_id: int | None = None, after: str | None = None
) -> Page[FileRow]:
    """What staff asked for, newest first; of one report, of one person."""
    statement: Select[*tuple[Any, ...]] = _listed().where(
        or_(ReportFile.client_id.is_(None), Person.is_staff)
    )
    if kind:
        statement = statement.where(ReportFile.report == kind)
    if asked_by_id is not None:
        statement = statement.where(ReportFile.asked_by_id == asked_by_id)
    beyond = _place(after)
    if beyond is not None:
        statement = statement.where(ReportFile.id < beyond)
    found = _found(statement.limit(PAGE_ROWS + 1))
    listed = found[:PAGE_ROWS]
    return Page(listed, older=listed[-1].public_id.hex if len(found) > len(listed) else None)


def find_file(public_id: uuid.UUID, *, only: Collection[ReportKind] = ()) -> FileRow:
    """One file in scope (of these kinds); NotFound for any other, and once its time is over."""
    found = _found(_listed().where(ReportFile.public_id == public_id))
    if not found or (found[0].expires_at is not None and found[0].expires_at <= clock.now()):
        raise NotFound("There is no such file.")
    if only and found[0].report not in only:
        raise NotFound("There is no such file.")
    return found[0]


def stored_name(public_id: uuid.UUID) -> str:
    """What the store calls a ready file; NotFound until it is ready and after its time."""
    row = _one(public_id)
    if row.stored_as is None or row.state != FileState.READY:
        raise NotFound("There is no such file.")
    return row.stored_as


def delete_file(public_id: uuid.UUID) -> str | None:
    """Forget a file in the caller's transaction; the stored name to discard after the commit."""
    row = _one(public_id)
    stored_as = row.stored_as
    session().delete(row)
    return stored_as


def forget_expired(at: datetime) -> list[str]:
    """Forget files whose time is over, in the caller's transaction; stored names to discard after."""
    rows = (
        session()
        .execute(
            select(ReportFile.id, ReportFile.stored_as)
            .where(ReportFile.expires_at < at)
            .limit(1_000)
        )
        .all()
    )
    session().execute(
        delete(ReportFile).where(ReportFile.id.in_([row.id for row in rows])),
        execution_options={"synchronize_session": False},
    )
    return [row.stored_as for row in rows if row.stored_as]


def give_up(before: datetime) -> None:
    """Files asked for before this moment and still not made will never be. In a transaction."""
    session().execute(
        update(ReportFile)
        .where(ReportFile.state.in_(_OPEN), ReportFile.created_at < before)
        .values(
            state=FileState.FAILED,
            problem=N_("This file could not be made. Ask for it again."),
            ready_at=clock.now(),
            expires_at=clock.now() + KEEP_FILES,
        ),
        execution_options={"synchronize_session": False},
    )


def _finish(file_id: int, **values: Any) -> bool:
    now = clock.now()
    done = only_one(
        update(ReportFile)
        .where(ReportFile.id == file_id, ReportFile.state == FileState.MAKING)
        .values(ready_at=now, expires_at=now + KEEP_FILES, **values)
    )
    if done:
        owner = session().scalar(select(ReportFile.client_id).where(ReportFile.id == file_id))
        live.tell("job-changed", client_id=owner)
    return done


def _one(public_id: uuid.UUID) -> ReportFile:
    statement = select(ReportFile).where(ReportFile.public_id == public_id)
    row = session().scalars(statement).one_or_none()
    if row is None or (row.expires_at is not None and row.expires_at <= clock.now()):
        raise NotFound("There is no such file.")
    return row


def _listed() -> Select[*tuple[Any, ...]]:
    statement: Select[*tuple[Any, ...]] = (
        select(ReportFile, Person.name)
        .outerjoin(Person, Person.id == ReportFile.asked_by_id)
        .where(or_(ReportFile.expires_at.is_(None), ReportFile.expires_at > clock.now()))
        .order_by(ReportFile.id.desc())
    )
    return statement


def _found(statement: Select[*tuple[Any, ...]]) -> list[FileRow]:
    return [_shown(row, name or "") for row, name in session().execute(statement)]


def _place(after: str | None) -> int | None:
    try:
        name = uuid.UUID(hex=after or "")
    except ValueError:
        return None
    return session().scalar(select(ReportFile.id).where(ReportFile.public_id == name))


def _shown(row: ReportFile, asked_by: str) -> FileRow:
    return FileRow(
        public_id=row.public_id,
        report=ReportKind(row.report),
        format=FileFormat(row.format),
        filters=dict(row.filters),
        said=[(label, text) for label, text in row.said],
        asked_by=asked_by,
        client_id=row.client_id,
        state=_state(row),
        percent=row.done_rows * 100 // row.all_rows if row.all_rows else None,
        problem=row.problem,
        stored_as=row.stored_as or "",
        size_bytes=row.size_bytes,
        created_at=row.created_at,
        ready_at=row.ready_at,
        expires_at=row.expires_at,
    )


def _state(row: ReportFile) -> FileState:
    """As it is stored; a file whose worker has been silent for long is left alone until another comes."""
    if row.state == FileState.MAKING and row.seen_at and row.seen_at < clock.now() - SILENT:
        return FileState.LEFT
    return FileState(row.state)
