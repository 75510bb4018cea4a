"""Every 30 seconds: rows that are due but whose bell was never heard. Reads the database only."""

from __future__ import annotations

import signal
import sys
import threading
from itertools import takewhile

from portal.core import queue
from portal.core.db import let_go, transaction
from portal.core.log import get_logger
from portal.core.scope import unscoped
from portal.factory import create_app

log = get_logger(__name__)

EVERY_SECONDS = 30


def sweep() -> int:
    """Ring for every due row; the number rung."""
    with unscoped("the sweeper serves every reseller's outbox"):
        with transaction():
            rows = queue.due()
        # Where one ring fails the next would, after the same wait: try again in the next round.
        heard = takewhile(lambda row: queue.ring(*row), rows)
        rung = [row_id for row_id, _ in heard]
        if rung:
            with transaction():
                queue.note_rung(rung)
    return len(rung)


def main() -> None:
    """Sweep until SIGTERM or SIGINT."""
    app = create_app()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    while not stop.is_set():
        with app.app_context():
            try:
                rung = sweep()
                if rung:
                    log.info("swept", rung=rung)
            except Exception:
                log.exception("sweep_failed")
            finally:
                let_go()
        stop.wait(EVERY_SECONDS)
    sys.exit(0)


if __name__ == "__main__":
    main()
