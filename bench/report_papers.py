"""Reports as PDF: rows that are laid out in a second of processor time, and the memory of the largest process."""

from __future__ import annotations

import resource
from pathlib import Path
from time import perf_counter

from bench.cdr_report import TIMES, fill
from bench.memory import largest_child
from bench.report_files import Nobody
from bench.rows import Row
from bench.stage import Servers, staged
from portal import reports
from portal.core.db import session
from portal.core.scope import Scope, bind
from portal.reports.making import write_pdf
from portal.reports.values import Asked, ReportKind

LENGTHS = (5_000, 500)
# No floors that were measured, but what is asked for: rows in a second, and megabytes of a process.
ROWS_A_SECOND, MEGABYTES = 250, 150


def run(servers: Servers, *, quick: bool = False) -> list[Row]:
    """One tagged table, and blocks of columns laid out side by side; the database matters little."""
    reports.preload()  # as a worker does before it forks
    found = []
    for length in LENGTHS[1:] if quick else LENGTHS:
        with staged(servers, servers.url("SQLite", f"papers{length}")) as (_, reseller_id):
            fill(reseller_id, length)
            with bind(Scope(reseller_id)):
                found += _measure(length)
                session().rollback()
    return found


def _measure(length: int) -> list[Row]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = perf_counter()
    with largest_child() as megabytes:
        path = write_pdf(Asked(1, ReportKind.GLOBAL_CDR, dict(TIMES), "en", None), Nobody())
    taken = perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert path
    Path(path).unlink()
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    rate = length / processor
    what = f"PDF of {length:,} rows"
    return [
        Row(what, ROWS_A_SECOND, rate, rate / ROWS_A_SECOND, "at least 1.0", "rows a CPU second"),
        Row(f"{what}, from asking to the file", 60, taken, taken / 60, "at most 1.0", "seconds"),
        Row(
            f"{what}, own memory of a process", MEGABYTES, megabytes[0], megabytes[0] / MEGABYTES,
            "at most 1.0", "MB",
        ),
    ]  # fmt: skip
