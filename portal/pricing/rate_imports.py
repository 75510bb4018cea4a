"""Area rates from a file: looked at, compared with the package, applied whole or not at all."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, or_, select, update

from portal import tasks
from portal.core import clock, live, scope
from portal.core.db import insert_all, only_one, session
from portal.core.errors import InvalidInput, NotFound, Refused
from portal.core.failpoints import failpoint
from portal.core.queue import enqueue
from portal.core.sentences import N_
from portal.pricing.models import AreaRate, Package, RateImport, RateImportLine
from portal.pricing.rate_applying import CHUNK, batches_of, put_into_package
from portal.pricing.rate_files import COLUMNS, Line, Sheet, guess, lines, read
from portal.pricing.values import ImportState, Outcome, RateImportRow

# Up to so many lines the answer waits for the work; above, a job does it.
AT_ONCE = 500
LISTED = 5
_BUSY = (ImportState.COMPARING, ImportState.APPLYING)


class Comparing(NamedTuple):
    """What a job needs to compare a file with the package."""

    id: int
    stored_as: str
    sheet: Sheet
    columns: dict[str, int]
    package_id: int
    at: datetime
    ends_missing: bool


def start_rate_import(
    package: uuid.UUID, sheet: Sheet, *, file_name: str, stored_as: str, by_id: int | None
) -> uuid.UUID:
    """Keep a file that was looked at; what its columns hold is asked next."""
    found = session().execute(
        select(Package.id, Package.retired_at).where(Package.public_id == package)
    ).first()  # fmt: skip
    if found is None:
        raise NotFound("There is no such package.")
    if found.retired_at is not None:
        raise Refused("This package is retired and takes no new prices.", code="retired")
    row = RateImport(
        package_id=found.id,
        file_name=" ".join(file_name.split())[-120:],
        stored_as=stored_as,
        sheet=asdict(sheet),
        columns=guess(sheet.headings, sheet.sample),
        all_rows=sheet.rows,
        created_by_id=by_id,
    )
    session().add(row)
    session().flush()
    return row.public_id


def choose_columns(
    public_id: uuid.UUID,
    columns: Mapping[str, int],
    *,
    valid_from: datetime | None,
    ends_missing: bool,
) -> int:
    """Say what the columns hold and when the rates begin; the number of lines to compare.

    May be said again until the file is applied. Above AT_ONCE lines a job compares; below, the
    caller does: ``compare_now``.
    """
    row = _one(public_id)
    if len(set(columns.values())) < len(columns):
        raise InvalidInput(N_("Each column holds one thing only."), field="rate")
    mine = only_one(
        update(RateImport)
        .where(
            RateImport.id == row.id,
            RateImport.state.in_((ImportState.COLUMNS, ImportState.COMPARED, ImportState.FAILED)),
        )
        .values(
            state=ImportState.COMPARING,
            columns={name: columns[name] for name in COLUMNS if name in columns},
            valid_from=valid_from,
            ends_missing=ends_missing,
            done_rows=0,
            counts={},
            problem="",
        )
    )
    if not mine:
        raise Refused(N_("This file is being worked on already."), code="busy")
    if row.all_rows > AT_ONCE:
        enqueue(tasks.COMPARE_RATES, import_id=row.id)
    return row.all_rows


def open_comparing(import_id: int) -> Comparing | None:
    """Begin to compare, from the first line again; None when it is over or gone. In a transaction."""
    row = session().scalar(
        select(RateImport).where(
            RateImport.id == import_id, RateImport.state == ImportState.COMPARING
        )
    )
    if row is None:
        return None
    session().execute(delete(RateImportLine).where(RateImportLine.import_id == import_id))
    sheet = Sheet(**row.sheet)
    return Comparing(
        row.id, row.stored_as, sheet, dict(row.columns), row.package_id,
        row.valid_from or clock.now(), row.ends_missing,
    )  # fmt: skip


def compared_lines(wanted: Comparing, content: bytes) -> Iterator[list[dict[str, object]]]:
    """What each line means for the package, in chunks of rows to be kept. Reads once, at the start."""
    there = _in_force(wanted.package_id, wanted.at)
    reseller_id = scope.reseller_id()

    def compared() -> Iterator[tuple[int, Line, Outcome, int | None]]:
        seen: dict[tuple[str, str], int | None] = {}
        last = 0
        for number, cells in lines(content, wanted.sheet):
            line = read(cells, wanted.columns)
            key = (line.kind, line.area)
            last = max(last, number)
            if line.problem:
                yield number, line, Outcome.WRONG, None
            elif key in seen:
                twice = N_("This area stands in the file twice.")
                yield number, line._replace(problem=twice), Outcome.WRONG, None
            else:
                seen[key] = line.rate_e8
                old = there.get(key)
                outcome = (
                    Outcome.ADDED if old is None
                    else Outcome.SAME if old == line.rate_e8 else Outcome.CHANGED
                )  # fmt: skip
                yield number, line, outcome, old
        if wanted.ends_missing:
            missing = sorted(key for key in there if key not in seen)
            for number, key in enumerate(missing, last + 1):
                yield number, Line(*key), Outcome.ENDED, there[key]

    for chunk in batches_of(compared(), CHUNK):
        yield [
            {
                "reseller_id": reseller_id,
                "import_id": wanted.id,
                "line": number,
                "outcome": outcome.value,
                "area_kind": line.kind,
                "area": line.area,
                "name": line.name,
                "rate_e8": line.rate_e8,
                "old_rate_e8": old,
                "problem": line.problem,
            }
            for number, line, outcome, old in chunk
        ]


def keep_lines(import_id: int, rows: list[dict[str, object]]) -> bool:
    """Keep a chunk and how far it is; False when nobody wants it any more. In a transaction."""
    mine = only_one(
        update(RateImport)
        .where(RateImport.id == import_id, RateImport.state == ImportState.COMPARING)
        .values(done_rows=RateImport.done_rows + len(rows))
    )
    if mine and rows:
        insert_all(RateImportLine, rows)
        failpoint("rates.comparing")
    return mine


def finish_comparing(import_id: int, counts: Mapping[str, int]) -> None:
    """Everything is compared and can be looked at. In a transaction."""
    _settle(import_id, ImportState.COMPARING, ImportState.COMPARED, counts=dict(counts))


def compare_now(public_id: uuid.UUID, content: bytes) -> None:
    """Compare a short file within the caller's transaction."""
    wanted = open_comparing(_one(public_id).id)
    if wanted is None:
        return
    counts: dict[str, int] = {}
    for rows in compared_lines(wanted, content):
        count_outcomes(rows, counts)
        keep_lines(wanted.id, rows)
    finish_comparing(wanted.id, counts)


def count_outcomes(rows: list[dict[str, object]], counts: dict[str, int]) -> None:
    """Add a chunk to the counts by outcome."""
    for row in rows:
        outcome = str(row["outcome"])
        counts[outcome] = counts.get(outcome, 0) + 1


def ask_to_apply(public_id: uuid.UUID) -> bool:
    """Accept the compared rates; True when a job will apply them, else the caller does.

    Refused when somebody was first, when nothing would change, or when the package is retired by now.
    """
    row = _one(public_id, lock=True)
    retired_at = session().scalar(select(Package.retired_at).where(Package.id == row.package_id))
    if retired_at is not None:
        raise Refused("This package is retired and takes no new prices.", code="retired")
    changes = sum(row.counts.get(one, 0) for one in (Outcome.ADDED, Outcome.CHANGED, Outcome.ENDED))
    if row.state == ImportState.COMPARED and not changes:
        raise Refused(N_("There is nothing to change."), code="nothing")
    mine = only_one(
        update(RateImport)
        .where(RateImport.id == row.id, RateImport.state == ImportState.COMPARED)
        .values(state=ImportState.APPLYING)
    )
    if not mine:
        raise Refused(N_("This file is being worked on already."), code="busy")
    if changes > AT_ONCE:
        enqueue(tasks.APPLY_RATES, import_id=row.id)
        return True
    apply_rates(row.id)
    return False


def apply_rates(import_id: int) -> bool:
    """Put the rates into the package, all in the caller's transaction; False when it is done already.

    Nobody sees half of it, and a run that is killed leaves nothing: the next one begins anew. A
    rate that was changed since the comparison is superseded too, because the file was confirmed.
    """
    row = session().scalar(
        select(RateImport).where(
            RateImport.id == import_id, RateImport.state == ImportState.APPLYING
        )
    )
    if row is None:
        return False
    # The package's row is the lock: nobody else changes its rates meanwhile.
    session().execute(select(Package.id).where(Package.id == row.package_id).with_for_update())
    now = clock.now()
    at = max(row.valid_from or now, now)
    put_into_package(row, at)
    failpoint("rates.applying")
    _settle(
        import_id, ImportState.APPLYING, ImportState.APPLIED, applied_at=now, valid_from=at
    )  # fmt: skip
    return True


def fail_import(import_id: int, problem: str) -> None:
    """The file cannot be used; ``problem`` is a sentence for the person. In a transaction."""
    for state in _BUSY:
        _settle(import_id, state, ImportState.FAILED, problem=problem[:200])


def discard_import(public_id: uuid.UUID) -> str:
    """Forget a file that was not applied; the stored name to discard after the commit."""
    row = _one(public_id, lock=True)
    if row.state in (ImportState.APPLYING, ImportState.APPLIED):
        raise Refused(N_("These rates are in the package already."), code="applied")
    session().execute(delete(RateImportLine).where(RateImportLine.import_id == row.id))
    stored_as = row.stored_as
    session().delete(row)
    session().flush()
    return stored_as


def forget_imports(before: datetime) -> list[str]:
    """Forget files from before a moment, in the caller's transaction; stored names to discard after."""
    rows = session().execute(
        select(RateImport.id, RateImport.stored_as).where(RateImport.created_at < before).limit(100)
    ).all()  # fmt: skip
    ids = [row.id for row in rows]
    session().execute(delete(RateImportLine).where(RateImportLine.import_id.in_(ids)))
    session().execute(delete(RateImport).where(RateImport.id.in_(ids)))
    return [row.stored_as for row in rows]


def forget_imports_of(package_id: int) -> None:
    """Forget the files of a package that is about to be deleted; their content is swept away later."""
    ids = select(RateImport.id).where(RateImport.package_id == package_id)
    session().execute(
        delete(RateImportLine).where(RateImportLine.import_id.in_(ids)),
        execution_options={"synchronize_session": False},
    )
    session().execute(delete(RateImport).where(RateImport.package_id == package_id))


def find_import(package: uuid.UUID, public_id: uuid.UUID) -> RateImportRow:
    """One file of this package; NotFound for any other."""
    row = _one(public_id)
    if session().scalar(select(Package.public_id).where(Package.id == row.package_id)) != package:
        raise NotFound("There is no such file.")
    return _shown(row)


def latest_imports(package: uuid.UUID) -> list[RateImportRow]:
    """The newest files of a package, newest first."""
    rows = session().scalars(
        select(RateImport)
        .join(Package, Package.id == RateImport.package_id)
        .where(Package.public_id == package)
        .order_by(RateImport.id.desc())
        .limit(LISTED)
    )
    return [_shown(row) for row in rows]


def _in_force(package_id: int, at: datetime) -> dict[tuple[str, str], int]:
    rows = session().execute(
        select(AreaRate.area_kind, AreaRate.area, AreaRate.rate_e8)
        .where(
            AreaRate.package_id == package_id,
            AreaRate.valid_from <= at,
            or_(AreaRate.valid_to.is_(None), AreaRate.valid_to > at),
        )
        .order_by(AreaRate.valid_from)
    )
    return {(kind, area): rate_e8 for kind, area, rate_e8 in rows}


def _settle(import_id: int, before: ImportState, after: ImportState, **values: object) -> None:
    done = only_one(
        update(RateImport)
        .where(RateImport.id == import_id, RateImport.state == before)
        .values(state=after, **values)
    )
    if done:
        live.tell("job-changed", client_id=None)


def _one(public_id: uuid.UUID, *, lock: bool = False) -> RateImport:
    query = (
        select(RateImport)
        .where(RateImport.public_id == public_id)
        .execution_options(populate_existing=True)
    )
    row = session().scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound("There is no such file.")
    return row


def _shown(row: RateImport) -> RateImportRow:
    busy = row.state in _BUSY
    return RateImportRow(
        id=row.id,
        public_id=row.public_id,
        file_name=row.file_name,
        stored_as=row.stored_as,
        sheet=row.sheet,
        columns=dict(row.columns),
        state=ImportState(row.state),
        ends_missing=row.ends_missing,
        valid_from=row.valid_from,
        all_rows=row.all_rows,
        percent=min(row.done_rows * 100 // row.all_rows, 100) if busy and row.all_rows else None,
        counts=dict(row.counts),
        problem=row.problem,
        created_at=row.created_at,
        applied_at=row.applied_at,
    )
