"""The billing of several clients, each run by a process of its own that dies at another point.

Told by argv: row and failpoint, in pairs. One program with one application; each
run is a fork of it, as a worker's are. Prints how each ended.
"""

from __future__ import annotations

import os
import sys

from jobs.runtime import answer_the_bell
from portal.core.db import db
from portal.factory import create_app


def main() -> None:
    """Fork, run one row, and say by which signal it died."""
    app = create_app()
    words = sys.argv[1:]
    for row_id, failpoint in zip(words[::2], words[1::2], strict=True):
        child = os.fork()
        if child == 0:
            os.environ["PORTAL_FAILPOINT"] = failpoint
            with app.app_context():
                db.engine.dispose(close=False)
                answer_the_bell(int(row_id))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(failpoint, os.waitstatus_to_exitcode(status), flush=True)
