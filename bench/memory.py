"""What a process that was forked has for itself: the pages that it still shares with its parent are not its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOOK_SECONDS = 0.05


@contextmanager
def largest_child() -> Iterator[list[float]]:
    """The most megabytes that one child had at a time, while the block lasts; looked at again and again."""
    most, over = [0.0], threading.Event()

    def look() -> None:
        while not over.wait(LOOK_SECONDS):
            most[0] = max([most[0], *(_own_megabytes(pid) for pid in _children())])

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield most
    finally:
        over.set()
        thread.join()


def _children() -> list[str]:
    tasks = Path("/proc/self/task").glob("*/children")
    return [pid for children in tasks for pid in children.read_text().split()]


def _own_megabytes(pid: str) -> float:
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:  # it is over
        return 0.0
    own = (line.split() for line in rollup.splitlines() if line.startswith("Private_"))
    return sum(int(words[1]) for words in own) / 1_000
