"""Measures, and prints one line for each figure."""

from __future__ import annotations

import argparse
import gc
import os
import platform
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic

from bench import (
    billing_run,
    cdr_report,
    clients,
    conversations,
    fax_pages,
    idle_clients,
    imports,
    invoice_papers,
    pages,
    prefixes,
    rate_files,
    rating,
    report_files,
    report_papers,
    rerating,
    table,
)
from bench.rows import Row, meets
from bench.stage import Servers, servers

_KINDS: dict[str, Callable[[Servers, argparse.Namespace], list[Row]]] = {
    "rating": lambda _servers, _chosen: rating.run(),
    "prefixes": lambda _servers, _chosen: prefixes.run(),
    "imports": lambda started, chosen: imports.run(started, quick=chosen.quick),
    "rerating": lambda started, chosen: rerating.run(started, quick=chosen.quick),
    "billing": lambda started, chosen: billing_run.run(started, quick=chosen.quick),
    "rates": lambda started, chosen: rate_files.run(started, quick=chosen.quick),
    "report": lambda started, chosen: cdr_report.run(started, quick=chosen.quick, long=chosen.long),
    "report-files": lambda started, chosen: report_files.run(started, quick=chosen.quick),
    "report-papers": lambda started, chosen: report_papers.run(started, quick=chosen.quick),
    "invoices": lambda started, chosen: invoice_papers.run(started, quick=chosen.quick),
    "fax": lambda started, chosen: fax_pages.run(started, quick=chosen.quick),
    "clients": lambda started, chosen: clients.run(started, quick=chosen.quick),
    "texts": lambda started, chosen: conversations.run(started, quick=chosen.quick),
    "idle": lambda started, chosen: idle_clients.run(started, quick=chosen.quick),
    "pages": lambda started, chosen: pages.run(started, quick=chosen.quick),
}


def main() -> int:
    """Run what was asked for; 1 when a figure misses its target, so that a script notices."""
    parser = argparse.ArgumentParser(prog="bench/run", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="a tenth of the rows, for trying it out"
    )
    parser.add_argument(
        "--long", action="store_true", help="reports over five million calls instead of one"
    )
    parser.add_argument(
        "--write", action="store_true", help="put the figures into docs/performance.md"
    )
    parser.add_argument("--only", help=f"some of: {','.join(_KINDS)}", default=",".join(_KINDS))
    chosen = parser.parse_args()
    kinds = chosen.only.split(",")
    if unknown := set(kinds) - set(_KINDS):
        parser.error(f"no such figures: {', '.join(sorted(unknown))}")
    print(
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, {platform.machine()}, "
        f"Python {platform.python_version()}, load {os.getloadavg()[0]:.1f} at the start\n"
    )
    print(f"{'':58} {'floor':>12} {'ours':>12} {'ratio':>7}  target")
    missed = 0
    gc.freeze()  # as the workers do
    with servers() as started:
        for kind in kinds:
            begun = monotonic()
            when = f"{datetime.now(UTC):%Y-%m-%d}, {os.getloadavg()[0]:.0f}"
            rows = _KINDS[kind](started, chosen)
            for row in rows:
                missed += not meets(row)
                print(_line(row))
            print(f"  ({kind}: {monotonic() - begun:.0f} s)", flush=True)
            if chosen.write:
                table.write((row, when) for row in rows)
    print(f"\n{missed} of the figures miss their target." if missed else "\nEvery target is met.")
    return 1 if missed else 0


def _line(row: Row) -> str:
    verdict = "" if meets(row) else "  MISSED"
    places = 0 if row.floor >= 1_000 else 2
    return (
        f"{row.name:58} {row.floor:12,.{places}f} {row.ours:12,.{places}f} {row.ratio:7.2f}"
        f"  {row.target} ({row.unit}){verdict}"
    )


if __name__ == "__main__":
    sys.exit(main())
