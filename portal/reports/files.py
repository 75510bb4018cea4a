"""Report files: asked for, made by a job, kept for a week."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_, select, update

from portal import tasks
from portal.core import clock, live
from portal.core.db import only_one, session
from portal.core.errors import NotFound, Refused
from portal.core.queue import enqueue
from portal.core.sentences import N_
from portal.reports.models import ReportFile
from portal.reports.values import Asked, FileRow, FileState, ReportKind

KEEP_FILES = timedelta(days=7)
BETWEEN_EXPORTS = timedelta(minutes=10)
MOST_OPEN = 10
LISTED = 10
_OPEN = (FileState.ASKED, FileState.MAKING)


def request_pdf(
    kind: ReportKind,
    filters: Mapping[str, str],
    *,
    language: str,
    asked_by_id: int | None,
    client_id: int | None = None,
) -> uuid.UUID:
    """Ask for a PDF within the caller's transaction; the name under which its progress is found.

    ``filters`` is the report's plain form (``as_filters``). With ``client_id`` the file belongs to
    that client. Refused while too many files of this reseller wait to be made.
    """
    waiting = session().scalars(
        select(ReportFile.id).where(ReportFile.state.in_(_OPEN)).limit(MOST_OPEN)
    )
    if len(waiting.all()) >= MOST_OPEN:
        raise Refused("Some reports are still being made. Wait for them first.", code="busy")
    row = ReportFile(
        report=kind,
        filters=dict(filters),
        language=language,
        asked_by_id=asked_by_id,
        client_id=client_id,
    )
    session().add(row)
    session().flush()
    enqueue(tasks.RENDER_REPORT, file_id=row.id)
    return row.public_id


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
    return request_pdf(
        ReportKind.EXPORT,
        {"money": "1" if with_money else "0"},
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
        .values(state=FileState.MAKING, done_rows=0, all_rows=0)
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
    return Asked(row.id, ReportKind(row.report), dict(row.filters), row.language, row.client_id)


def note_progress(file_id: int, done: int, everything: int) -> bool:
    """Write how far it is, in rows; False when the file was deleted meanwhile. In a transaction."""
    return only_one(
        update(ReportFile)
        .where(ReportFile.id == file_id, ReportFile.state == FileState.MAKING)
        .values(done_rows=done, all_rows=everything)
    )


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


def latest(kind: ReportKind, *, client_id: int | None = None) -> list[FileRow]:
    """The newest files of one report, newest first; those of one client, or the reseller's own."""
    statement = (
        select(ReportFile)
        .where(ReportFile.report == kind, ReportFile.client_id.is_not_distinct_from(client_id))
        .order_by(ReportFile.id.desc())
        .limit(LISTED)
    )
    return [_shown(row) for row in session().scalars(statement)]


def find_file(public_id: uuid.UUID, *, only: ReportKind | None = None) -> FileRow:
    """One file in scope (of this kind); NotFound for any other, and once its time is over."""
    row = _one(public_id)
    if only is not None and row.report != only:
        raise NotFound("There is no such file.")
    return _shown(row)


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


def _shown(row: ReportFile) -> FileRow:
    return FileRow(
        public_id=row.public_id,
        report=ReportKind(row.report),
        filters=dict(row.filters),
        client_id=row.client_id,
        state=FileState(row.state),
        percent=row.done_rows * 100 // row.all_rows if row.all_rows else None,
        problem=row.problem,
        size_bytes=row.size_bytes,
        created_at=row.created_at,
        ready_at=row.ready_at,
        expires_at=row.expires_at,
    )
