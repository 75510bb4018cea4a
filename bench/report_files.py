"""Files of a report over many calls: CSV and XLSX as rows a second against the bare rows, and their memory."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

from flask_babel import force_locale

from bench.cdr_report import TIMES, fill
from bench.memory import largest_child
from bench.rows import Row
from bench.stage import DATABASES, Servers, is_sqlite, raw_connection, staged
from portal.core.db import db, session
from portal.core.scope import Scope, bind
from portal.reports import GLOBAL_CDR
from portal.reports.sheets import csv_file, xlsx_file

CALLS = 1_000_000
MEGABYTES = 150


def run(servers: Servers, *, quick: bool = False) -> list[Row]:
    """The whole report as CSV and as XLSX, on each database.

    By processor time of this process: on a busy machine the clock says more about the others. The
    database's own is left out on both sides where it is a server.
    """
    count = CALLS // 20 if quick else CALLS
    found = []
    for database in DATABASES:
        with staged(servers, servers.url(database, "report_files")) as (_, reseller_id):
            fill(reseller_id, count)
            with bind(Scope(reseller_id)), force_locale("en"), TemporaryDirectory() as folder:
                path, where = Path(folder) / "rows", f"{count:,} calls, {database}"
                floor = count / _seconds(partial(_bare, reseller_id, path))
                for name, make, target in (
                    ("CSV", csv_file, "at least 0.67"),
                    ("XLSX", xlsx_file, "at least 0.1"),
                ):
                    ours = count / _seconds(partial(_make, make, path))
                    found.append(
                        Row(
                            f"report as {name}, {where}",
                            floor,
                            ours,
                            ours / floor,
                            target,
                            "rows a CPU second",
                        )
                    )
                    found.append(_memory(make, path, f"own memory of that {name}, {where}"))
                session().rollback()
    return found


class Nobody:
    """Nobody watches, and nobody stops."""

    def __call__(self, done: int, everything: int) -> bool:
        return True

    def is_wanted(self) -> bool:
        return True


def _make(make: Callable[..., None], path: Path) -> None:
    make(path, GLOBAL_CDR, GLOBAL_CDR.choose(TIMES), Nobody())


def _bare(reseller_id: int, path: Path) -> None:
    """The same rows from a cursor through the standard library's writer into a file."""
    mark = "?" if is_sqlite() else "%s"
    with raw_connection() as connection, path.open("w", newline="") as file:
        cursor: Any = connection.cursor()
        cursor.execute(
            "SELECT started_at, account, direction, caller_number, destination, disposition, seconds,"
            f" billed_seconds, cost, price FROM calls WHERE reseller_id = {mark}"
            " ORDER BY started_at DESC, id DESC",
            (reseller_id,),
        )
        writer = csv.writer(file)
        while rows := cursor.fetchmany(5_000):
            writer.writerows(rows)
        cursor.close()
        connection.rollback()


def _seconds(work: Callable[[], None]) -> float:
    begun = process_time()
    work()
    return process_time() - begun


def _memory(make: Callable[..., None], path: Path, name: str) -> Row:
    """In a process of its own, as a worker makes it."""
    session().rollback()
    db.engine.dispose()
    with largest_child() as megabytes:
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                _make(make, path)
                code = 0
            finally:
                os._exit(code)
        _, status = os.waitpid(pid, 0)
    assert status == 0, "the file was not made"
    peak = megabytes[0]
    return Row(name, MEGABYTES, peak, peak / MEGABYTES, "at most 1.0", "MB")
