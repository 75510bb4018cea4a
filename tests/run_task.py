"""One outbox row, run by a process of its own that a failpoint may kill: told by argv."""

from __future__ import annotations

import os
import sys

from jobs.runtime import answer_the_bell
from portal.factory import create_app
from tests import processes


def run_and_die(row_id: int, *, failpoint: str, environment: dict[str, str]) -> int:
    """Run the row's task in a new process with this failpoint; its exit code (−9: it was killed)."""
    env = {**os.environ, **environment, "PORTAL_FAILPOINT": failpoint}
    return processes.run("tests.run_task", str(row_id), env=env).returncode


def main() -> None:
    """Answer the bell for one row, as the worker would."""
    with create_app().app_context():
        answer_the_bell(int(sys.argv[1]))
