"""One outbox row, run by a process of its own that a failpoint may kill: told by argv."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def run_and_die(row_id: int, *, failpoint: str, environment: dict[str, str]) -> int:
    """Run the row's task in a new process with this failpoint; its exit code (−9: it was killed)."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.run_task", str(row_id)],
        cwd=ROOT,
        env={**os.environ, **environment, "PORTAL_FAILPOINT": failpoint},
        check=False,
        capture_output=True,
        timeout=60,
    )
    return done.returncode


def main() -> None:
    """Answer the bell for one row, as the worker would."""
    from jobs.runtime import answer_the_bell
    from portal.factory import create_app

    with create_app().app_context():
        answer_the_bell(int(sys.argv[1]))


if __name__ == "__main__":
    main()
