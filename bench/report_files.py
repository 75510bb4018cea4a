"""Files of a report over many calls: CSV and XLSX as rows a second against the bare rows, and their memory."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from flask_babel import force_locale

from bench.cdr_report import TIMES, fill
from bench.rows import Row
from bench.stage import DATABASES, Servers, is_sqlite, raw_connection, staged
from portal.core.db import session
from portal.core.scope import Scope, bind
from portal.reports import GLOBAL_CDR, Chosen, Report
from portal.reports.sheets import csv_file, xlsx_file

CALLS = 1_000_000


def run(servers: Servers, *, quick: bool = False) -> list[Row]:
    """The whole report as CSV and as XLSX, on each database."""
    count = CALLS // 20 if quick else CALLS
    found = []
    for database in DATABASES:
        with staged(servers, servers.url(database, "report_files")) as (_, reseller_id):
            fill(reseller_id, count)
            with bind(Scope(reseller_id)), force_locale("en"), TemporaryDirectory() as folder:
                chosen, path = GLOBAL_CDR.choose(TIMES), Path(folder) / "rows"
                floor = count / _seconds(lambda: _bare(reseller_id))
                for name, make, target in (
                    ("CSV", csv_file, "at least 0.67"),
                    ("XLSX", xlsx_file, "at least 0.1"),
                ):
                    before = _forget_the_peak()
                    ours = count / _seconds(_making(make, path, GLOBAL_CDR, chosen))
                    grown = _peak_megabytes() - before
                    where = f"{count:,} calls, {database}"
                    found.append(
                        Row(
                            f"report as {name}, {where}",
                            floor,
                            ours,
                            ours / floor,
                            target,
                            "/s",
                        )
                    )
                    found.append(
                        Row(
                            f"memory of that {name}, {where}",
                            64,
                            grown,
                            grown / 64,
                            "at most 1.0",
                            "MB",
                        )
                    )
                session().rollback()
    return found  # fmt: skip


class Nobody:
    """Nobody watches, and nobody stops."""

    def __call__(self, done: int, everything: int) -> bool:
        return True

    def is_wanted(self) -> bool:
        return True


def _making(
    make: Callable[..., None], path: Path, report: Report, chosen: Chosen
) -> Callable[[], None]:
    return lambda: make(path, report, chosen, Nobody())


def _bare(reseller_id: int) -> None:
    """The same rows from a cursor into the standard library's writer, a few thousand at a time."""
    mark = "?" if is_sqlite() else "%s"
    with raw_connection() as connection:
        cursor: Any = connection.cursor()
        cursor.execute(
            "SELECT started_at, account, direction, caller_number, destination, disposition, seconds,"
            f" billed_seconds, cost, price FROM calls WHERE reseller_id = {mark}"
            " ORDER BY started_at DESC, id DESC",
            (reseller_id,),
        )
        while rows := cursor.fetchmany(5_000):
            csv.writer(io.StringIO()).writerows(rows)
        cursor.close()
        connection.rollback()


def _seconds(work: Callable[[], None]) -> float:
    begun = perf_counter()
    work()
    return perf_counter() - begun


def _forget_the_peak() -> float:
    """Let the peak count from now on; what there is now, in megabytes."""
    Path("/proc/self/clear_refs").write_text("5")
    return _peak_megabytes()


def _peak_megabytes() -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1_000
