"""Measures, and prints one line for each figure."""

from __future__ import annotations

import argparse
import os
import platform
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime

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
)
from bench.rows import Row
from bench.stage import Servers, servers

_KINDS: dict[str, Callable[[Servers, bool], list[Row]]] = {
    "rating": lambda _servers, _quick: rating.run(),
    "prefixes": lambda _servers, _quick: prefixes.run(),
    "imports": lambda started, quick: imports.run(started, quick=quick),
    "billing": lambda started, quick: billing_run.run(started, quick=quick),
    "rates": lambda started, quick: rate_files.run(started, quick=quick),
    "report": lambda started, quick: cdr_report.run(started, quick=quick),
    "report-files": lambda started, quick: report_files.run(started, quick=quick),
    "invoices": lambda started, quick: invoice_papers.run(started, quick=quick),
    "fax": lambda started, quick: fax_pages.run(started, quick=quick),
    "clients": lambda started, quick: clients.run(started, quick=quick),
    "texts": lambda started, quick: conversations.run(started, quick=quick),
    "idle": lambda started, quick: idle_clients.run(started, quick=quick),
    "pages": lambda started, quick: pages.run(started, quick=quick),
}


def main() -> int:
    """Run what was asked for; 1 when a figure misses its target, so that a script notices."""
    parser = argparse.ArgumentParser(prog="bench/run", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="a tenth of the rows, for trying it out"
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
    with servers() as started:
        for kind in kinds:
            for row in _KINDS[kind](started, chosen.quick):
                missed += not meets(row)
                print(_line(row), flush=True)
    print(f"\n{missed} of the figures miss their target." if missed else "\nEvery target is met.")
    return 1 if missed else 0


def meets(row: Row) -> bool:
    """Does a figure keep what its target says?"""
    found = re.match(r"at (most|least) ([0-9.]+)", row.target)
    if not found:
        return True
    bound = float(found.group(2))
    return row.ratio <= bound if found.group(1) == "most" else row.ratio >= bound


def _line(row: Row) -> str:
    verdict = "" if meets(row) else "  MISSED"
    places = 0 if row.floor >= 1_000 else 2
    return (
        f"{row.name:58} {row.floor:12,.{places}f} {row.ours:12,.{places}f} {row.ratio:7.2f}"
        f"  {row.target} ({row.unit}){verdict}"
    )


if __name__ == "__main__":
    sys.exit(main())
