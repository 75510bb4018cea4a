"""Rings for rows whose time has come: each second by the alarms in Redis, every 30 seconds by the rows.

Redis may lose every alarm. What counts are the rows: they say what is due although no bell was heard.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from itertools import takewhile

from portal.core import queue
from portal.core.db import let_go, transaction
from portal.core.log import get_logger
from portal.core.scope import unscoped
from portal.factory import create_app

log = get_logger(__name__)

EVERY_SECONDS = 30
# While there was something to ring for, the next look comes sooner: there may be more.
SOON_SECONDS = 3
ALARM_SECONDS = 0.5
# A row that waits for long is rung for again, since nobody knows whether its bell was lost. Without
# a bound a backlog of minutes is rung for faster than it is worked off, until the workers hear
# little else than second bells of rows that are done.
MOST_BELLS = 200


def sweep() -> int:
    """Ring for due rows, the oldest first, as many as may wait to be heard; the number rung."""
    with unscoped("the sweeper serves every reseller's outbox"):
        with transaction():
            rows = queue.due()
            coming = queue.due_soon()
        queue.set_alarms(coming)
        waiting = queue.bells_waiting()
        audible = []
        for row_id, task in rows:
            if waiting.get(task.queue, MOST_BELLS) < MOST_BELLS:
                waiting[task.queue] += 1
                audible.append((row_id, task))
        # Where one ring fails the next would, after the same wait: try again in the next round.
        heard = takewhile(lambda row: queue.ring(*row), audible)
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
        pause_seconds = EVERY_SECONDS
        with app.app_context():
            try:
                rung = sweep()
                if rung:
                    log.info("swept", rung=rung)
                    pause_seconds = SOON_SECONDS
            except Exception:
                log.exception("sweep_failed")
            finally:
                let_go()
            next_sweep = time.monotonic() + pause_seconds
            while not stop.wait(ALARM_SECONDS) and time.monotonic() < next_sweep:
                with app.app_context():
                    queue.ring_alarms()
    sys.exit(0)


if __name__ == "__main__":
    main()
